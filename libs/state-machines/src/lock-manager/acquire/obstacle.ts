import { type ByteString } from '@lockstep/vr-core';
import { conflictsOf, MODES, type Mode } from '../model/compatibility';
import { needsBeyond, type Need } from './needs';
import { ownUses } from './own-uses';
import { permitsLeft } from '../semaphore/semaphore';
import { PLACE_BYTES, placeOf, queueOf } from '../model/keys';
import type { Owner } from '../model/owner';
import type { LockRow, LockTables, RequestRow } from '../model/tables';
import { lockRowOf, useOf } from './uses';

/**
 * What keeps a request from being granted: another owner uses a lock in a mode that excludes it, a lost holder still
 * does, all permits are out, or others who want the lock came first.
 */
export interface Obstacle {
  readonly why: 'held' | 'delayed' | 'waited';
  readonly need: Need;
}

/** The first thing in the way of granting all of it now, from its place in the queues; undefined when nothing is. */
export function obstacleTo(
  tables: LockTables,
  request: RequestRow,
  place = placeOf(request),
): Obstacle | undefined {
  for (const need of needsBeyond(tables, request, request.items)) {
    const why = obstacleAt(tables, request, need, place);
    if (why !== undefined) return { why, need };
  }
  return undefined;
}

function obstacleAt(
  tables: LockTables,
  owner: Owner,
  need: Need,
  place: ByteString,
): Obstacle['why'] | undefined {
  const row = lockRowOf(tables, need.lock);
  if (need.permits > permitsLeftFor(tables, need)) return 'held';
  if (isUsedByOthers(tables, owner, need.lock, need.mode, row)) return 'held';
  if (isDelayed(row, need.mode)) return 'delayed';
  return row.waiters > 0 && isBehind(tables, need, place) ? 'waited' : undefined;
}

function permitsLeftFor(tables: LockTables, { lock, permits }: Need): number {
  return permits === 0 ? 0 : permitsLeft(tables, lock);
}

/** Own uses are looked for only when there is something in the way. */
function isUsedByOthers(
  tables: LockTables,
  owner: Owner,
  lock: string,
  mode: Mode,
  row: LockRow,
): boolean {
  const inTheWay = conflictsOf(mode).filter((at) => (row.uses[at]?.holders ?? 0) > 0);
  if (inTheWay.length === 0) return false;
  const own = ownUses(tables, owner, lock);
  return inTheWay.some((at) => (row.uses[at]?.holders ?? 0) > (own[at] ?? 0));
}

/** The owner that is alone in the way of everybody else who wants the lock in this mode may be that one. */
export function isSoleUser(tables: LockTables, owner: Owner, { lock, mode }: Need): boolean {
  return !isUsedByOthers(tables, owner, lock, mode, lockRowOf(tables, lock));
}

function isDelayed(row: LockRow, wanted: Mode): boolean {
  return conflictsOf(wanted).some((at) => (row.uses[at]?.delayedUntilMs ?? 0) > 0);
}

/** When the last of the delays ends that keep this mode out. */
export function delayedUntil(tables: LockTables, { lock, mode }: Need): number {
  const row = lockRowOf(tables, lock);
  const held = conflictsOf(mode).map((at) => useOf(row, MODES[at] as Mode).delayedUntilMs);
  return Math.max(0, ...held);
}

/**
 * Somebody wants the lock in a mode that excludes this one, and stands in front. Permits are given in order of arrival:
 * who wants few does not pass who wants many.
 */
function isBehind(tables: LockTables, { lock, mode, permits }: Need, place: ByteString): boolean {
  if (permits > 0 && isAhead(tables, lock, 'permit', place)) return true;
  return conflictsOf(mode).some((at) => isAhead(tables, lock, MODES[at] as Mode, place));
}

function isAhead(tables: LockTables, lock: string, mode: Mode, place: ByteString): boolean {
  const first = tables.waiters.firstIn(queueOf(lock, mode));
  return first !== undefined && placeIn(first[0]) < place;
}

/** The place at the end of a key of `waiters`. */
export function placeIn(waiterKey: ByteString): ByteString {
  return waiterKey.slice(-PLACE_BYTES) as ByteString;
}
