import { key, type ByteString } from '@lockstep/vr-core';
import { MODES } from '../model/compatibility';
import type { Execution } from '../model/execution';
import { needsOf } from '../acquire/needs';
import { nameKey, placeOf, queueOf, sessionWaitKey } from '../model/keys';
import type { LockTables, RequestRow } from '../model/tables';
import { waitTimer } from '../ending/timer-keys';
import { ancestorsOf } from '../model/path';
import { changeWaiters, lockRowOf } from '../acquire/uses';

/** Puts a request into the queue of every lock it needs. */
export function enqueue({ tables, context }: Execution, name: string, request: RequestRow): void {
  const place = placeOf(request);
  tables.requests.put(nameKey(name), request);
  for (const { lock, mode } of needsOf(request.items)) {
    tables.waiters.put(key(queueOf(lock, mode), place), name);
    changeWaiters(tables, lock, 1);
  }
  for (const { lock } of request.items) {
    tables.sessionWaits.put(sessionWaitKey(request, lock), name);
  }
  if (request.waitUntilMs !== undefined) {
    context.timers.set(waitTimer(name), request.waitUntilMs);
  }
}

/**
 * Takes a request out of all its queues, for whatever reason; its row is the caller's to write or to delete. The locks in
 * whose queues it stood are returned: those behind it may fit now.
 */
export function dequeue(
  { tables, context }: Execution,
  name: string,
  request: RequestRow,
): readonly string[] {
  const place = placeOf(request);
  const needs = needsOf(request.items);
  for (const { lock, mode } of needs) {
    tables.waiters.delete(key(queueOf(lock, mode), place));
    changeWaiters(tables, lock, -1);
  }
  for (const { lock } of request.items) {
    tables.sessionWaits.delete(sessionWaitKey(request, lock));
  }
  if (request.waitUntilMs !== undefined) context.timers.cancel(waitTimer(name));
  return needs.map(({ lock }) => lock);
}

/** True when anybody waits for one of the locks that a request touches. */
export function isWanted(tables: LockTables, { items }: RequestRow): boolean {
  return items.some(({ lock }) => isLockWanted(tables, lock));
}

/** True when anybody waits for a lock, or for one above it. */
export function isLockWanted(tables: LockTables, lock: string): boolean {
  return [lock, ...ancestorsOf(lock)].some((each) => lockRowOf(tables, each).waiters > 0);
}

/** Place in the queue, from 1; of several queues that of the longest way. Only those who stand behind are walked over. */
export function positionOf(tables: LockTables, request: RequestRow): number {
  const place = placeOf(request);
  return Math.max(...request.items.map(({ lock }) => positionAt(tables, lock, place)));
}

export function positionAt(tables: LockTables, lock: string, place: ByteString): number {
  let behind = 0;
  for (const mode of MODES) {
    const queue = queueOf(lock, mode);
    behind += tables.waiters.countFrom(key(queue, place, PAST), queue);
  }
  return Math.max(1, lockRowOf(tables, lock).waiters - behind);
}

/** What is behind a place begins after every key that ends with it. */
const PAST = '\0' as ByteString;
