import { publish, type Cause } from './events';
import { checkSession, type Execution } from './execution';
import { grantWaiters } from './grant';
import { changeHolders } from './lock-row';
import type { Cancel, Release } from './operations';
import type { LockOutcome } from './outcomes';
import { dequeue } from './queue';
import { finish } from './retention';
import { fenceOf, holdKey, nameKey, ownersKey, sessionHoldKey, type RequestRow } from './tables';

/**
 * Gives a lock back, as often as it is said. A session that is gone holds nothing, so its release has nothing left to
 * do; a fence other than the one held is turned down, for it was meant for another grant. (locks.md I6)
 */
export function release(execution: Execution, asked: Release): LockOutcome {
  const problem = checkSession(execution, asked.session);
  if (problem === 'session-expired') return { kind: 'already-released' };
  if (problem !== undefined) return { kind: problem };

  const { tables } = execution;
  const held = tables.sessionHolds.firstIn(ownersKey(asked));
  if (held !== undefined) {
    const [at, name] = held;
    const currentFence = fenceOf(at);
    if (asked.fence !== currentFence) return { kind: 'stale-fence', currentFence };
    return endRequest(execution, name);
  }
  // A late release of an earlier grant names its fence, and must not cost the owner its new place in the queue.
  const waits = tables.sessionWaits.firstIn(ownersKey(asked));
  if (waits === undefined || asked.fence !== undefined) return { kind: 'already-released' };
  return endRequest(execution, waits[1]);
}

/** Undoes an acquire, wherever it has got to. A request that waits is never granted after this. (decision 29) */
export function cancel(execution: Execution, { request }: Cancel): LockOutcome {
  const row = execution.tables.requests.get(nameKey(request));
  if (row === undefined) return { kind: 'unknown-request' };
  const problem = checkSession(execution, row.session);
  if (problem !== undefined) return { kind: problem };
  return endRequest(execution, request);
}

/** Ends the hold or the wait of one request, because its client says so. */
function endRequest(execution: Execution, name: string): LockOutcome {
  const request = execution.tables.requests.get(nameKey(name));
  if (request === undefined) throw new RangeError(`${name} holds or waits, and is unknown`);
  const { lock, state } = request;
  switch (state) {
    case 'granted':
      endHold(execution, name, request, 'released');
      finish(execution, name, request, 'released');
      grantWaiters(execution, lock);
      return { kind: 'released' };
    case 'queued':
      endWait(execution, name, request, 'released');
      finish(execution, name, request, 'cancelled');
      grantWaiters(execution, lock);
      return { kind: 'cancelled' };
    default:
      return { kind: 'finished', request: name, state };
  }
}

/** The request holds its lock no longer. Its row, and those who wait, are the caller's. */
export function endHold(
  { tables, context }: Execution,
  name: string,
  request: RequestRow,
  cause: Cause,
): void {
  const { session, lock, owner, mode, fence } = request;
  if (fence === undefined) throw new RangeError(`${name} is granted without a fence`);
  tables.holds.delete(holdKey(lock, fence));
  tables.sessionHolds.delete(sessionHoldKey(request, fence));
  changeHolders(tables, lock, mode, -1);
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
}

/** The request waits no longer. Its row, and those who wait behind it, are the caller's. */
export function endWait(
  execution: Execution,
  name: string,
  request: RequestRow,
  cause: Cause,
): void {
  dequeue(execution, name, request);
  const { session, lock, owner, mode } = request;
  publish(execution.context, {
    kind: 'lock.cancelled',
    request: name,
    lock,
    session,
    owner,
    mode,
    cause,
  });
  execution.context.charge(1);
}
