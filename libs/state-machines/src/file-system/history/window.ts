import type { ByteString, Entry, ReadContext } from '@lockstep/vr-core';
import { InodeTable } from '../model/inode-table';
import type { FileTables } from '../model/tables';
import type { Volume } from '../model/volume';
import { changeHistory, NOTHING_KEPT, readHistory, type HistoryRecord } from './history-record';
import { imageKeyOf } from './image-key';
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

/** Images that changes have made too old leave the window: at most twice as many as came, and 2. Gives how many. */
export function trimAfter(
  tables: FileTables,
  volume: Volume,
  moment: ReadContext,
  made: number,
): number {
  const history = readHistory(tables.histories, volume.id);
  if (history === undefined || !isFull(volume, moment, history)) return 0;
  return trimWindow(tables, volume, moment, 2 * made + 2);
}

/** Whether there may be something too old: no op of the window is below the floor. */
function isFull(
  volume: Volume,
  { opNumber, clusterMs }: ReadContext,
  { bytes, floor, oldestMs }: HistoryRecord,
): boolean {
  if (bytes > volume.historyBytes || !hasWindow(volume)) return true;
  return floor < opNumber - volume.historyOps || oldestMs <= clusterMs - volume.historyMs;
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
  let { bytes, floor, oldestMs } = history;
  let trimmed = 0;
  for (const [at, row] of tooOld(tables, volume, moment, { bytes, most })) {
    leaveWindow(tables, volume.id, history, [at, row]);
    bytes -= row.bytes;
    oldestMs = row.atMs;
    floor = Math.max(floor, opOf(at));
    trimmed += row.keys.length;
  }
  if (trimmed > 0) changeHistory(tables.histories, volume.id, { bytes, floor, oldestMs });
  return trimmed;
}

type LoggedRow = readonly [at: ByteString, row: WindowRow];

/** The oldest rows, with a few more than `most` images at most; found at once, which is half of the work. */
function tooOld(
  { historyLog }: FileTables,
  volume: Volume,
  moment: ReadContext,
  { bytes, most }: { readonly bytes: number; readonly most: number },
): readonly LoggedRow[] {
  const window = logOf(volume.id, LOG.window);
  const found: LoggedRow[] = [];
  let [bytesLeft, images] = [bytes, 0];
  for (const [at, value] of historyLog.range(window)) {
    if (images >= most || !at.startsWith(window)) break;
    const row = decodeWindowRow(value);
    if (!isTooOld(volume, moment, bytesLeft, { op: opOf(at), atMs: row.atMs })) break;
    found.push([at, row]);
    bytesLeft -= row.bytes;
    images += row.keys.length;
  }
  return found;
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
  [at, { keys }]: LoggedRow,
): void {
  const op = opOf(at);
  tables.historyLog.delete(at);
  for (const key of keys) {
    const image = imageKeyOf(volume, key, op);
    if (snapshots > 0 && isNeeded(tables, image))
      tables.historyLog.put(keptKey(volume, op, key), NOTHING);
    else tables.history.delete(image);
  }
}
