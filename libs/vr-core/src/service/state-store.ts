import type { ByteString } from '../encoding/byte-string';
import { Malformed } from '../encoding/malformed';
import type { HashFunction } from '../state/log-entry';
import { ContentDigest } from './content-digest';
import {
  encodeDirectory,
  NO_HASH,
  type BlockAddress,
  type Differences,
  type NamedBlock,
  type PageAddress,
  type TableRoot,
} from './merkle-block';
import { MerkleTree } from './merkle-tree';
import { differencesOf } from './merkle-walk';
import { OwnedTables } from './owned-tables';
import { PAGES_MAX } from './page-format';
import type { ChangedPage, Snapshot } from './snapshot';
import { StoreSnapshot, type SnapshotRoot } from './store-snapshot';
import { byName, inTable, tableRoot, type StoredTable } from './stored-table';
import type { Savepoint, StateStore, Tables } from './tables';
import { UndoJournal } from './undo-journal';

/**
 * The state of one replica, in memory: tables of every owner, one journal of undo over all of them, digests of their
 * content, and their pages with the Merkle tree over them. (VRR §5.1; decision 12)
 */
export function createStateStore(hash: HashFunction): StateStore {
  return new MemoryStore(hash);
}

class MemoryStore implements StateStore {
  private readonly hash: HashFunction;
  private readonly journal = new UndoJournal();
  private readonly owners = new Map<string, OwnedTables>();
  /** By full name. */
  private readonly tables = new Map<string, StoredTable>();
  private closed: SnapshotRoot;
  private isFrozen = false;
  /** Hashes of pages that were loaded since the last rebuild, by table; undefined while the state is whole. */
  private loaded: Map<string, Map<number, ByteString>> | undefined;

  constructor(hash: HashFunction) {
    this.hash = hash;
    this.closed = this.rootOf(encodeDirectory([]));
  }

  get root(): ByteString {
    return this.closed.root;
  }

  tablesOf(owner: string): Tables {
    let tables = this.owners.get(owner);
    if (tables === undefined) {
      if (owner.includes('/')) throw new TypeError(`an owner's name has no slash: ${owner}`);
      tables = new OwnedTables(owner, this.journal, (name, table) => {
        this.tables.set(name, { name, table, tree: new MerkleTree(this.hash) });
      });
      this.owners.set(owner, tables);
    }
    return tables;
  }

  sizeOf(table: string): number {
    return this.tables.get(table)?.table.size ?? 0;
  }

  savepoint(): Savepoint {
    return this.journal.savepoint();
  }

  digest(owner?: string): ByteString {
    const digest = new ContentDigest(this.hash);
    const names = owner === undefined ? [...this.owners.keys()].sort() : [owner];
    for (const name of names) this.owners.get(name)?.digestInto(digest);
    return digest.finish();
  }

  freeze(): Snapshot {
    this.mustBeStill();
    if (this.loaded !== undefined) throw new Error('the loaded pages are not yet rebuilt');
    this.isFrozen = true;
    return new StoreSnapshot(byName(this.tables), this.hash, (closed) => {
      this.isFrozen = false;
      this.closed = closed ?? this.closed;
    });
  }

  block({ table, level, index }: BlockAddress): Uint8Array | undefined {
    if (table === undefined) return level === 0 && index === 0 ? this.closed.directory : undefined;
    const stored = this.tables.get(table);
    if (stored === undefined) return undefined;
    return level === 0 ? this.pageAsClosed(stored, index) : stored.tree.blockAt(level, index);
  }

  *pages(): Iterable<ChangedPage> {
    this.mustBeStill();
    for (const { name, table, tree } of byName(this.tables))
      for (const page of tree.pagesFrom(0))
        yield { table: name, page, bytes: table.encodePage(page) };
  }

  differences(block: NamedBlock, bytes: Uint8Array): Differences {
    return differencesOf(block, bytes, this.tables, this.hash);
  }

  loadPage(table: string, page: number, bytes: Uint8Array | undefined): void {
    this.mustBeStill();
    const stored = this.tables.get(table);
    if (stored === undefined) throw new Malformed(table, 'is no table of ours');
    if (!Number.isSafeInteger(page) || page < 0 || page >= PAGES_MAX)
      throw new Malformed(table, `cannot have a page ${page}`);
    inTable(`${table} page ${page}`, () => stored.table.loadPage(page, bytes));
    this.noteLoaded(table, page, bytes === undefined ? NO_HASH : this.hash(bytes));
  }

  rehash(): ByteString {
    this.mustBeStill();
    const roots = byName(this.tables).map((stored) => this.rehashTable(stored));
    this.closed = this.rootOf(encodeDirectory(roots));
    this.loaded &&= new Map();
    return this.closed.root;
  }

  rebuild(): ByteString {
    const root = this.rehash();
    for (const { name, table } of byName(this.tables)) inTable(name, () => table.rebuild());
    this.loaded = undefined;
    return root;
  }

  loseKept(pages: readonly PageAddress[] | 'all'): void {
    for (const { table: name, page } of pages === 'all' ? this.keptPages() : pages) {
      this.loaded?.get(name)?.delete(page);
      const stored = this.tables.get(name);
      if (stored !== undefined && page < PAGES_MAX) stored.table.dirty.touch(page);
    }
  }

  pageHash({ table, page }: PageAddress): ByteString | undefined {
    const hash = this.tables.get(table)?.tree.hashAt(0, page);
    return hash === NO_HASH ? undefined : hash;
  }

  /** Those that are changed already are not among them. */
  private keptPages(): PageAddress[] {
    const pages: PageAddress[] = [];
    for (const { name: table, tree } of byName(this.tables)) {
      const kept = new Set([...tree.pagesFrom(0), ...(this.loaded?.get(table)?.keys() ?? [])]);
      for (const page of kept) pages.push({ table, page });
    }
    return pages;
  }

  /** What was loaded is not dirty: it came from where pages are kept. */
  private rehashTable(stored: StoredTable): TableRoot {
    const { name, table, tree } = stored;
    const hashes = new Map(this.loaded?.get(name));
    table.dirty.forget(hashes);
    for (const page of table.dirty.pages) hashes.set(page, this.hashOfPage(stored, page));
    const update = tree.updateFor(hashes);
    tree.apply(update);
    return tableRoot(stored, update);
  }

  private hashOfPage({ table }: StoredTable, page: number): ByteString {
    const bytes = table.encodePage(page);
    return bytes === undefined ? NO_HASH : this.hash(bytes);
  }

  /** The page, if it is still what it was when the last snapshot was closed. */
  private pageAsClosed({ table, tree }: StoredTable, page: number): Uint8Array | undefined {
    const bytes = table.encodePage(page);
    if (bytes === undefined || this.hash(bytes) !== tree.hashAt(0, page)) return undefined;
    return bytes;
  }

  private noteLoaded(table: string, page: number, hash: ByteString): void {
    this.loaded ??= new Map<string, Map<number, ByteString>>();
    const hashes = this.loaded.get(table) ?? new Map<number, ByteString>();
    hashes.set(page, hash);
    this.loaded.set(table, hashes);
  }

  private rootOf(directory: Uint8Array): SnapshotRoot {
    return { directory, root: this.hash(directory) };
  }

  /** Between operations, and with no snapshot open. */
  private mustBeStill(): void {
    if (this.isFrozen) throw new Error('a snapshot is open');
    if (this.journal.isRecording) throw new Error('an operation is under way');
  }
}
