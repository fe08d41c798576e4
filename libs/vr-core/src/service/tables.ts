import type { ByteString } from '../encoding/byte-string';
import type { BlockAddress, Differences, NamedBlock, PageAddress } from './merkle-block';
import type { ChangedPage, Snapshot } from './snapshot';

/**
 * The state store a state machine keeps everything in: named tables of bytes. The store owns pages, undo,
 * checkpoints, hashes and transfer; the state machine owns what the bytes mean. (VRR §5.1; decision 12)
 *
 * Rules that make paging free for every plug-in:
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

/**
 * Values that are given out stay what they were, also when another is put under their key, it is deleted, or that is
 * undone. Each may be a view that keeps a page of some 5 KB in memory: copy what is kept from one operation to the next.
 */
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

/**
 * What the core asks of its store beyond the tables: undo, a digest of everything, and the state as pages under one
 * Merkle root, to be kept, compared and loaded again. (VRR §5.1, §5.2)
 */
export interface StateStore {
  /** The tables of one owner (a plug-in or a core service); names of different owners never meet. */
  tablesOf(owner: string): Tables;
  /** Number of entries of a table, by its full name `owner/name`; 0 when there is none. Makes none. */
  sizeOf(table: string): number;
  /** From here on writes are journalled; savepoints nest. */
  savepoint(): Savepoint;
  /** A digest of the tables of one owner, or of all: equal states have equal digests, whatever made them. */
  digest(owner?: string): ByteString;
  /** The state as it is now, to be encoded while operations go on. One at a time, and none inside an operation. */
  freeze(): Snapshot;
  /** Root of the snapshot that was closed last, or of what was rehashed since; before the first, that of no tables. */
  readonly root: ByteString;
  /**
   * A block of the state that `root` names; its bytes have the hash that the block above it names. Undefined where there
   * is none, and for a page that has changed since: such a page is where the snapshot's pages are kept.
   */
  block(address: BlockAddress): Uint8Array | undefined;
  /** Every page of the state that `root` names: nothing may have been executed since that was made. */
  pages(): Iterable<ChangedPage>;
  /**
   * In what another state, of which `bytes` are one block, differs from the one that `root` names. The walk begins at
   * `rootBlock` of its root and goes on with what is `wanted` until that is only pages. Throws `Malformed` when the bytes
   * do not have the hash of the block, are no block, or speak of other tables than ours.
   *
   * When the pages are to be loaded here, `root` must be that of the state as it is: close a snapshot, or `rehash`, first.
   */
  differences(block: NamedBlock, bytes: Uint8Array): Differences;
  /**
   * Replaces one page of a table that was asked for before; without bytes the page is given up. Bytes are copied. Throws
   * `Malformed`, and changes nothing, when they are no page of that table. Until `rebuild` no table is to be used.
   */
  loadPage(table: string, page: number, bytes: Uint8Array | undefined): void;
  /**
   * Makes `root` that of the pages as they are now, also in the middle of loading, and gives it. Loaded pages count as
   * kept elsewhere; pages changed here and not loaded are in the next snapshot all the same.
   */
  rehash(): ByteString;
  /** These pages, or all, are no longer kept elsewhere: they are in the next snapshot, changed or not. */
  loseKept(pages: readonly PageAddress[] | 'all'): void;
  /** The hash of a page of the state that `root` names; undefined where there is none. */
  pageHash(page: PageAddress): ByteString | undefined;
  /**
   * Ends the loading: `rehash`, and sizes and free pages as if the operations had been executed here. Throws `Malformed`
   * with the table's name when its pages are not one whole table; the loading may go on with what is missing.
   */
  rebuild(): ByteString;
}

export interface Savepoint {
  /** Undoes every write since the savepoint was made, nested ones included, and ends it. */
  rollback(): void;
  /** Keeps the writes and ends the savepoint. */
  release(): void;
}
