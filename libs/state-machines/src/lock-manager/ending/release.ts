import { endBarrierWait } from '../barrier/barrier';
import { endHold, endHolds, GIVEN_BACK } from './end-hold';
import { endWait } from './end-wait';
import { checkSession, type Execution } from '../model/execution';
import { handOnFrom } from '../queue/deadlock';
import { handOn } from '../queue/hand-on';
import type { Cancel, Release } from '../operations';
import type { LockOutcome } from '../outcomes';
import { ownHold } from '../holding/own-hold';
import { requestOf } from '../acquire/request';
import { answerFor } from '../acquire/request-answer';
import { finish } from './retention';
import { fenceOf, holdKey, nameKey, ownLockKey } from '../model/keys';
import type { HoldRow, RequestRow } from '../model/tables';
import { writeValue } from '../holding/value';

/**
 * Gives a lock back, as often as it is said. A session that is gone holds nothing, so its release has nothing left to
 * do; a fence other than the one held is turned down, for it was meant for another grant. (locks.md I6)
 */
export function release(execution: Execution, asked: Release): LockOutcome {
  const problem = checkSession(execution, asked.session);
  if (problem === 'session-expired') return { kind: 'already-released' };
  if (problem !== undefined) return { kind: problem };
  return asked.fence === undefined
    ? stopWaiting(execution, asked)
    : giveBack(execution, asked, asked.fence);
}

function giveBack(execution: Execution, asked: Release, fence: bigint): LockOutcome {
  const { tables } = execution;
  const { lock, value } = asked;
  const found = ownHold(tables, asked, lock, fence);
  if ('refusal' in found) {
    return found.refusal.kind === 'not-held' ? { kind: 'already-released' } : found.refusal;
  }
  const { hold } = found;
  if (value !== undefined) {
    const refusal = writeValue(execution, lock, hold, fence, value);
    if (refusal !== undefined) return refusal;
  }
  const [name, ...nested] = hold.requests as [string, ...string[]];
  const inner = nested.pop();
  if (inner !== undefined) {
    tables.holds.put(holdKey(lock, fence), { ...hold, requests: [name, ...nested] });
    finish(execution, inner, requestOf(tables, inner), 'released');
    return { kind: 'released' };
  }
  const { mode, permits } = hold;
  const item = { lock, mode, permits, fence };
  handOnFrom(execution, hold, endHold(execution, name, requestOf(tables, name), item, GIVEN_BACK));
  return { kind: 'released' };
}

/** A release that names no fence was never told of a grant. What is held is not given up by it. */
function stopWaiting(execution: Execution, asked: Release): LockOutcome {
  const { tables } = execution;
  const held = tables.sessionHolds.firstIn(ownLockKey(asked, asked.lock));
  const waits = tables.sessionWaits.firstIn(ownLockKey(asked, asked.lock));
  if (waits !== undefined) return endByClient(execution, waits[1], requestOf(tables, waits[1]));
  if (held === undefined) return { kind: 'already-released' };
  return { kind: 'stale-fence', currentFence: fenceOf(held[0]) };
}

/** Undoes an acquire, wherever it has got to. A request that waits is never granted after this. (decision 29) */
export function cancel(execution: Execution, { request: name }: Cancel): LockOutcome {
  const request = execution.tables.requests.get(nameKey(name));
  if (request === undefined) return { kind: 'unknown-request' };
  const problem = checkSession(execution, request.session);
  if (problem !== undefined) return { kind: problem };
  return endByClient(execution, name, request);
}

/** Ends the hold or the wait of one request, because its client says so. */
function endByClient(execution: Execution, name: string, request: RequestRow): LockOutcome {
  switch (request.state) {
    case 'granted':
      return endGranted(execution, name, request);
    case 'queued':
      if (request.kind === 'enter' || request.kind === 'leave') {
        endBarrierWait(execution, name, request, 'cancelled');
      } else {
        handOn(execution, endWait(execution, name, request, 'released'));
      }
      return { kind: 'cancelled' };
    default:
      return { kind: 'finished', request: name, state: request.state };
  }
}

function endGranted(execution: Execution, name: string, request: RequestRow): LockOutcome {
  switch (request.kind) {
    case 'locks':
      handOnFrom(execution, request, endHolds(execution, name, request, GIVEN_BACK));
      return { kind: 'released' };
    case 'nested':
      removeNested(execution, name, request);
      return { kind: 'released' };
    case 'conversion':
      // It is a part of the hold that it has changed, and is not undone without it.
      return answerFor(execution.tables, name, request);
    case 'enter':
    case 'leave':
      // What has passed a barrier is inside, and leaves by another request.
      return { kind: 'passed', request: name };
  }
}

/** The one that was granted first goes on holding. */
function removeNested(execution: Execution, name: string, request: RequestRow): void {
  const { tables } = execution;
  const item = request.items[0];
  const fence = item?.fence;
  if (item === undefined || fence === undefined) throw new RangeError(`${name} has no grant`);
  const at = holdKey(item.lock, fence);
  const hold = tables.holds.get(at) as HoldRow;
  tables.holds.put(at, { ...hold, requests: hold.requests.filter((each) => each !== name) });
  finish(execution, name, request, 'released');
}
