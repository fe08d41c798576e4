import { lockDelayOf } from '../ending/lock-delay';
import { clusterMs } from '@lockstep/vr-core';
import { endHold } from '../ending/end-hold';
import { publish } from '../events';
import type { Execution } from '../model/execution';
import { handOnFrom } from '../queue/deadlock';
import type { Break } from '../operations';
import type { LockOutcome } from '../outcomes';
import { holdOf, requestOf } from '../acquire/request';
import { fenceOf, holdKey, rowsOf } from '../model/keys';
import type { Breaking, HoldRow } from '../model/tables';
import { breakTimer } from '../ending/timer-keys';

/**
 * Takes a lock away from its holder, asking first if there is time: only while it is held under the fence that was seen,
 * so that nobody breaks the hold of a successor. Who did it and why stands in the events. (locks.md B 9)
 */
export function breakHold(execution: Execution, asked: Break): LockOutcome {
  const { tables, context } = execution;
  const { lock, fence, graceMs, reason } = asked;
  const hold = tables.holds.get(holdKey(lock, fence));
  if (hold === undefined) {
    const first = tables.holds.firstIn(rowsOf(lock));
    if (first === undefined) return { kind: 'not-held' };
    return { kind: 'stale-fence', currentFence: fenceOf(first[0]) };
  }
  const asking: Breaking = {
    by: context.principal,
    reason,
    untilMs: clusterMs(context.clusterMs + graceMs),
  };
  if (graceMs === 0) {
    takeAway(execution, lock, fence, { ...hold, breaking: asking });
    return { kind: 'broken' };
  }
  // Who has been given less time already keeps to that.
  const { breaking = asking } = hold;
  const untilMs = clusterMs(Math.min(breaking.untilMs, asking.untilMs));
  askFor(execution, lock, fence, { ...hold, breaking: { ...asking, untilMs } });
  return { kind: 'break-requested', untilMs };
}

function askFor(
  { tables, context }: Execution,
  lock: string,
  fence: bigint,
  hold: HoldRow & { readonly breaking: Breaking },
): void {
  tables.holds.put(holdKey(lock, fence), hold);
  context.timers.set(breakTimer(lock, fence), hold.breaking.untilMs);
  publish(context, {
    kind: 'lock.break-requested',
    ...described(lock, fence, hold),
    ...hold.breaking,
  });
}

/** The time that a holder was given is over. */
export function breakNow(execution: Execution, lock: string, fence: bigint): void {
  takeAway(execution, lock, fence, holdOf(execution.tables, lock, fence));
}

function takeAway(execution: Execution, lock: string, fence: bigint, hold: HoldRow): void {
  const { tables, context } = execution;
  const { session, mode, permits, breaking } = hold;
  const name = hold.requests[0] ?? '';
  const lockDelayMs = lockDelayOf(execution, session);
  const item = { lock, mode, permits, fence };
  const end = { cause: 'broken', lockDelayMs } as const;
  const freed = endHold(execution, name, requestOf(tables, name), item, end);
  const { by, reason } = breaking ?? { by: '', reason: '' };
  publish(context, { kind: 'lock.broken', ...described(lock, fence, hold), by, reason });
  handOnFrom(execution, hold, freed);
}

function described(lock: string, fence: bigint, { requests, session, owner, mode }: HoldRow) {
  return { request: requests[0] ?? '', lock, session, owner, mode, fence };
}
