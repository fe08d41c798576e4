import { clusterMs, keyU32, type ApplyContext } from '@lockstep/vr-core';
import type { FileTables } from '../model/tables';
import { purgeTimer } from '../trash/timer-keys';
import { readHistory } from './history-record';
import { snapshotBefore } from './snapshot-table';

/** Whether no state before the op can be read any more: what the op took away need not be there to show one. */
export function isForgotten(tables: FileTables, volume: number, op: number): boolean {
  const history = readHistory(tables.histories, volume);
  if (history === undefined) return true;
  return history.floor >= op && snapshotBefore(tables, volume, op) === undefined;
}

/** What was taken away, and was kept for the sake of the past, is purged once it is forgotten. */
export function wakePurge(tables: FileTables, volume: number, context: ApplyContext): void {
  const first = tables.purges.firstIn(keyU32(volume));
  if (first !== undefined && isForgotten(tables, volume, first[1].op))
    context.timers.set(purgeTimer(volume), clusterMs(context.clusterMs));
}
