import { clusterMs, key } from '@lockstep/vr-core';
import {
  addMember,
  countOut,
  endRequest,
  letThrough,
  memberOf,
  membersIn,
  removeMember,
  tell,
} from './barrier-round';
import { publish } from '../events';
import { checkSession, type Execution } from '../model/execution';
import { PARTIES_MAX, type Enter, type Leave } from '../operations';
import type { FinishedState, LockOutcome } from '../outcomes';
import { nameKey, rowsOf } from '../model/keys';
import type { BarrierMember, BarrierRow, RequestRow } from '../model/tables';
import { waitTimer } from '../ending/timer-keys';

/** Barriers of one group that anybody is at. */
const BARRIERS_MAX = 100_000;

const NOBODY = { entering: 0, inside: 0, leaving: 0 };

/**
 * A double barrier: nobody is inside before all parties have come, and nobody is outside again before all who are
 * inside have done their part. Who comes while a round is inside waits for the next. (ZooKeeper, "Double Barriers")
 */
export function enter(execution: Execution, asked: Enter): LockOutcome {
  const { barrier, session, owner, parties, waitMs, request } = asked;
  const answered = refusedOrAnswered(execution, asked);
  if (answered !== undefined) return answered;

  const row = execution.tables.barriers.get(nameKey(barrier));
  const problem = notWelcome(execution, asked, row);
  if (problem !== undefined) return problem;
  const { entering, inside, leaving } = row ?? NOBODY;
  const isLast = inside === 0 && entering + 1 >= parties;
  if (waitMs === 0 && !isLast) {
    return { kind: 'lock-waited', lock: barrier, queueLength: entering };
  }
  const more: BarrierRow = { parties, entering: entering + 1, inside, leaving };
  execution.tables.barriers.put(nameKey(barrier), more);
  publish(execution.context, { kind: 'barrier.entered', barrier, request, session, owner });
  return waitAt(execution, asked, 'entering');
}

/** To be asked for by those who are inside. From here on the request to leave stands for the member. */
export function leave(execution: Execution, asked: Leave): LockOutcome {
  const { barrier, waitMs } = asked;
  const answered = refusedOrAnswered(execution, asked);
  if (answered !== undefined) return answered;

  const row = execution.tables.barriers.get(nameKey(barrier));
  const member = memberOf(execution, asked);
  if (row === undefined || member === undefined) return { kind: 'not-inside' };
  if (member.state === 'entering') return { kind: 'not-inside' };
  if (member.state === 'leaving') return thereAlready(barrier, member);
  const leaving = row.leaving + 1;
  if (waitMs === 0 && leaving < row.inside) {
    return { kind: 'lock-waited', lock: barrier, queueLength: row.leaving };
  }
  endRequest(execution, member.request, 'left');
  execution.tables.barriers.put(nameKey(barrier), { ...row, leaving });
  return waitAt(execution, asked, 'leaving');
}

/**
 * Ends a wait at a barrier before it is over, or takes somebody out who is inside: nobody waits for one who has undone
 * the request. Who did not want to leave after all is inside as before.
 */
export function endBarrierWait(
  execution: Execution,
  name: string,
  request: RequestRow,
  state: FinishedState,
): void {
  const { session, owner, items } = request;
  const place = { session, owner, barrier: items[0]?.lock ?? '' };
  const member = memberOf(execution, place);
  if (member?.request !== name) throw new RangeError(`${name} is at no barrier`);
  if (member.state === 'leaving') addMember(execution, place, { state: 'inside', request: name });
  else removeMember(execution, place);
  countOut(execution, place.barrier, member, member.state === 'leaving');
  tell(execution, 'barrier.gone', place.barrier, member);
  endRequest(execution, name, state);
  letThrough(execution, place.barrier);
}

/**
 * Takes a session that has ended out of all barriers: those who are left may be all who want to leave. Its requests
 * leave no rows. (locks.md I7)
 */
export function leaveBarriers(execution: Execution, session: string): void {
  const { sessionBarriers } = execution.tables;
  const barriers = new Set(Array.from(sessionBarriers.in(rowsOf(session)), ([, name]) => name));
  for (const barrier of barriers) {
    for (const member of membersIn(execution, key(rowsOf(barrier), rowsOf(session)))) {
      removeMember(execution, { barrier, ...member });
      countOut(execution, barrier, member, false);
      tell(execution, 'barrier.gone', barrier, member);
      endRequest(execution, member.request, 'released');
    }
    letThrough(execution, barrier);
  }
}

