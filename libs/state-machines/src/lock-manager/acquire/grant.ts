import { clusterMs } from '@lockstep/vr-core';
import { publish } from '../events';
import type { Execution } from '../model/execution';
import { mintFence } from '../model/fence';
import { takePermits } from '../semaphore/semaphore';
import { holdKey, nameKey, sessionHoldKey } from '../model/keys';
import type { HoldRow, RequestedLock, RequestRow } from '../model/tables';
import { claimTimer, maxHoldTimer } from '../ending/timer-keys';
import { changeHold } from './uses';

/**
 * The request holds its locks from now on. Its row is returned, with the fences they are known by. `waited`: it comes out
 * of a queue, so whoever asked may be gone by now, and may have said how long to wait for a sign of life.
 */
export function grant(
  execution: Execution,
  name: string,
  asked: RequestRow,
  waited: boolean,
): RequestRow {
  const { tables, context } = execution;
  const items = asked.items.map((item) => hold(execution, name, asked, item));
  const { maxHoldMs } = asked;
  const claimMs = waited ? asked.claimMs : undefined;
  const { clusterMs: sinceMs } = context;
  const granted: RequestRow = { ...asked, state: 'granted', sinceMs, items, claimMs };
  tables.requests.put(nameKey(name), granted);
  if (maxHoldMs !== undefined) {
    context.timers.set(maxHoldTimer(name), clusterMs(sinceMs + maxHoldMs));
  }
  if (claimMs !== undefined) {
    context.timers.set(claimTimer(name), clusterMs(sinceMs + claimMs));
  }
  return granted;
}

function hold(
  { tables, context }: Execution,
  name: string,
  { session, owner }: RequestRow,
  { lock, mode, permits }: RequestedLock,
): RequestedLock {
  const fence = mintFence(tables);
  const row: HoldRow = {
    requests: [name],
    session,
    owner,
    mode,
    permits,
    sinceMs: context.clusterMs,
    breaking: undefined,
  };
  tables.holds.put(holdKey(lock, fence), row);
  tables.sessionHolds.put(sessionHoldKey(row, lock, fence), { request: name, mode });
  changeHold(tables, row, lock, mode, 1);
  if (mode === 'permit') takePermits(tables, lock, permits);
  publish(context, { kind: 'lock.granted', request: name, lock, session, owner, mode, fence });
  context.charge(1);
  return { lock, mode, permits, fence };
}
