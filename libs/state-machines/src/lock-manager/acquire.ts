import { clusterMs, type ClusterMs } from '@lockstep/vr-core';
import { blocking } from './compatibility';
import { publish } from './events';
import { checkSession, type Execution } from './execution';
import { grant } from './grant';
import { lockRowOf } from './lock-row';
import { RESERVED_NAMES, type Acquire } from './operations';
import type { Holder, LockOutcome } from './outcomes';
import { enqueue, positionOf } from './queue';
import {
  fenceOf,
  nameKey,
  ownersKey,
  rowsOf,
  type LockRow,
  type LockTables,
  type RequestRow,
} from './tables';

/**
 * Takes the lock or joins its queue. Nothing here looks at a deadline: only a Tick ends a lease, so a holder past its
 * deadline still holds. (locks.md R3, decision 5)
 */
export function acquire(execution: Execution, asked: Acquire): LockOutcome {
  const { tables, context } = execution;
  if (RESERVED_NAMES.includes(asked.lock)) return { kind: 'reserved-name' };
  const problem = checkSession(execution, asked.session);
  if (problem !== undefined) return { kind: problem };

  const earlier = tables.requests.get(nameKey(asked.request));
  if (earlier !== undefined) return answerAgain(tables, asked, earlier);
  const own = ownAlready(tables, asked);
  if (own !== undefined) return own;

  const row = lockRowOf(tables, asked.lock);
  const request = requestRowOf(execution, asked);
  // Whoever comes late does not pass those who wait, even when it fits beside the holders. (locks.md I5)
  if (row.waiters === 0 && blocking(row.uses, asked.mode).length === 0) {
    const fence = grant(execution, asked.request, request);
    return { kind: 'granted', request: asked.request, fence, mode: asked.mode };
  }
  if (asked.waitMs === 0) return whyNot(tables, asked.lock, row);

  enqueue(execution, asked.request, request);
  const { request: name, lock, session, owner, mode } = asked;
  publish(context, { kind: 'lock.queued', request: name, lock, session, owner, mode });
  return { kind: 'queued', request: name, position: row.waiters + 1 };
}

/** A name that is known already: what has become of it, in place of a second execution. (decision 29) */
function answerAgain(tables: LockTables, asked: Acquire, earlier: RequestRow): LockOutcome {
  const { request } = asked;
  const same =
    earlier.session === asked.session &&
    earlier.lock === asked.lock &&
    earlier.owner === asked.owner &&
    earlier.mode === asked.mode;
  if (!same) return { kind: 'request-reused' };
  if (earlier.state === 'queued') {
    return { kind: 'queued', request, position: positionOf(tables, earlier) };
  }
  if (earlier.state !== 'granted') return { kind: 'finished', request, state: earlier.state };
  if (earlier.fence === undefined) throw new RangeError(`${request} is granted without a fence`);
  return { kind: 'granted', request, fence: earlier.fence, mode: earlier.mode };
}

/** An owner that holds or waits would wait for itself. */
function ownAlready(tables: LockTables, asked: Acquire): LockOutcome | undefined {
  const held = tables.sessionHolds.firstIn(ownersKey(asked));
  if (held !== undefined) {
    const [at, request] = held;
    return { kind: 'already-held', request, fence: fenceOf(at) };
  }
  const waits = tables.sessionWaits.firstIn(ownersKey(asked));
  if (waits !== undefined) return { kind: 'already-queued', request: waits[1] };
  return undefined;
}

function requestRowOf({ context }: Execution, asked: Acquire): RequestRow {
  const { session, lock, owner, mode, waitMs, note } = asked;
  const now = context.clusterMs;
  return {
    state: 'queued',
    session,
    lock,
    owner,
    mode,
    note: note ?? '',
    sinceMs: now,
    opNumber: context.opNumber,
    index: context.index,
    waitUntilMs: waitMs === undefined ? undefined : clusterMs(now + waitMs),
    fence: undefined,
  };
}

/** Somebody holds it, or it waits out the delay after a holder that was lost. */
function whyNot(tables: LockTables, lock: string, row: LockRow): LockOutcome {
  const first = tables.holds.firstIn(rowsOf(lock));
  if (first === undefined) return { kind: 'lock-delay', untilMs: delayedUntil(row) };
  const [at, { request, session, owner, mode, sinceMs }] = first;
  const note = tables.requests.get(nameKey(request))?.note ?? '';
  const holder: Holder = { session, owner, mode, fence: fenceOf(at), note, sinceMs };
  return { kind: 'lock-held', holder, queueLength: row.waiters };
}

function delayedUntil(row: LockRow): ClusterMs {
  return clusterMs(Math.max(...row.uses.map((use) => use.delayedUntilMs)));
}
