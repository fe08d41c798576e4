import type { ByteString } from '../encoding/byte-string';
import { keyU64 } from '../encoding/key';
import { Writer } from '../encoding/writer';
import type { HashFunction } from '../state/log-entry';
import { OrderedTable } from './ordered-table';
import { RecordTable } from './record-table';
import type { Ordered, Records, Savepoint, StateStore, Tables } from './tables';
import { UndoJournal } from './undo-journal';

const DIGEST_CHUNK_BYTES = 1 << 16;

/**
 * The state of one replica, in memory: tables of every owner, one journal of undo over all of them, and digests.
 *
 * Checkpoints belong here and nowhere above: slabs and tree nodes are of page size and change only inside this folder,
 * so page numbers, copy-on-write and a hash for each page can be added behind `Tables` without any plug-in
 * knowing. (VRR §5.1; decision 12)
 */
export function createStateStore(hash: HashFunction): StateStore {
  return new MemoryStore(hash);
}

class MemoryStore implements StateStore {
  private readonly hash: HashFunction;
  private readonly journal = new UndoJournal();
  private readonly owners = new Map<string, OwnedTables>();

  constructor(hash: HashFunction) {
    this.hash = hash;
  }

  tablesOf(owner: string): Tables {
    let tables = this.owners.get(owner);
    if (tables === undefined) {
      tables = new OwnedTables(owner, this.journal);
      this.owners.set(owner, tables);
    }
    return tables;
  }

  savepoint(): Savepoint {
    return this.journal.savepoint();
  }

  digest(owner?: string): ByteString {
    const digest = new ChunkedDigest(this.hash);
    const names = owner === undefined ? [...this.owners.keys()].sort() : [owner];
    for (const name of names) this.owners.get(name)?.digestInto(digest);
    return digest.finish();
  }
}

class OwnedTables implements Tables {
  private readonly owner: string;
  private readonly journal: UndoJournal;
  private readonly byName = new Map<string, OrderedTable | RecordTable>();

  constructor(owner: string, journal: UndoJournal) {
    this.owner = owner;
    this.journal = journal;
  }

  records(name: string, recordBytes: number): Records {
    const table = this.byName.get(name) ?? new RecordTable(recordBytes, this.journal);
    if (!(table instanceof RecordTable) || table.recordBytes !== recordBytes)
      throw new TypeError(`table ${this.owner}/${name} is of another kind`);
    this.byName.set(name, table);
    return table;
  }

  ordered(name: string): Ordered {
    const table = this.byName.get(name) ?? new OrderedTable(this.journal);
    if (!(table instanceof OrderedTable))
      throw new TypeError(`table ${this.owner}/${name} is of another kind`);
    this.byName.set(name, table);
    return table;
  }

  digestInto(digest: ChunkedDigest): void {
    for (const name of [...this.byName.keys()].sort()) {
      const table = this.byName.get(name) as OrderedTable | RecordTable;
      digest.table(this.owner, name, table.size);
      if (table instanceof RecordTable)
        for (const [index, record] of table.entries()) digest.entry(keyU64(index), record);
      else for (const [key, value] of table.range('' as ByteString)) digest.entry(key, value);
    }
  }
}

/** A chain of hashes over chunks, cut where the content says, so that only content decides the result. */
class ChunkedDigest {
  private readonly hash: HashFunction;
  private writer = new Writer(DIGEST_CHUNK_BYTES);
  private chunkBytes = 0;

  constructor(hash: HashFunction) {
    this.hash = hash;
  }

  table(owner: string, name: string, size: number): void {
    this.writer.text(owner);
    this.writer.text(name);
    this.writer.varint(size);
  }

  entry(key: ByteString, value: Uint8Array): void {
    this.writer.byteString(key);
    this.writer.bytes(value);
    this.chunkBytes += key.length + value.length;
    if (this.chunkBytes >= DIGEST_CHUNK_BYTES) this.cut();
  }

  finish(): ByteString {
    return this.hash(this.writer.finish());
  }

  private cut(): void {
    const sofar = this.hash(this.writer.finish());
    this.writer = new Writer(DIGEST_CHUNK_BYTES);
    this.writer.byteString(sofar);
    this.chunkBytes = 0;
  }
}
