import { publish } from '../events';
import type { Execution } from '../model/execution';
import type { CountDown, SetLatch } from '../operations';
import type { LockOutcome } from '../outcomes';
import { nameKey } from '../model/keys';

/** Latches of one group. */
export const LATCHES_MAX = 100_000;

/**
 * Closes a latch that is open or unknown. One that is being counted down stays as it is: whoever starts the same work
 * twice must not close it again behind those who have done their part.
 */
export function setLatch(execution: Execution, { latch, count }: SetLatch): LockOutcome {
  const { latches } = execution.tables;
  const left = latches.get(nameKey(latch));
  if (left !== undefined && left > 0) return { kind: 'latch', count: left };
  if (left === undefined && latches.size >= LATCHES_MAX) {
    return { kind: 'limit-reached', limit: 'latches', max: LATCHES_MAX };
  }
  return write(execution, latch, count);
}

/** Fewer than 0 are never left: an open latch stays open, however often it is counted down. */
export function countDown(execution: Execution, { latch, by }: CountDown): LockOutcome {
  const left = execution.tables.latches.get(nameKey(latch));
  if (left === undefined) return { kind: 'unknown-latch' };
  if (left === 0) return { kind: 'latch', count: 0 };
  return write(execution, latch, Math.max(0, left - by));
}

/** Whoever waits for it is woken, as when it opens, and finds that it is gone. (etcd-io/jetcd#291) */
export function removeLatch(execution: Execution, { latch }: { latch: string }): LockOutcome {
  const { tables, context } = execution;
  const left = tables.latches.get(nameKey(latch));
  if (left === undefined) return { kind: 'unknown-latch' };
  tables.latches.delete(nameKey(latch));
  if (left > 0) publish(context, { kind: 'latch', latch, count: 0 });
  return { kind: 'latch-removed' };
}

function write({ tables, context }: Execution, latch: string, count: number): LockOutcome {
  tables.latches.put(nameKey(latch), count);
  publish(context, { kind: 'latch', latch, count });
  return { kind: 'latch', count };
}
