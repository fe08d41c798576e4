import { keepShut } from './delay';
import { endWait } from './end-wait';
import { publish, type Cause } from '../events';
import type { Execution } from '../model/execution';
import type { FinishedState } from '../outcomes';
import { ancestorsOf } from '../model/path';
import { heldItems, holdOf, requestOf, type HeldItem } from '../acquire/request';
import { finish, forget } from './retention';
import { givePermits } from '../semaphore/semaphore';
import { holdKey, ownLockKey, sessionHoldKey } from '../model/keys';
import type { RequestRow } from '../model/tables';
import { breakTimer, claimTimer, maxHoldTimer } from './timer-keys';
import { changeHold } from '../acquire/uses';

/** How a hold ends. `lockDelayMs`: how long the lock stays shut because its holder was lost. */
export interface HoldEnd {
  readonly cause: Cause;
  readonly lockDelayMs: number;
}

export const GIVEN_BACK: HoldEnd = { cause: 'released', lockDelayMs: 0 };

const states: Readonly<Record<Cause, FinishedState | 'forgotten'>> = {
  released: 'released',
  transferred: 'released',
  'max-hold': 'expired',
  broken: 'broken',
  unclaimed: 'unclaimed',
  deadlock: 'deadlock',
  // Nobody is left who may ask what became of it.
  'session-expired': 'forgotten',
  'session-closed': 'forgotten',
};

/** All that the request still holds is free. The locks that have become freer are returned. */
export function endHolds(
  execution: Execution,
  name: string,
  request: RequestRow,
  end: HoldEnd,
): readonly string[] {
  const held = heldItems(execution.tables, name, request);
  const freed = held.flatMap((item) => endItem(execution, request, item, end));
  settle(execution, name, request, end.cause);
  return freed;
}

/** One of the locks of a request is free; the request goes on with the others, if there are any. */
export function endHold(
  execution: Execution,
  name: string,
  request: RequestRow,
  item: HeldItem,
  end: HoldEnd,
): readonly string[] {
  const freed = endItem(execution, request, item, end);
  if (heldItems(execution.tables, name, request).length === 0) {
    settle(execution, name, request, end.cause);
  }
  return freed;
}

function endItem(
  execution: Execution,
  request: RequestRow,
  { lock, mode, permits, fence, hold }: HeldItem,
  { cause, lockDelayMs }: HoldEnd,
): readonly string[] {
  const { tables, context } = execution;
  const { session, owner } = request;
  const row = hold ?? holdOf(tables, lock, fence);
  tables.holds.delete(holdKey(lock, fence));
  tables.sessionHolds.delete(sessionHoldKey(request, lock, fence));
  const waiters = changeHold(tables, request, lock, mode, -1);
  if (mode === 'permit') givePermits(tables, lock, permits);
  if (row.breaking !== undefined) context.timers.cancel(breakTimer(lock, fence));
  const [name, ...nested] = row.requests as [string, ...string[]];
  publish(context, {
    kind: 'lock.released',
    request: name,
    lock,
    session,
    owner,
    mode,
    fence,
    cause,
  });
  context.charge(1);
  for (const inner of nested) end(execution, inner, requestOf(tables, inner), cause);
  const sinceMs = row.sinceMs + (request.minHoldMs ?? 0);
  keepShut(execution, lock, mode, Math.max(sinceMs, context.clusterMs + lockDelayMs));
  const freed = [lock, ...ancestorsOf(lock)];
  // A conversion of this hold would wait here.
  return waiters === 0
    ? freed
    : [...freed, ...endConversion(execution, request, lock, fence, cause)];
}

/** What was to be made of the hold has no object any more. */
function endConversion(
  execution: Execution,
  owner: RequestRow,
  lock: string,
  fence: bigint,
  cause: Cause,
): readonly string[] {
  const { tables } = execution;
  for (const [, name] of tables.sessionWaits.in(ownLockKey(owner, lock))) {
    const waiting = requestOf(tables, name);
    if (waiting.converts === fence) return endWait(execution, name, waiting, cause);
  }
  return [];
}

/** The request holds nothing more. */
function settle(
  { tables, context }: Execution,
  name: string,
  request: RequestRow,
  cause: Cause,
): void {
  if (request.maxHoldMs !== undefined) context.timers.cancel(maxHoldTimer(name));
  if (request.claimMs !== undefined) context.timers.cancel(claimTimer(name));
  end({ tables, context }, name, request, cause);
}

function end(execution: Execution, name: string, request: RequestRow, cause: Cause): void {
  const state = states[cause];
  if (state === 'forgotten') forget(execution, name);
  else finish(execution, name, request, state);
}
