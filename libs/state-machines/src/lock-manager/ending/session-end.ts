import { clusterMs, type Session } from '@lockstep/vr-core';
import { leaveBarriers } from '../barrier/barrier';
import { endHolds } from './end-hold';
import { endWait } from './end-wait';
import type { Cause } from '../events';
import type { Execution } from '../model/execution';
import { handOn } from '../queue/hand-on';
import { requestOf } from '../acquire/request';
import { forgetFinished } from './retention';
import { rowsOf } from '../model/keys';
import { sessionEndTimer, type SessionEnd } from './timer-keys';

/** Requests that one step clears away; the rest follows in the next Ticks. (decision 20) */
const REQUESTS_PER_STEP = 250;

/**
 * Everything of a session ends with it: first its waits, so that it is granted nothing any more, then its holds, then the
 * others get their turn. What is too much for one operation goes on in the next Ticks; nothing is granted to who is gone
 * meanwhile. (locks.md R2, I3, I7)
 */
export function endSession(execution: Execution, session: Session): void {
  const ended = session.ended === 'expired' ? 'expired' : 'closed';
  leaveBarriers(execution, session.id);
  goOnEnding(execution, { session: session.id, ended, lockDelayMs: session.lockDelayMs });
}

export function goOnEnding(execution: Execution, end: SessionEnd): void {
  const { session, ended } = end;
  const cause: Cause = ended === 'expired' ? 'session-expired' : 'session-closed';
  const lockDelayMs = ended === 'expired' ? end.lockDelayMs : 0;
  const freed = new Set<string>();
  let left = REQUESTS_PER_STEP;
  for (; left > 0; left -= 1) {
    const locks = endNextWait(execution, session, cause);
    if (locks === undefined) break;
    for (const lock of locks) freed.add(lock);
  }
  for (; left > 0; left -= 1) {
    const locks = endNextHold(execution, session, { cause, lockDelayMs });
    if (locks === undefined) {
      forgetFinished(execution, session);
      return handOn(execution, freed);
    }
    for (const lock of locks) freed.add(lock);
  }
  const { timers, clusterMs: now } = execution.context;
  timers.set(sessionEndTimer(end), clusterMs(now));
  handOn(execution, freed);
}

/** Undefined when it waits for nothing more. */
function endNextWait(
  execution: Execution,
  session: string,
  cause: Cause,
): readonly string[] | undefined {
  const { tables } = execution;
  const wait = tables.sessionWaits.firstIn(rowsOf(session));
  return wait && endWait(execution, wait[1], requestOf(tables, wait[1]), cause);
}

/** Undefined when it holds nothing more. */
function endNextHold(
  execution: Execution,
  session: string,
  end: { readonly cause: Cause; readonly lockDelayMs: number },
): readonly string[] | undefined {
  const { tables } = execution;
  const hold = tables.sessionHolds.firstIn(rowsOf(session));
  if (hold === undefined) return undefined;
  const name = hold[1].request;
  return endHolds(execution, name, requestOf(tables, name), end);
}
