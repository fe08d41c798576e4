import { clusterMs } from '@lockstep/vr-core';
import { invalid, wait } from '../acquire/acquire';
import { covers } from '../model/compatibility';
import { convertNow, weakenNow } from './conversion';
import { closedByGrant, handOnFrom } from '../queue/deadlock';
import { checkSession, type Execution } from '../model/execution';
import { handOn, handOnTo } from '../queue/hand-on';
import { obstacleOfTheLiving } from '../ending/clear-ended';
import type { Convert } from '../operations';
import type { LockOutcome } from '../outcomes';
import { ownHold } from './own-hold';
import { ancestorsOf } from '../model/path';
import { whyNot } from '../acquire/refusal';
import { answerFor, grantedOutcome } from '../acquire/request-answer';
import { nameKey, ownLockKey } from '../model/keys';
import type { RequestRow } from '../model/tables';
import { writeValue } from './value';

/**
 * Holds a lock in another mode. A weaker one is had at once, with the fence; a stronger one waits in front of everybody
 * who holds nothing yet, and what is held stays held meanwhile. (the conversion queue of VMS's lock manager)
 */
export function convert(execution: Execution, asked: Convert): LockOutcome {
  const { tables } = execution;
  const problem = checkSession(execution, asked.session);
  if (problem !== undefined) return { kind: problem };
  const earlier = tables.requests.get(nameKey(asked.request));
  if (earlier !== undefined) return answerAgain(execution, asked, earlier);

  const { lock, mode, fence, value } = asked;
  const found = ownHold(tables, asked, lock, fence);
  if ('refusal' in found) return found.refusal;
  const { hold } = found;
  if (mode === 'permit' || hold.mode === 'permit') {
    return invalid('mode', 'permits are given back and taken, not converted');
  }
  const waits = tables.sessionWaits.firstIn(ownLockKey(asked, lock));
  if (waits !== undefined) return { kind: 'already-queued', lock, request: waits[1] };
  if (value !== undefined) {
    const refusal = writeValue(execution, lock, hold, fence, value);
    if (refusal !== undefined) return refusal;
  }

  const request = requestRowOf(execution, asked);
  if (covers(hold.mode, mode)) {
    const granted = weakenNow(execution, asked.request, request);
    handOnFrom(execution, asked, [lock, ...ancestorsOf(lock)]);
    return grantedOutcome(asked.request, granted);
  }
  return strengthen(execution, asked, request);
}

function strengthen(execution: Execution, asked: Convert, request: RequestRow): LockOutcome {
  const { lock } = asked;
  const obstacle = obstacleOfTheLiving(execution, request);
  if (obstacle === undefined) {
    const granted = convertNow(execution, asked.request, request);
    const closed = closedByGrant(execution, granted);
    if (closed !== undefined) return closed;
    // Not every other mode is a stronger one: shared to intent-exclusive lets other writers below in.
    handOn(execution, [lock, ...ancestorsOf(lock)]);
    handOnTo(execution, granted);
    return grantedOutcome(asked.request, granted);
  }
  if (asked.waitMs === 0) return whyNot(execution, request, obstacle);
  return wait(execution, asked.request, request);
}

function answerAgain(execution: Execution, asked: Convert, earlier: RequestRow): LockOutcome {
  const same =
    earlier.kind === 'conversion' &&
    earlier.session === asked.session &&
    earlier.owner === asked.owner &&
    earlier.converts === asked.fence &&
    earlier.items[0]?.lock === asked.lock;
  return same ? answerFor(execution.tables, asked.request, earlier) : { kind: 'request-reused' };
}

function requestRowOf({ context }: Execution, asked: Convert): RequestRow {
  const { session, owner, lock, mode, fence, waitMs } = asked;
  const now = context.clusterMs;
  return {
    state: 'queued',
    kind: 'conversion',
    session,
    owner,
    items: [{ lock, mode, permits: 1, fence: undefined }],
    note: '',
    sinceMs: now,
    opNumber: context.opNumber,
    index: context.index,
    priority: 0,
    victim: 'requester',
    waitUntilMs: waitMs === undefined ? undefined : clusterMs(now + waitMs),
    maxHoldMs: undefined,
    minHoldMs: undefined,
    claimMs: undefined,
    converts: fence,
  };
}
