import { clusterMs } from '@lockstep/vr-core';
import { covers } from '../model/compatibility';
import { breakDeadlocks, closedByGrant } from '../queue/deadlock';
import { publish } from '../events';
import { checkSession, type Execution } from '../model/execution';
import { grant } from './grant';
import { handOnTo } from '../queue/hand-on';
import { obstacleOfTheLiving } from '../ending/clear-ended';
import { RESERVED_NAMES, type Acquire, type Item } from '../operations';
import type { LockOutcome } from '../outcomes';
import { ancestorsOf, DEPTH_MAX } from '../model/path';
import { enqueue, positionOf } from '../queue/queue';
import { whyNot } from './refusal';
import { answerFor, grantedOutcome } from './request-answer';
import { openSemaphore, permitsRefused } from '../semaphore/semaphore';
import { fenceOf, holdKey, nameKey, ownLockKey } from '../model/keys';
import type { HoldRow, LockTables, RequestRow } from '../model/tables';

/** Locks that are held, waited for, or kept shut at one time. */
const LOCKS_MAX = 2_000_000;
/** Places in queues at one time. */
const WAITERS_MAX = 500_000;
/** Grants on top of a grant, to the same owner. */
const NESTED_MAX = 255;

/**
 * Takes the locks or joins their queues. Nothing here looks at a deadline: only a Tick ends a lease, so a holder past its
 * deadline still holds. (locks.md R3, decision 5)
 */
export function acquire(execution: Execution, asked: Acquire): LockOutcome {
  const { tables } = execution;
  const fault = faultOf(asked.items);
  if (fault !== undefined) return fault;
  const problem = checkSession(execution, asked.session);
  if (problem !== undefined) return { kind: problem };

  const earlier = tables.requests.get(nameKey(asked.request));
  if (earlier !== undefined) return answerAgain(tables, asked, earlier);
  const own = ownAlready(execution, asked);
  if (own !== undefined) return own;
  const refused = refusalOf(tables, asked.items);
  if (refused !== undefined) return refused;
  for (const item of asked.items) openSemaphore(tables, item);

  const request = requestRowOf(execution, asked);
  const obstacle = obstacleOfTheLiving(execution, request);
  if (obstacle === undefined) {
    const granted = grant(execution, asked.request, request, false);
    const closed = closedByGrant(execution, granted);
    if (closed !== undefined) return closed;
    handOnTo(execution, granted);
    return grantedOutcome(asked.request, granted);
  }
  if (asked.waitMs === 0) return whyNot(execution, request, obstacle);
  return wait(execution, asked.request, request);
}

/** A request that can't be granted now waits, unless it would wait for itself. */
export function wait(execution: Execution, name: string, request: RequestRow): LockOutcome {
  const { tables, context } = execution;
  if (tables.waiters.size >= WAITERS_MAX) {
    return { kind: 'limit-reached', limit: 'waiters', max: WAITERS_MAX };
  }
  enqueue(execution, name, request);
  const deadlock = breakDeadlocks(execution, name, request);
  if (deadlock !== undefined) return deadlock;
  const now = tables.requests.get(nameKey(name)) ?? request;
  if (now.state !== 'queued') return answerFor(tables, name, now);
  const { session, owner, items } = request;
  for (const { lock, mode } of items) {
    publish(context, { kind: 'lock.queued', request: name, lock, session, owner, mode });
  }
  return { kind: 'queued', request: name, position: positionOf(tables, request) };
}

/** What no state of the group would make right. */
function faultOf(items: readonly Item[]): LockOutcome | undefined {
  if (items.length === 0) return invalid('items', 'must name a lock');
  for (const [at, { lock, mode, permits, limit }] of items.entries()) {
    if (RESERVED_NAMES.includes(lock)) return { kind: 'reserved-name' };
    if (items.slice(0, at).some((other) => other.lock === lock)) {
      return invalid(`items.${at}.lock`, 'must not be named twice');
    }
    if (mode !== 'permit' && permits !== 1)
      return invalid(`items.${at}.permits`, 'goes with mode permit');
    if (mode !== 'permit' && limit !== undefined)
      return invalid(`items.${at}.limit`, 'goes with mode permit');
    if (ancestorsOf(lock).length > DEPTH_MAX) {
      return { kind: 'limit-reached', limit: 'depth', max: DEPTH_MAX };
    }
  }
  return undefined;
}

