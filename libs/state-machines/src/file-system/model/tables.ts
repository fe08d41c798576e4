import type { Ordered, Records, Tables } from '@lockstep/vr-core';
import { typedTable, type TypedTable } from '../../table/typed-table';
import { volumeShape, type Volume } from './volume';
import { INODE_BYTES } from './inode';

/**
 * Everything the file service knows, of all volumes.
 *
 * | table    | key                      | value                                                     |
 * | -------- | ------------------------ | --------------------------------------------------------- |
 * | inodes   | ino                      | the record of 128 bytes                                   |
 * | dentries | parent, name             | ino and type; under the empty name a directory's own name |
 * | extra    | ino, kind, key           | what the record has no room for                           |
 * | counters | name                     | numbers that are never used twice                         |
 * | volumes  | name                     | its root, rules and limits                                |
 */
export interface FileTables {
  readonly inodes: Records;
  /** The same, past whoever keeps what records were like: what is below a directory has no history. */
  readonly usages: Records;
  readonly dentries: Ordered;
  readonly extra: Ordered;
  readonly counters: Ordered;
  readonly volumes: TypedTable<Volume>;
  readonly history: Ordered;
  readonly historyLog: Ordered;
  readonly histories: Records;
  readonly snapshots: TypedTable<Snapshot>;
  readonly snapshotOps: Ordered;
}

export function fileTables(tables: Tables): FileTables {
  const inodes = tables.records('inodes', INODE_BYTES);
  return {
    inodes,
    usages: inodes,
    dentries: tables.ordered('dentries'),
    extra: tables.ordered('extra'),
    counters: tables.ordered('counters'),
    volumes: typedTable(tables.ordered('volumes'), volumeShape),
    history: tables.ordered('history'),
    historyLog: tables.ordered('historyLog'),
    histories: tables.records('histories', HISTORY_BYTES),
    snapshots: typedTable(tables.ordered('snapshots'), snapshotShape),
    snapshotOps: tables.ordered('snapshotOps'),
  };
}
