import type { ByteString, ReadContext } from '@lockstep/vr-core';
import { InodeTable } from '../model/inode-table';
import type { FileTables } from '../model/tables';
import type { Volume } from '../model/volume';
import { changeHistory, NOTHING_KEPT, readHistory } from './history-record';
import { imageOf, inLog, LOG, logOf, opOf } from './image-key';
import { isNeeded } from './snapshot-table';
import { msOf, STAMP_BYTES } from './stamp';

const NOTHING = new Uint8Array(0);

/** Whether states of the past can be read that no snapshot keeps. */
export const hasWindow = ({ historyOps, historyBytes, historyMs }: Volume): boolean =>
  historyOps > 0 && historyBytes > 0 && historyMs > 0;

/** The oldest op as of which a volume that nothing was changed in since it was made can be read. */
export const firstFloor = (tables: FileTables, { root }: Volume): number =>
  new InodeTable(tables).get(root).changedOp;

/** What a row of the window counts for, with its image. */
export const rowBytes = (logged: ByteString, key: ByteString, image: Uint8Array): number =>
  logged.length + STAMP_BYTES + key.length + image.length;

/**
 * Images that are too old leave the window, at most so many; the ops they were of can no longer be read. Gives how many
 * they were.
 */
export function trimWindow(
  tables: FileTables,
  volume: Volume,
  moment: ReadContext,
  most: number,
): number {
  const history = readHistory(tables.histories, volume.id);
  if (history === undefined) return 0;
  const window = logOf(volume.id, LOG.window);
  let { bytes, floor } = history;
  let left = most;
  for (; left > 0; left -= 1) {
    const oldest = tables.historyLog.next(window);
    if (!oldest?.[0].startsWith(window)) break;
    const [logged, stamp] = oldest;
    const row = { op: opOf(logged), ms: msOf(stamp) };
    if (!isTooOld(volume, moment, bytes, row)) break;
    bytes -= leaveWindow(tables, logged);
    floor = Math.max(floor, row.op);
  }
  if (left < most) changeHistory(tables.histories, volume.id, { bytes, floor });
  return most - left;
}

/** The oldest op as of which the volume can be read, snapshots aside; undefined: only as it is now. */
export function oldestReadable(tables: FileTables, volume: Volume): number | undefined {
  const history = readHistory(tables.histories, volume.id);
  if (history === undefined) return hasWindow(volume) ? firstFloor(tables, volume) : undefined;
  return history.floor === NOTHING_KEPT ? undefined : history.floor;
}

/** Cluster time of the oldest row of the window. */
export function oldestMs({ historyLog }: FileTables, volume: number): number | undefined {
  const window = logOf(volume, LOG.window);
  const oldest = historyLog.next(window);
  return oldest?.[0].startsWith(window) === true ? msOf(oldest[1]) : undefined;
}

function isTooOld(
  volume: Volume,
  { opNumber, clusterMs }: ReadContext,
  bytes: number,
  { op, ms }: { readonly op: number; readonly ms: number },
): boolean {
  if (!hasWindow(volume)) return true;
  const { historyOps, historyBytes, historyMs } = volume;
  return op <= opNumber - historyOps || bytes > historyBytes || ms <= clusterMs - historyMs;
}

/** Gives the bytes that the window has less. The image stays for a snapshot that is made of it. */
function leaveWindow(tables: FileTables, logged: ByteString): number {
  const key = imageOf(logged);
  const image = tables.history.get(key);
  if (image === undefined) throw new Error('what is in the window has an image');
  tables.historyLog.delete(logged);
  if (isNeeded(tables, key)) tables.historyLog.put(inLog(logged, LOG.kept), NOTHING);
  else tables.history.delete(key);
  return rowBytes(logged, key, image);
}
