import { key, keyU64, type ByteString, type Entry, type Ordered } from '@lockstep/vr-core';
import { getU64, putU64 } from '../model/fixed-width';
import type { FileTables } from '../model/tables';
import { imageOfKept, LOG, logOf, opOf, placeOf } from './log-key';
import { isNeeded } from './snapshot-table';

/** Images that only snapshots need, of the ops after `after` and up to `upTo`, go where no other snapshot needs them. */
export function queueRelease(
  { historyLog }: FileTables,
  volume: number,
  { after, upTo }: { readonly after: number; readonly upTo: number },
): void {
  putRelease(historyLog, volume, keyU64(after + 1), upTo);
}

/** Goes on, for at most so many images. Gives how many were looked at: fewer when there is no more to do. */
export function releaseSome(tables: FileTables, volume: number, most: number): number {
  const releases = logOf(volume, LOG.released);
  let left = most;
  while (left > 0) {
    const release = tables.historyLog.next(releases);
    if (release?.[0].startsWith(releases) !== true) break;
    left -= goOn(tables, volume, release, left);
  }
  return most - left;
}

function goOn(tables: FileTables, volume: number, [at, value]: Entry, most: number): number {
  const { historyLog } = tables;
  const kept = logOf(volume, LOG.kept);
  const upTo = getU64(value, 0);
  let place = placeOf(at);
  historyLog.delete(at);
  for (let steps = 1; steps <= most; steps += 1) {
    const row = historyLog.next(key(kept, place))?.[0];
    if (row?.startsWith(kept) !== true || opOf(row) > upTo) return steps;
    place = placeOf(row);
    releaseImage(tables, row);
  }
  putRelease(historyLog, volume, place, upTo);
  return most;
}

function releaseImage(tables: FileTables, logged: ByteString): void {
  const image = imageOfKept(logged);
  if (isNeeded(tables, image)) return;
  tables.history.delete(image);
  tables.historyLog.delete(logged);
}

/** Two that go on from the same place are one. */
function putRelease(historyLog: Ordered, volume: number, place: ByteString, upTo: number): void {
  const at = key(logOf(volume, LOG.released), place);
  const other = historyLog.get(at);
  const value = new Uint8Array(8);
  putU64(value, 0, Math.max(upTo, other === undefined ? 0 : getU64(other, 0)));
  historyLog.put(at, value);
}
