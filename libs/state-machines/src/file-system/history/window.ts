import type { ByteString, Entry, ReadContext } from '@lockstep/vr-core';
import { InodeTable } from '../model/inode-table';
import type { FileTables } from '../model/tables';
import type { Volume } from '../model/volume';
import { changeHistory, NOTHING_KEPT, readHistory, type HistoryRecord } from './history-record';
import { imageKey, imagesOf } from './image-key';
import { keptKey, LOG, logOf, opOf } from './log-key';
import { isNeeded } from './snapshot-table';
import { decodeWindowRow, type WindowRow } from './window-row';

const NOTHING = new Uint8Array(0);

/** Whether states of the past can be read that no snapshot keeps. */
export const hasWindow = ({ historyOps, historyBytes, historyMs }: Volume): boolean =>
  historyOps > 0 && historyBytes > 0 && historyMs > 0;

/** The oldest op as of which a volume can be read in which nothing was changed since it was made. */
export const firstFloor = (tables: FileTables, { root }: Volume): number =>
  new InodeTable(tables).get(root).changedOp;

/** The oldest op as of which the volume can be read, snapshots aside; undefined: only as it is now. */
export function oldestReadable(tables: FileTables, volume: Volume): number | undefined {
  const history = readHistory(tables.histories, volume.id);
  if (history === undefined) return hasWindow(volume) ? firstFloor(tables, volume) : undefined;
  return history.floor === NOTHING_KEPT ? undefined : history.floor;
}

/** Cluster time of the oldest op in the window. */
export function oldestMs(tables: FileTables, volume: number): number | undefined {
  const oldest = oldestRow(tables, volume);
  return oldest && decodeWindowRow(oldest[1]).atMs;
}

/**
 * Images that are too old leave the window, a few more than `most` at most: the ops they were of can no longer be read.
 * Gives how many they were.
 */
export function trimWindow(
  tables: FileTables,
  volume: Volume,
  moment: ReadContext,
  most: number,
): number {
  const history = readHistory(tables.histories, volume.id);
  if (history === undefined) return 0;
  let { bytes, floor } = history;
  let trimmed = 0;
  while (trimmed < most) {
    const oldest = oldestRow(tables, volume.id);
    if (oldest === undefined) break;
    const row = decodeWindowRow(oldest[1]);
    if (!isTooOld(volume, moment, bytes, { op: opOf(oldest[0]), atMs: row.atMs })) break;
    leaveWindow(tables, volume.id, history, [oldest[0], row]);
    bytes -= row.bytes;
    floor = Math.max(floor, opOf(oldest[0]));
    trimmed += row.keys.length;
  }
  if (trimmed > 0) changeHistory(tables.histories, volume.id, { bytes, floor });
  return trimmed;
}

function oldestRow({ historyLog }: FileTables, volume: number): Entry | undefined {
  const window = logOf(volume, LOG.window);
  const row = historyLog.next(window);
  return row?.[0].startsWith(window) === true ? row : undefined;
}

function isTooOld(
  volume: Volume,
  { opNumber, clusterMs }: ReadContext,
  bytes: number,
  { op, atMs }: { readonly op: number; readonly atMs: number },
): boolean {
  if (!hasWindow(volume)) return true;
  const { historyOps, historyBytes, historyMs } = volume;
  return op <= opNumber - historyOps || bytes > historyBytes || atMs <= clusterMs - historyMs;
}

/** An image stays when a snapshot is made of it. */
function leaveWindow(
  tables: FileTables,
  volume: number,
  { snapshots }: HistoryRecord,
  [at, { keys }]: readonly [ByteString, WindowRow],
): void {
  tables.historyLog.delete(at);
  for (const key of keys) {
    const image = imageKey(imagesOf(volume, key), opOf(at));
    if (snapshots > 0 && isNeeded(tables, image))
      tables.historyLog.put(keptKey(volume, opOf(at), key), NOTHING);
    else tables.history.delete(image);
  }
}
