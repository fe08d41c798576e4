import { clusterMs } from '@lockstep/vr-core';
import { holdKey } from '../model/keys';
import type { LockOutcome } from '../outcomes';
import { positionOf } from '../queue/queue';
import type { LockTables, RequestRow } from '../model/tables';

/** What is to be told of a request as it stands: to who asks again under its name, and to who asked first. */
export function answerFor(tables: LockTables, request: string, row: RequestRow): LockOutcome {
  const state = stateNow(tables, row);
  if (state === 'queued') {
    return { kind: 'queued', request, position: positionOf(tables, row) };
  }
  return state === 'granted' ? grantedOutcome(request, row) : { kind: 'finished', request, state };
}

/** A conversion that was granted is a part of what it has changed, and released with it, or with the next change. */
export function stateNow(tables: LockTables, row: RequestRow): RequestRow['state'] {
  const { kind, state, items } = row;
  const [item] = items;
  if (kind !== 'conversion' || state !== 'granted' || item?.fence === undefined) return state;
  const hold = tables.holds.get(holdKey(item.lock, item.fence));
  return hold === undefined ? 'released' : state;
}

export function grantedOutcome(request: string, row: RequestRow): LockOutcome {
  const grants = row.items.map(({ lock, mode, permits, fence }) => {
    if (fence === undefined) throw new RangeError(`${request} is granted without a fence`);
    return { lock, mode, permits, fence };
  });
  const { maxHoldMs, sinceMs } = row;
  const deadlineMs = clusterMs(maxHoldMs === undefined ? 0 : sinceMs + maxHoldMs);
  return { kind: 'granted', request, grants, sinceMs, deadlineMs };
}
