import type { Execution } from './execution';
import { changeWaiters } from './lock-row';
import {
  nameKey,
  rowsOf,
  sessionWaitKey,
  waiterKey,
  type LockTables,
  type RequestRow,
} from './tables';
import { waitTimer } from './timer-keys';

/** Puts a request behind everybody who waits for its lock. */
export function enqueue({ tables, context }: Execution, name: string, request: RequestRow): void {
  tables.requests.put(nameKey(name), request);
  tables.waiters.put(waiterKey(request), name);
  tables.sessionWaits.put(sessionWaitKey(request), name);
  changeWaiters(tables, request.lock, 1);
  if (request.waitUntilMs !== undefined) {
    context.timers.set(waitTimer(name), request.waitUntilMs);
  }
}

/** Takes a request out of the queue, for whatever reason; its row is the caller's to write or to delete. */
export function dequeue({ tables, context }: Execution, name: string, request: RequestRow): void {
  tables.waiters.delete(waiterKey(request));
  tables.sessionWaits.delete(sessionWaitKey(request));
  changeWaiters(tables, request.lock, -1);
  if (request.waitUntilMs !== undefined) context.timers.cancel(waitTimer(name));
}

/** Place in the queue, from 1. A walk along the queue: for those who ask, not for those who are granted. */
export function positionOf(tables: LockTables, request: RequestRow): number {
  return tables.waiters.countBefore(rowsOf(request.lock), waiterKey(request)) + 1;
}
