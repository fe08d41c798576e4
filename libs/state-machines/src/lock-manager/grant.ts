import { blocking } from './compatibility';
import { publish } from './events';
import type { Execution } from './execution';
import { mintFence } from './fence';
import { changeHolders, lockRowOf } from './lock-row';
import { dequeue } from './queue';
import { holdKey, nameKey, rowsOf, sessionHoldKey, type RequestRow } from './tables';

/** The request holds its lock from now on. The fence it is known by is returned. */
export function grant({ tables, context }: Execution, name: string, asked: RequestRow): bigint {
  const fence = mintFence(tables);
  const { session, lock, owner, mode } = asked;
  const sinceMs = context.clusterMs;
  tables.requests.put(nameKey(name), { ...asked, state: 'granted', sinceMs, fence });
  tables.holds.put(holdKey(lock, fence), { request: name, session, owner, mode, sinceMs });
  tables.sessionHolds.put(sessionHoldKey(asked, fence), name);
  changeHolders(tables, lock, mode, 1);
  publish(context, { kind: 'lock.granted', request: name, lock, session, owner, mode, fence });
  context.charge(1);
  return fence;
}

/**
 * Grants from the head of the queue as long as the head fits beside the holders: one writer, or readers up to the
 * next writer. To be called whenever a lock may have become freer, so that a free lock never has a live waiter.
 * (locks.md I5, I10)
 */
export function grantWaiters(execution: Execution, lock: string): void {
  const { tables } = execution;
  for (;;) {
    const head = tables.waiters.firstIn(rowsOf(lock));
    if (head === undefined) return;
    const [, name] = head;
    const asked = tables.requests.get(nameKey(name));
    if (asked === undefined) throw new RangeError(`${name} waits, but nobody has asked for it`);
    if (blocking(lockRowOf(tables, lock).uses, asked.mode).length > 0) return;
    dequeue(execution, name, asked);
    grant(execution, name, asked);
  }
}
