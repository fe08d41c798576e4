import { publish } from '../events';
import type { Execution } from '../model/execution';
import { mintFence } from '../model/fence';
import { holdOf, requestOf, withItem } from '../acquire/request';
import { finish } from '../ending/retention';
import { holdKey, nameKey, sessionHoldKey } from '../model/keys';
import type { HoldRow, RequestRow } from '../model/tables';
import type { Mode } from '../model/compatibility';
import { changeMode } from '../acquire/uses';
import { breakTimer } from '../ending/timer-keys';

/** The hold is in another mode from now on: a stronger one is a new grant with a new fence. (decision 6) */
export function convertNow(execution: Execution, name: string, request: RequestRow): RequestRow {
  const item = request.items[0];
  if (item === undefined || request.converts === undefined) {
    throw new RangeError(`${name} converts nothing`);
  }
  const fence = mintFence(execution.tables);
  return change(execution, name, request, {
    lock: item.lock,
    mode: item.mode,
    from: request.converts,
    fence,
  });
}

/** A weaker mode is part of the same grant. */
export function weakenNow(execution: Execution, name: string, request: RequestRow): RequestRow {
  const item = request.items[0];
  const fence = request.converts;
  if (item === undefined || fence === undefined) throw new RangeError(`${name} converts nothing`);
  return change(execution, name, request, { lock: item.lock, mode: item.mode, from: fence, fence });
}

interface Change {
  readonly lock: string;
  readonly mode: Mode;
  /** The fence before. */
  readonly from: bigint;
  readonly fence: bigint;
}

function change(
  execution: Execution,
  name: string,
  request: RequestRow,
  { lock, mode, from, fence }: Change,
): RequestRow {
  const { tables, context } = execution;
  const { session, owner } = request;
  const before = holdOf(tables, lock, from);
  const isNew = fence !== from;
  const sinceMs = isNew ? context.clusterMs : before.sinceMs;
  const hold: HoldRow = { ...before, mode, sinceMs };
  if (before.breaking !== undefined && isNew) {
    // Who has been asked to give the lock up does not gain time by asking for more of it.
    context.timers.cancel(breakTimer(lock, from));
    context.timers.set(breakTimer(lock, fence), before.breaking.untilMs);
  }
  tables.holds.delete(holdKey(lock, from));
  tables.holds.put(holdKey(lock, fence), hold);
  tables.sessionHolds.delete(sessionHoldKey(request, lock, from));
  const first = hold.requests[0] ?? name;
  tables.sessionHolds.put(sessionHoldKey(request, lock, fence), { request: first, mode });
  changeMode(tables, request, lock, { from: before.mode, to: mode });
  const changed = { lock, mode, permits: 1, fence };
  for (const each of hold.requests) {
    tables.requests.put(nameKey(each), withItem(requestOf(tables, each), changed));
  }
  const granted: RequestRow = { ...request, sinceMs: context.clusterMs, items: [changed] };
  finish(execution, name, granted, 'granted');
  publish(context, { kind: 'lock.converted', request: name, lock, session, owner, mode, fence });
  context.charge(1);
  return granted;
}