export function invalid(field: string, problem: string): LockOutcome {
  return { kind: 'invalid', field, problem };
}

function refusalOf(tables: LockTables, items: readonly Item[]): LockOutcome | undefined {
  if (tables.locks.size >= LOCKS_MAX)
    return { kind: 'limit-reached', limit: 'locks', max: LOCKS_MAX };
  for (const item of items) {
    const refused = item.mode === 'permit' ? permitsRefused(tables, item) : undefined;
    if (refused !== undefined) return refused;
  }
  return undefined;
}

/** A name that is known already: what has become of it, in place of a second execution. (decision 29) */
function answerAgain(tables: LockTables, asked: Acquire, earlier: RequestRow): LockOutcome {
  const same =
    (earlier.kind === 'locks' || earlier.kind === 'nested') &&
    earlier.session === asked.session &&
    earlier.owner === asked.owner &&
    earlier.items.length === asked.items.length &&
    earlier.items.every((item, at) => item.lock === asked.items[at]?.lock);
  return same ? answerFor(tables, asked.request, earlier) : { kind: 'request-reused' };
}

/** An owner that holds a lock may be granted it again, if it has a name; one that waits for it would wait for itself. */
function ownAlready(execution: Execution, asked: Acquire): LockOutcome | undefined {
  const { tables } = execution;
  for (const item of asked.items) {
    if (item.mode === 'permit') continue;
    const at = ownLockKey(asked, item.lock);
    const held = tables.sessionHolds.firstIn(at);
    if (held !== undefined) {
      const [heldAt, { request, mode }] = held;
      const fence = fenceOf(heldAt);
      const again = asked.owner !== '' && asked.items.length === 1 && covers(mode, item.mode);
      if (again && isPlain(asked)) return nest(execution, asked, item, fence);
      return { kind: 'already-held', lock: item.lock, request, fence };
    }
    const waits = tables.sessionWaits.firstIn(at);
    if (waits !== undefined) return { kind: 'already-queued', lock: item.lock, request: waits[1] };
  }
  return undefined;
}

/** Nothing is asked of the grant that the one below it might not have. */
function isPlain({ maxHoldMs, minHoldMs, claimMs }: Acquire): boolean {
  return maxHoldMs === undefined && minHoldMs === undefined && claimMs === undefined;
}

/** The same grant once more: it must be given back as often as it was given. */
function nest(execution: Execution, asked: Acquire, item: Item, fence: bigint): LockOutcome {
  const { tables } = execution;
  const at = holdKey(item.lock, fence);
  const hold = tables.holds.get(at) as HoldRow;
  if (hold.requests.length > NESTED_MAX) {
    return { kind: 'limit-reached', limit: 'reentrancy', max: NESTED_MAX };
  }
  const row = requestRowOf(execution, asked);
  const items = [{ lock: item.lock, mode: item.mode, permits: 1, fence }];
  const request: RequestRow = { ...row, kind: 'nested', state: 'granted', items };
  tables.holds.put(at, { ...hold, requests: [...hold.requests, asked.request] });
  tables.requests.put(nameKey(asked.request), request);
  return grantedOutcome(asked.request, request);
}

function requestRowOf({ context }: Execution, asked: Acquire): RequestRow {
  const { session, owner, items, waitMs, note, priority, victim } = asked;
  const { maxHoldMs, minHoldMs, claimMs } = asked;
  const now = context.clusterMs;
  return {
    state: 'queued',
    kind: 'locks',
    session,
    owner,
    items: items.map(({ lock, mode, permits }) => ({ lock, mode, permits, fence: undefined })),
    note: note ?? '',
    sinceMs: now,
    opNumber: context.opNumber,
    index: context.index,
    priority,
    victim,
    waitUntilMs: waitMs === undefined ? undefined : clusterMs(now + waitMs),
    maxHoldMs,
    minHoldMs,
    claimMs,
    converts: undefined,
  };
}
