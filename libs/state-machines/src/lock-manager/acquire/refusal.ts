import { clusterMs } from '@lockstep/vr-core';
import type { Execution } from '../model/execution';
import { delayedUntil, type Obstacle } from './obstacle';
import type { Holder, LockOutcome } from '../outcomes';
import { nameKey } from '../model/keys';
import type { Owner } from '../model/owner';
import type { LockTables } from '../model/tables';
import { lockRowOf } from './uses';
import { firstUser, type User } from './users';

/** What is in the way, for who does not want to wait: the holder, the end of a delay, or others who came first. */
export function whyNot({ tables }: Execution, asking: Owner, { why, need }: Obstacle): LockOutcome {
  const queueLength = lockRowOf(tables, need.lock).waiters;
  switch (why) {
    case 'delayed':
      return {
        kind: 'lock-delay',
        lock: need.lock,
        untilMs: clusterMs(delayedUntil(tables, need)),
      };
    case 'waited':
      return { kind: 'lock-waited', lock: need.lock, queueLength };
    case 'held': {
      const user = firstUser(tables, need, asking);
      // The semaphore is smaller than what was asked for in the meantime, and nobody holds any of it.
      if (user === undefined) return { kind: 'lock-waited', lock: need.lock, queueLength };
      return { kind: 'lock-held', lock: need.lock, holder: holderOf(tables, user), queueLength };
    }
  }
}

export function holderOf(tables: LockTables, { fence, hold }: User): Holder {
  const { session, owner, mode, permits, sinceMs, requests } = hold;
  const note = tables.requests.get(nameKey(requests[0] ?? ''))?.note ?? '';
  return { session, owner, mode, permits, fence, note, sinceMs };
}
