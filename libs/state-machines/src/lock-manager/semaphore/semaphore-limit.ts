import { publish } from '../events';
import type { Execution } from '../model/execution';
import { endCirclesOf } from '../queue/deadlock';
import { handOn } from '../queue/hand-on';
import type { SetLimit } from '../operations';
import type { LockOutcome } from '../outcomes';
import { closeSemaphore } from './semaphore';
import { nameKey, queueOf } from '../model/keys';
import { requestOf } from '../acquire/request';

/** More permits let more in at once; fewer wait until enough have been given back. */
export function setLimit(execution: Execution, { lock, limit }: SetLimit): LockOutcome {
  const { tables, context } = execution;
  const row = tables.semaphores.get(nameKey(lock));
  if (limit === undefined) {
    if (row !== undefined) tables.semaphores.put(nameKey(lock), { ...row, pinned: 0 });
    closeSemaphore(tables, lock);
  } else {
    tables.semaphores.put(nameKey(lock), { limit, used: row?.used ?? 0, pinned: 1 });
    handOn(execution, [lock]);
    // With fewer permits those who wait may wait for holders that they did not wait for before.
    for (const [, name] of [...tables.waiters.in(queueOf(lock, 'permit'))]) {
      endCirclesOf(execution, requestOf(tables, name));
    }
  }
  publish(context, { kind: 'lock.limit', lock, limit: limit ?? 0 });
  return { kind: 'limit-set' };
}
