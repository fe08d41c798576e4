import { clusterMs } from '@lockstep/vr-core';
import type { LockOutcome } from './outcomes';
import { positionOf } from './queue';
import type { LockTables, RequestRow } from './tables';

/** What is to be told of a request as it stands: to who asks again under its name, and to who asked first. */
export function answerFor(tables: LockTables, request: string, row: RequestRow): LockOutcome {
  if (row.state === 'queued') {
    return { kind: 'queued', request, position: positionOf(tables, row) };
  }
  return row.state === 'granted'
    ? grantedOutcome(request, row)
    : { kind: 'finished', request, state: row.state };
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
