import {
  counter,
  decode,
  encode,
  integer,
  list,
  struct,
  text,
  u64,
  union,
  word,
  type ClusterMs,
  type ShapeOf,
} from '@lockstep/vr-core';
import { modeShape } from './model/compatibility';
import {
  ITEMS_MAX,
  lockNameShape,
  NOTE_BYTES_MAX,
  ownerShape,
  requestNameShape,
  sessionIdShape,
} from './operations';

/**
 * How a request that neither waits nor holds came to its end: `released` and `cancelled` by its client, `timed-out` in
 * the queue, `expired` by its maximal hold, `broken` by an operator, `unclaimed` because nobody took up the grant,
 * `deadlock` as the victim of one, `left` by leaving a barrier. Append, never reorder.
 */
export const FINISHED_STATES = [
  'released',
  'cancelled',
  'timed-out',
  'expired',
  'broken',
  'unclaimed',
  'deadlock',
  'left',
] as const;
export type FinishedState = (typeof FINISHED_STATES)[number];
export const finishedStateShape = word(...FINISHED_STATES);

/** Who stands in the way: enough to find the person, nothing with which to act as the holder. */
export const holderShape = struct({
  session: sessionIdShape,
  owner: ownerShape,
  mode: modeShape,
  permits: integer(1),
  fence: u64,
  note: text(NOTE_BYTES_MAX),
  /** Cluster time of the grant. */
  sinceMs: counter<ClusterMs>(),
});
export type Holder = ShapeOf<typeof holderShape>;

/** One lock of a grant. */
const grantShape = struct({
  lock: lockNameShape,
  mode: modeShape,
  permits: integer(1),
  fence: u64,
});
export type Grant = ShapeOf<typeof grantShape>;
export const grantsShape = list(grantShape, ITEMS_MAX);

/** One step of a circle of owners: this one waits for the next. */
const waitShape = struct({
  session: sessionIdShape,
  owner: ownerShape,
  lock: lockNameShape,
  mode: modeShape,
});
export type Wait = ShapeOf<typeof waitShape>;
/** Steps that are shown; a longer circle is cut here. */
export const CYCLE_SHOWN_MAX = 64;
const cycleShape = list(waitShape, CYCLE_SHOWN_MAX);

/** What there can only be so many of. */
export const LIMITS = [
  'locks',
  'waiters',
  'depth',
  'values',
  'latches',
  'barriers',
  'reentrancy',
] as const;

