import { clusterMs, type Session } from '@lockstep/vr-core';
import { leaveBarriers } from '../barrier/barrier';
import { requestOf } from '../acquire/request';
import type { Execution } from '../model/execution';
import { nameKey, rowsOf, sessionHoldLock } from '../model/keys';
import type { EndingRow } from '../model/tables';
import { handOn } from '../queue/hand-on';
import { isLockWanted } from '../queue/queue';
import { endHolds, type HoldEnd } from './end-hold';
import { endWait } from './end-wait';
import { forgetFinished } from './retention';
import { sessionEndTimer } from './timer-keys';

/** Requests that one step clears away; the rest follows in the next Ticks. (decision 20) */
const REQUESTS_PER_STEP = 250;

/** A Tick that has done so much has many sessions to end: it leaves their locks for later, but for those that are wanted. */
const MANY_UNITS = 250;

/** When locks that nobody has wanted are cleared away. */
const LATER_MS = 1_000;

/**
 * Everything of a session ends with it: first its waits, so that it is granted nothing any more, then its holds, then the
 * others get their turn. What is too much for one operation goes on in the next Ticks. Meanwhile nothing is granted to who
 * is gone, and what is left of it is in nobody's way: who wants such a lock clears it away. (locks.md R2, I3, I7)
 */
export function endSession(execution: Execution, session: Session): void {
  const { context } = execution;
  const { id, lockDelayMs } = session;
  const ended = session.ended === 'expired' ? 'expired' : 'closed';
  const ending: EndingRow = { ended, lockDelayMs, atMs: context.clusterMs };
  leaveBarriers(execution, id);
  // Only Ticks count what they do, and only they end sessions by the thousand.
  const isOneOfMany = ended === 'expired' && context.charge(0) > MANY_UNITS;
  if (isOneOfMany) return endWanted(execution, id, ending);
  if (!endAll(execution, id, ending)) putOff(execution, id, ending, 0);
}

export function goOnEnding(execution: Execution, session: string): void {
  const { tables } = execution;
  const ending = tables.endings.get(nameKey(session));
  if (ending === undefined) throw new RangeError(`${session} has not ended`);
  if (endAll(execution, session, ending)) tables.endings.delete(nameKey(session));
  else putOff(execution, session, ending, 0);
}

/** False when there is more than one step can do. */
function endAll(execution: Execution, session: string, ending: EndingRow): boolean {
  const end = endOf(execution, ending);
  const { freed, left } = endWaits(execution, session, end);
  let isDone = false;
  for (let more = left; more > 0 && !isDone; more -= 1) {
    const locks = endNextHold(execution, session, end);
    isDone = locks === undefined;
    for (const lock of locks ?? []) freed.add(lock);
  }
  if (isDone) forgetFinished(execution, session);
  handOn(execution, freed);
  return isDone;
}

function putOff(
  { tables, context }: Execution,
  session: string,
  ending: EndingRow,
  afterMs: number,
): void {
  tables.endings.put(nameKey(session), ending);
  context.timers.set(sessionEndTimer(session), clusterMs(context.clusterMs + afterMs));
}

/** How holds of a session end that is gone: a lock-delay began when it ended. */
export function endOf({ context }: Execution, { ended, lockDelayMs, atMs }: EndingRow): HoldEnd {
  if (ended === 'closed') return { cause: 'session-closed', lockDelayMs: 0 };
  const leftMs = Math.max(0, atMs + lockDelayMs - context.clusterMs);
  return { cause: 'session-expired', lockDelayMs: leftMs };
}

/** Its waits, and those of its holds that somebody waits for. */
function endWanted(execution: Execution, session: string, ending: EndingRow): void {
  const { tables } = execution;
  const end = endOf(execution, ending);
  const { freed, left } = endWaits(execution, session, end);
  const wanted = new Set<string>();
  let looked = 0;
  const isAnyWanted = tables.waiters.size > 0;
  for (const [at, { request }] of isAnyWanted ? tables.sessionHolds.in(rowsOf(session)) : []) {
    if (looked === REQUESTS_PER_STEP) break;
    looked += 1;
    if (isLockWanted(tables, sessionHoldLock(session, at))) wanted.add(request);
  }
  for (const name of wanted) {
    for (const lock of endHolds(execution, name, requestOf(tables, name), end)) freed.add(lock);
  }
  // One that left more than was looked at is cleared away without delay: somebody may wait for the rest.
  const isAll = left > 0 && looked < REQUESTS_PER_STEP;
  putOff(execution, session, ending, isAll ? LATER_MS : 0);
  handOn(execution, freed);
}

/** All that it waits for, as far as one step goes. `left`: what the step may still do. */
function endWaits(
  execution: Execution,
  session: string,
  { cause }: HoldEnd,
): { readonly freed: Set<string>; readonly left: number } {
  const { tables } = execution;
  const freed = new Set<string>();
  let left = REQUESTS_PER_STEP;
  for (; left > 0; left -= 1) {
    const wait = tables.sessionWaits.firstIn(rowsOf(session));
    if (wait === undefined) break;
    const [, name] = wait;
    for (const lock of endWait(execution, name, requestOf(tables, name), cause)) freed.add(lock);
  }
  return { freed, left };
}

/** Undefined when it holds nothing more. */
function endNextHold(
  execution: Execution,
  session: string,
  end: HoldEnd,
): readonly string[] | undefined {
  const { tables } = execution;
  const hold = tables.sessionHolds.firstIn(rowsOf(session));
  if (hold === undefined) return undefined;
  const name = hold[1].request;
  return endHolds(execution, name, requestOf(tables, name), end);
}