/** Why it can't be asked, or what a request of that name has come to; undefined when it is new. (decision 29) */
function refusedOrAnswered(execution: Execution, asked: Enter | Leave): LockOutcome | undefined {
  const problem = checkSession(execution, asked.session);
  if (problem !== undefined) return { kind: problem };
  const earlier = execution.tables.requests.get(nameKey(asked.request));
  return earlier === undefined ? undefined : answerAgain(execution, asked, earlier);
}

function answerAgain(execution: Execution, asked: Enter | Leave, earlier: RequestRow): LockOutcome {
  const { request, kind } = asked;
  const isSame =
    earlier.kind === kind &&
    earlier.session === asked.session &&
    earlier.owner === asked.owner &&
    earlier.items[0]?.lock === asked.barrier;
  if (!isSame) return { kind: 'request-reused' };
  const { state } = earlier;
  if (state === 'queued') return queued(execution, asked);
  if (state === 'granted' || (state === 'left' && kind === 'leave')) {
    return { kind: 'passed', request };
  }
  return { kind: 'finished', request, state };
}

function notWelcome(
  execution: Execution,
  asked: Enter,
  row: BarrierRow | undefined,
): LockOutcome | undefined {
  if (row === undefined) {
    if (execution.tables.barriers.size < BARRIERS_MAX) return undefined;
    return { kind: 'limit-reached', limit: 'barriers', max: BARRIERS_MAX };
  }
  if (row.parties !== asked.parties) return { kind: 'parties-conflict', parties: row.parties };
  const member = memberOf(execution, asked);
  if (member !== undefined) return thereAlready(asked.barrier, member);
  // All who wait are put in order by the operation that lets a round in, so there are only so many of them.
  if (row.entering < PARTIES_MAX) return undefined;
  return { kind: 'limit-reached', limit: 'waiters', max: PARTIES_MAX };
}

/** An owner is at a barrier once. */
function thereAlready(barrier: string, { state, request }: BarrierMember): LockOutcome {
  if (state === 'inside') return { kind: 'already-held', lock: barrier, request, fence: NO_FENCE };
  return { kind: 'already-queued', lock: barrier, request };
}

/** Nothing is fenced by a barrier. */
const NO_FENCE = 0n;

/** The request is written down, and everybody gets through who can by now. */
function waitAt(
  execution: Execution,
  asked: Enter | Leave,
  state: 'entering' | 'leaving',
): LockOutcome {
  const { tables, context } = execution;
  const { request } = asked;
  const row = requestRowOf(execution, asked);
  tables.requests.put(nameKey(request), row);
  if (row.waitUntilMs !== undefined) context.timers.set(waitTimer(request), row.waitUntilMs);
  addMember(execution, asked, { state, request });
  letThrough(execution, asked.barrier);
  const isWaiting = tables.requests.get(nameKey(request))?.state === 'queued';
  return isWaiting ? queued(execution, asked) : { kind: 'passed', request };
}

/** `position`: how many wait with it. */
function queued({ tables }: Execution, { kind, barrier, request }: Enter | Leave): LockOutcome {
  const { entering, leaving } = tables.barriers.get(nameKey(barrier)) ?? NOBODY;
  return { kind: 'queued', request, position: kind === 'enter' ? entering : leaving };
}

function requestRowOf({ context }: Execution, asked: Enter | Leave): RequestRow {
  const { kind, session, owner, barrier, waitMs } = asked;
  const { clusterMs: now, opNumber, index } = context;
  return {
    state: 'queued',
    kind,
    session,
    owner,
    items: [{ lock: barrier, mode: 'permit', permits: 1, fence: undefined }],
    note: '',
    sinceMs: now,
    opNumber,
    index,
    priority: 0,
    victim: 'requester',
    waitUntilMs: waitMs === undefined ? undefined : clusterMs(now + waitMs),
    maxHoldMs: undefined,
    minHoldMs: undefined,
    claimMs: undefined,
    converts: undefined,
  };
}
