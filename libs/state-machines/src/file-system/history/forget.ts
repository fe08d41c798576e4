import { keyU32, type ByteString } from '@lockstep/vr-core';
import type { FileTables } from '../model/tables';

/** What the rows of a volume are deleted from. */
interface Rows {
  first(prefix: ByteString): ByteString | undefined;
  delete(at: ByteString): unknown;
}

/** The history of a volume that is gone goes too, so many rows at most. Gives how many they were. */
export function forgetSome(tables: FileTables, volume: number, most: number): number {
  const { snapshots } = tables;
  const all: readonly Rows[] = [
    ...[tables.history, tables.historyLog, tables.snapshotOps].map((table) => ({
      first: (prefix: ByteString) => table.next(prefix)?.[0],
      delete: (at: ByteString) => table.delete(at),
    })),
    {
      first: (prefix) => snapshots.firstIn(prefix)?.[0],
      delete: (at) => {
        snapshots.delete(at);
      },
    },
  ];
  let left = most;
  for (const rows of all) left -= deleteSome(rows, keyU32(volume), left);
  if (left > 0) tables.histories.free(volume);
  return most - left;
}

function deleteSome(rows: Rows, prefix: ByteString, most: number): number {
  for (let deleted = 0; deleted < most; deleted += 1) {
    const at = rows.first(prefix);
    if (at?.startsWith(prefix) !== true) return deleted;
    rows.delete(at);
  }
  return most;
}