/** What an operation of this service can answer. Append cases, never reorder them: they are in recorded histories. */
export const outcomeShape = union({
  /**
   * In the order of the items that were asked for. `sinceMs` is the cluster time of the grant, `deadlineMs` the end of a
   * maximal hold, 0 when there is none.
   */
  granted: struct({
    request: requestNameShape,
    grants: grantsShape,
    sinceMs: counter<ClusterMs>(),
    deadlineMs: counter<ClusterMs>(),
  }),
  /** `position` counts from 1, the next to be granted. */
  queued: struct({ request: requestNameShape, position: integer(1) }),
  /** The request has ended before: an acquire repeated under its name, or a cancel that comes late. */
  finished: struct({ request: requestNameShape, state: finishedStateShape }),
  released: struct({}),
  /** This owner does not hold the lock (any more). */
  'already-released': struct({}),
  cancelled: struct({}),
  claimed: struct({ request: requestNameShape }),
  amended: struct({}),
  'value-set': struct({}),
  'limit-set': struct({}),
  /** The holder has been asked, and loses the lock at `untilMs` of cluster time at the latest. */
  'break-requested': struct({ untilMs: counter<ClusterMs>() }),
  broken: struct({}),
  transferred: struct({ fence: u64 }),
  /** 0: it is open. */
  latch: struct({ count: integer() }),
  'latch-removed': struct({}),
  /** Everyone is inside, or outside again. */
  passed: struct({ request: requestNameShape }),

  'lock-held': struct({ lock: lockNameShape, holder: holderShape, queueLength: integer() }),
  /** A holder was lost at an expired session; nobody follows it before `untilMs` of cluster time. */
  'lock-delay': struct({ lock: lockNameShape, untilMs: counter<ClusterMs>() }),
  /** Nobody holds it in a way that stands beside us not, but others wait who came first. */
  'lock-waited': struct({ lock: lockNameShape, queueLength: integer() }),
  /** The same session and owner hold it, by another request, in a mode that does not cover this one. */
  'already-held': struct({ lock: lockNameShape, request: requestNameShape, fence: u64 }),
  /** The same session and owner wait for it, by another request: they would wait for themselves. */
  'already-queued': struct({ lock: lockNameShape, request: requestNameShape }),
  'request-reused': struct({}),
  'session-expired': struct({}),
  'not-your-session': struct({}),
  'reserved-name': struct({}),
  /** The lock is held under `currentFence`: for `break` the newest one, else that of the same owner. */
  'stale-fence': struct({ currentFence: u64 }),
  /** Nobody holds the lock, or not who says so. */
  'not-held': struct({}),
  'unknown-request': struct({}),
  /** The owners, from the one that asks on, each of which waits for the next; the last waits for the first. */
  deadlock: struct({ cycle: cycleShape }),
  /** Another owner that holds the lock waits for a stronger mode as well: neither could ever give way. */
  'upgrade-conflict': struct({ holder: holderShape }),
  /** Other users of the semaphore count to `limit`. */
  'limit-conflict': struct({ lock: lockNameShape, limit: integer() }),
  /** Nobody has said how many permits the semaphore has. */
  'limit-missing': struct({ lock: lockNameShape }),
  /** More permits than there will ever be. */
  'too-many-permits': struct({ lock: lockNameShape, limit: integer() }),
  'limit-reached': struct({ limit: word(...LIMITS), max: integer() }),
  /** Only a holder whom others cannot share with may write the value. */
  'not-a-writer': struct({ mode: modeShape }),
  /** The request that the lock was to be given to waits for something else as well, or not for this lock. */
  'not-transferable': struct({ request: requestNameShape }),
  /** The same lock twice, no lock at all, permits without their mode, a limit without a semaphore ... */
  invalid: struct({ field: text(100), problem: text(200) }),
  'unknown-latch': struct({}),
  /** The barrier is for another number of parties. */
  'parties-conflict': struct({ parties: integer() }),
  /** Who leaves a barrier has entered it. */
  'not-inside': struct({}),
});

export type LockOutcome = ShapeOf<typeof outcomeShape>;

const refusing = {
  granted: false,
  queued: false,
  finished: false,
  released: false,
  'already-released': false,
  cancelled: false,
  claimed: false,
  amended: false,
  'value-set': false,
  'limit-set': false,
  'break-requested': false,
  broken: false,
  transferred: false,
  latch: false,
  'latch-removed': false,
  passed: false,
  'lock-held': true,
  'lock-delay': true,
  'lock-waited': true,
  'already-held': true,
  'already-queued': true,
  'request-reused': true,
  'session-expired': true,
  'not-your-session': true,
  'reserved-name': true,
  'stale-fence': true,
  'not-held': true,
  'unknown-request': true,
  deadlock: true,
  'upgrade-conflict': true,
  'limit-conflict': true,
  'limit-missing': true,
  'too-many-permits': true,
  'limit-reached': true,
  'not-a-writer': true,
  'not-transferable': true,
  invalid: true,
  'unknown-latch': true,
  'parties-conflict': true,
  'not-inside': true,
} as const satisfies Record<LockOutcome['kind'], boolean>;

/** True when the operation was turned down and has changed nothing. */
export function isRefusal(outcome: LockOutcome): boolean {
  return refusing[outcome.kind];
}

export function encodeLockOutcome(outcome: LockOutcome): Uint8Array {
  return encode(outcomeShape, outcome);
}

export function decodeLockOutcome(data: Uint8Array): LockOutcome {
  return decode(outcomeShape, data);
}
