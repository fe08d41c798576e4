import type { ByteString } from '../encoding/byte-string';
import type { HashFunction } from '../state/log-entry';
import { encodeDirectory, NO_HASH } from './merkle-block';
import type { MerkleUpdate } from './merkle-tree';
import type { ChangedPage, Snapshot } from './snapshot';
import { tableRoot, type StoredTable } from './stored-table';

/** Told when a snapshot is closed, with its directory and root; with nothing when it was abandoned. */
export type SnapshotEnded = (closed: SnapshotRoot | undefined) => void;

export interface SnapshotRoot {
  readonly directory: Uint8Array;
  readonly root: ByteString;
}

/** Pages of one table that were touched before the freeze. */
interface Part {
  readonly stored: StoredTable;
  readonly frozen: number[];
  /** How many of `frozen` have been looked at, to be encoded. */
  at: number;
  readonly hashes: Map<number, ByteString>;
}

/** What is known once all is encoded. */
interface Outcome extends SnapshotRoot {
  readonly updates: readonly MerkleUpdate[];
}

interface EncodedPage {
  readonly part: Part;
  readonly page: number;
  readonly bytes: Uint8Array | undefined;
}

export class StoreSnapshot implements Snapshot {
  private readonly hash: HashFunction;
  private readonly onEnd: SnapshotEnded;
  private readonly parts: readonly Part[];
  /** Pages that were encoded because they were about to change, not given yet. */
  private readonly early: EncodedPage[] = [];
  private left = 0;
  private partAt = 0;
  private outcome: Outcome | undefined;
  private isOpen = true;

  /** Freezes the tables, which come in the order of the directory. */
  constructor(tables: readonly StoredTable[], hash: HashFunction, onEnd: SnapshotEnded) {
    this.hash = hash;
    this.onEnd = onEnd;
    this.parts = tables.map((stored) => this.freeze(stored));
  }

  get done(): boolean {
    return this.left === 0;
  }

  get root(): ByteString {
    return this.whole().root;
  }

  encode(pagesMax: number): readonly ChangedPage[] {
    this.mustBeOpen();
    const pages: ChangedPage[] = [];
    while (pages.length < pagesMax && this.left > 0) pages.push(this.give(this.next()));
    return pages;
  }

  close(): void {
    this.mustBeOpen();
    const { updates, directory, root } = this.whole();
    this.isOpen = false;
    this.parts.forEach(({ stored }, at) => {
      stored.table.dirty.endFreeze();
      stored.tree.apply(updates[at] as MerkleUpdate);
    });
    this.onEnd({ directory, root });
  }

  abandon(): void {
    this.mustBeOpen();
    this.isOpen = false;
    for (const { stored, frozen } of this.parts) stored.table.dirty.undoFreeze(frozen);
    this.onEnd(undefined);
  }

  private freeze(stored: StoredTable): Part {
    const { dirty } = stored.table;
    const frozen = dirty.freeze((page) => this.early.push(encodeNow(part, page)));
    const part: Part = { stored, frozen, at: 0, hashes: new Map() };
    this.left += frozen.length;
    return part;
  }

  private next(): EncodedPage {
    const early = this.early.pop();
    if (early !== undefined) return early;
    for (;;) {
      const part = this.parts[this.partAt] as Part;
      if (part.at === 0) part.frozen.sort((a, b) => a - b);
      const page = part.frozen[part.at];
      if (page === undefined) this.partAt += 1;
      else {
        part.at += 1;
        if (part.stored.table.dirty.isWaiting(page)) return encodeNow(part, page);
      }
    }
  }

  private give({ part, page, bytes }: EncodedPage): ChangedPage {
    this.left -= 1;
    part.hashes.set(page, bytes === undefined ? NO_HASH : this.hash(bytes));
    return { table: part.stored.name, page, bytes };
  }

  private whole(): Outcome {
    if (!this.done) throw new Error('the snapshot is not yet encoded');
    return (this.outcome ??= this.conclude());
  }

  private conclude(): Outcome {
    const updates = this.parts.map(({ stored, hashes }) => stored.tree.updateFor(hashes));
    const roots = this.parts.map(({ stored }, at) =>
      tableRoot(stored, updates[at] as MerkleUpdate),
    );
    const directory = encodeDirectory(roots);
    return { updates, directory, root: this.hash(directory) };
  }

  private mustBeOpen(): void {
    if (!this.isOpen) throw new Error('this snapshot has ended already');
  }
}

function encodeNow(part: Part, page: number): EncodedPage {
  const { table } = part.stored;
  const bytes = table.encodePage(page);
  table.dirty.stopWaiting(page);
  return { part, page, bytes };
}
