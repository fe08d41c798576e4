import type { Ordered, Records, Tables } from '@lockstep/vr-core';
import { typedTable, type TypedTable } from '../../table/typed-table';
import { lockRowShape, type LockRow } from './advisory-lock';
import { handleShape, type Handle } from './handle';
import { volumeShape, type Volume } from './volume';
import { HISTORY_BYTES } from '../history/history-record';
import { snapshotShape, type Snapshot } from '../history/snapshot-row';
import { INODE_BYTES } from './inode';
import { transientShape, type Transient } from './lifespan';
import { SPACE_BYTES } from './space';
import { purgeShape, type Purge } from './purge';
import { trashRowShape, type TrashRow } from './trash-row';

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
 * | space    | id of a volume           | how many inodes and bytes it holds                        |
 * | handles  | session, number          | what is open, and for what                                |
 * | opens    | ino, session, number     | nothing: which handles an inode is kept for               |
 * | openers  | session                  | how many handles it has                                   |
 * | locks    | ino, kind, start, owner  | an advisory lock                                          |
 * | lockers  | session, ino             | nothing: on what a session has locks                      |
 * | trash    | volume, owner, number    | where an entry of the hidden directory comes from         |
 * | purges   | volume, number           | a tree that was taken away and is not gone yet            |
 * | ephemerals | session, ino           | what goes when a session ends                             |
 * | expiries | cluster time, ino        | what may go then, when nothing has changed it             |
 *
 * What they were like before (`inodes`, `dentries` and `extra`, all in `history/`):
 *
 * | table       | key                                      | value                                              |
 * | ----------- | ---------------------------------------- | -------------------------------------------------- |
 * | history     | volume, inode, table, rest of the key, op | what was there before the op; nothing of nothing   |
 * | historyLog  | volume, log, op, inode, table, rest       | when the op was, and which inodes it found         |
 * | histories   | volume                                   | how far back its history reaches                   |
 * | snapshots   | volume, name                             | the op whose state it keeps                        |
 * | snapshotOps | volume, order, op, name                  | nothing: snapshots by op                           |
 */
export interface FileTables {
  readonly inodes: Records;
  /** The same, past whoever keeps what records were like: what is below a directory has no history. */
  readonly usages: Records;
  readonly dentries: Ordered;
  readonly extra: Ordered;
  readonly counters: Ordered;
  readonly volumes: TypedTable<Volume>;
  readonly space: Records;
  readonly handles: TypedTable<Handle>;
  readonly opens: Ordered;
  readonly openers: Ordered;
  readonly locks: TypedTable<LockRow>;
  readonly lockers: Ordered;
  readonly trash: TypedTable<TrashRow>;
  readonly purges: TypedTable<Purge>;
  readonly ephemerals: TypedTable<Transient>;
  readonly expiries: TypedTable<Transient>;
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
    space: tables.records('space', SPACE_BYTES),
    handles: typedTable(tables.ordered('handles'), handleShape),
    opens: tables.ordered('opens'),
    openers: tables.ordered('openers'),
    locks: typedTable(tables.ordered('locks'), lockRowShape),
    lockers: tables.ordered('lockers'),
    trash: typedTable(tables.ordered('trash'), trashRowShape),
    purges: typedTable(tables.ordered('purges'), purgeShape),
    ephemerals: typedTable(tables.ordered('ephemerals'), transientShape),
    expiries: typedTable(tables.ordered('expiries'), transientShape),
    history: tables.ordered('history'),
    historyLog: tables.ordered('historyLog'),
    histories: tables.records('histories', HISTORY_BYTES),
    snapshots: typedTable(tables.ordered('snapshots'), snapshotShape),
    snapshotOps: tables.ordered('snapshotOps'),
  };
}
