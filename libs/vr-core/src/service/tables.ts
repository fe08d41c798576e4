import type { ByteString } from '../encoding/byte-string';

/**
 * The state store a state machine keeps everything in: named tables of bytes. The store owns pages, undo,
 * checkpoints, hashes and transfer; the state machine owns what the bytes mean. (VRR §5.1; decision 12)
 *
 * Rules that make later paging free for every plug-in:
 * - nothing that influences an outcome lives outside the tables (caches must be derivable from them);
 * - bytes handed to `put` are the store's from then on, bytes from `get` are read-only: never write into either;
 * - bytes from `edit` are written to at once, before the next call to any table, and not later;
 * - a table is asked for once, by a fixed name, when the state machine is created.
 */
export interface Tables {
  /**
   * Fixed-size records by dense index. The state machine chooses the indexes, and should stay low: a plug-in that wants
   * the lowest free one keeps a table of those it has freed.
   */
  records(name: string, recordBytes: number): Records;
  /** Values by key in bytewise order of the keys. */
  ordered(name: string): Ordered;
}

export interface Records {
  /**
   * The record at `index`, or undefined when it is free or was never used. A view of what is there now: copy what must
   * outlive a later `put` or `free` of the same index.
   */
  get(index: number): Uint8Array | undefined;
  /** Overwrites the record at `index`, or starts one there. Throws RangeError when the size is not the table's. */
  put(index: number, record: Uint8Array): void;
  /**
   * The record at `index` to be changed in place: one that was there with its bytes, or one started there, of zeros.
   * Costs less than `put`, and is undone like it.
   */
  edit(index: number): Uint8Array;
  free(index: number): void;
  /** Number of records in use. */
  readonly size: number;
}

export interface Ordered {
  get(key: ByteString): Uint8Array | undefined;
  put(key: ByteString, value: Uint8Array): void;
  /** True when there was such a key. */
  delete(key: ByteString): boolean;
  /** The lowest entry. */
  first(): Entry | undefined;
  /** The lowest entry with a key greater than `key`. */
  next(key: ByteString): Entry | undefined;
  /** Entries with from <= key < to (no upper end without `to`), in order. Do not write to the table while iterating. */
  range(from: ByteString, to?: ByteString): Iterable<Entry>;
  /** Number of entries. */
  readonly size: number;
}

export type Entry = readonly [key: ByteString, value: Uint8Array];

/** What the core asks of its store beyond the tables: undo, and a digest of everything. */
export interface StateStore {
  /** The tables of one owner (a plug-in or a core service); names of different owners never meet. */
  tablesOf(owner: string): Tables;
  /** From here on writes are journalled; savepoints nest. */
  savepoint(): Savepoint;
  /** A digest of the tables of one owner, or of all: equal states have equal digests, whatever made them. */
  digest(owner?: string): ByteString;
}

export interface Savepoint {
  /** Undoes every write since the savepoint was made, nested ones included, and ends it. */
  rollback(): void;
  /** Keeps the writes and ends the savepoint. */
  release(): void;
}
