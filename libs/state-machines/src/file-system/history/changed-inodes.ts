import type { Ino } from '../model/inode-type';
import type { FileTables } from '../model/tables';
import { TABLE, type TableKey } from './image-key';
import { keptOf, LOG, logAt, logOf, type Log } from './log-key';
import type { PastState } from './past-state';
import { decodeWindowRow } from './window-row';

/** Inodes above `after` that may differ between two states, by number, each once. */
export function* changedInodes(
  tables: FileTables,
  one: PastState,
  other: PastState,
  after: Ino,
): Iterable<Ino> {
  const [older, newer] = one.op <= other.op ? [one, other] : [other, one];
  const changed = new Set<Ino>();
  for (const key of changedKeys(tables, older, newer)) {
    const { table, ino } = key;
    if (table === TABLE.inodes && ino > after && ino < older.births) changed.add(ino);
  }
  yield* [...changed].sort((a, b) => a - b);
  // All that were made in between, of other volumes too: they have no images.
  for (let ino = Math.max(after + 1, older.births); ino < newer.births; ino += 1) yield ino;
}

/** What has images of the ops after the older state, up to the newer. */
function* changedKeys(
  { historyLog }: FileTables,
  older: PastState,
  newer: PastState,
): Iterable<TableKey> {
  const rows = (log: Log) => {
    const start = logOf(older.volume, log);
    return historyLog.range(logAt(start, older.op + 1), logAt(start, newer.op + 1));
  };
  for (const [at] of rows(LOG.kept)) yield keptOf(at);
  for (const [, row] of rows(LOG.window)) yield* decodeWindowRow(row).keys;
}
