import { clusterMs, type ByteString, type Session } from '@lockstep/vr-core';
import type { Cause } from './events';
import type { Execution } from './execution';
import { grantWaiters } from './grant';
import { changeUse, lockRowOf, useOf } from './lock-row';
import { endHold, endWait } from './release';
import { forgetFinished } from './retention';
import { nameKey, rowsOf, type RequestRow } from './tables';
import type { TypedTable } from './typed-table';
import { lockDelayTimer } from './timer-keys';

/**
 * Everything of a session ends with it, in the operation that ended it: first its waits, so that it is granted
 * nothing any more, then its holds, then the others get their turn, lock by lock in the order of names.
 * (locks.md R2, I3, I7)
 */
export function endSession(execution: Execution, session: Session): void {
  const { tables } = execution;
  const cause: Cause = session.ended === 'expired' ? 'session-expired' : 'session-closed';
  const waits = namesIn(tables.sessionWaits, rowsOf(session.id));
  const holds = namesIn(tables.sessionHolds, rowsOf(session.id));
  const touched = new Set<string>();

  for (const name of waits) {
    const request = takeRequest(execution, name);
    endWait(execution, name, request, cause);
    touched.add(request.lock);
  }
  for (const name of holds) {
    const request = takeRequest(execution, name);
    endHold(execution, name, request, cause);
    if (session.ended === 'expired') delayAfter(execution, session, request);
    touched.add(request.lock);
  }
  forgetFinished(execution, session.id);
  for (const lock of sortedByBytes(touched)) grantWaiters(execution, lock);
}

/** A request that ends with its session leaves no row: nobody is left who may ask for it. */
function takeRequest({ tables }: Execution, name: string): RequestRow {
  const request = tables.requests.get(nameKey(name));
  if (request === undefined) throw new RangeError(`${name} holds or waits, and is unknown`);
  tables.requests.delete(nameKey(name));
  return request;
}

/** A holder that was lost may still be at work: the lock stays closed to those it excluded. (locks.md I11) */
function delayAfter({ tables, context }: Execution, session: Session, request: RequestRow): void {
  if (session.lockDelayMs === 0) return;
  const { lock, mode } = request;
  const earlier = useOf(lockRowOf(tables, lock), mode).delayedUntilMs;
  const delayedUntilMs = Math.max(earlier, context.clusterMs + session.lockDelayMs);
  changeUse(tables, lock, mode, (use) => ({ ...use, delayedUntilMs }));
  context.timers.set(lockDelayTimer(lock, mode), clusterMs(delayedUntilMs));
}

function namesIn(table: TypedTable<string>, prefix: ByteString): readonly string[] {
  return Array.from(table.in(prefix), ([, name]) => name);
}

function sortedByBytes(names: Iterable<string>): readonly string[] {
  const keyed = Array.from(names, (name) => [nameKey(name), name] as const);
  return keyed.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, name]) => name);
}
