import {
  bool,
  counter,
  decode,
  encode,
  integer,
  list,
  optional,
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
  LOCK_NAME_BYTES_MAX,
  lockNameShape,
  NOTE_BYTES_MAX,
  ownerShape,
  PRIORITY_MAX,
  REASON_BYTES_MAX,
  requestNameShape,
  sessionIdShape,
  valueShape,
} from './operations';
import { FINISHED_STATES, holderShape } from './outcomes';

/** Rows of one answer. */
export const PAGE_MAX = 1000;
export const BLOCKERS_SHOWN_MAX = 100;

/** An owner: the pair that holds and waits. */
const partyShape = struct({ session: sessionIdShape, owner: ownerShape });

const ms = counter<ClusterMs>();
const note = text(NOTE_BYTES_MAX);

/** A grant as it was given: the lock, its fence, and the mode when that matters too. */
const sequencerShape = struct({ lock: lockNameShape, fence: u64, mode: optional(modeShape) });

export const queryShape = union({
  /** One lock with its holders and its queue. */
  lock: struct({ name: lockNameShape }),
  /** Locks in use, in bytewise order of names, after the name `after`. */
  locks: struct({
    prefix: text(LOCK_NAME_BYTES_MAX),
    state: word('any', 'held', 'waited'),
    after: optional(text(LOCK_NAME_BYTES_MAX)),
    limit: integer(1, PAGE_MAX),
  }),
  /** What has become of a request. */
  request: struct({ request: requestNameShape }),
  /** Whether grants still stand. */
  check: struct({ sequencers: list(sequencerShape, PAGE_MAX) }),
  /** What a session holds and waits for, at most 1000 of each, in order of lock names. */
  session: struct({ session: sessionIdShape }),
  /** Who waits for whom, lock by lock in order of names, after the lock `after`. */
  graph: struct({ after: optional(text(LOCK_NAME_BYTES_MAX)), limit: integer(1, PAGE_MAX) }),
  latch: struct({ latch: lockNameShape }),
  barrier: struct({ barrier: lockNameShape }),
});
export type LockQuery = ShapeOf<typeof queryShape>;

const waiterShape = struct({
  request: requestNameShape,
  session: sessionIdShape,
  owner: ownerShape,
  mode: modeShape,
  permits: integer(1),
  priority: integer(-PRIORITY_MAX, PRIORITY_MAX),
  /** It holds the lock and wants it in this mode. */
  converts: bool,
  /** It waits for a lock below this one. */
  below: bool,
  position: integer(1),
  sinceMs: ms,
  waitUntilMs: optional(ms),
  note,
});

/** Modes in use, with their number of holders, those of locks below included. */
const usesShape = list(struct({ mode: modeShape, holders: integer(1) }), 64);

const lockSummaryShape = struct({
  name: lockNameShape,
  held: usesShape,
  waiters: integer(),
  /** Present while a lock-delay keeps others out. */
  delayedUntilMs: optional(ms),
});

const breakingShape = struct({
  by: text(256),
  reason: text(REASON_BYTES_MAX),
  untilMs: ms,
});

const requestStateShape = struct({
  request: requestNameShape,
  state: word('queued', 'granted', ...FINISHED_STATES),
  /** The `kind` of its row: here that word tells the answers apart. */
  what: word('locks', 'nested', 'conversion', 'enter', 'leave'),
  session: sessionIdShape,
  owner: ownerShape,
  /** With fences from its grant on. Of a barrier: its name. */
  items: list(
    struct({ lock: lockNameShape, mode: modeShape, permits: integer(1), fence: optional(u64) }),
    ITEMS_MAX,
  ),
  note,
  sinceMs: ms,
  /** While it is queued. */
  position: optional(integer(1)),
  waitUntilMs: optional(ms),
  /** End of its maximal hold. */
  deadlineMs: optional(ms),
  /** The grant is passed on then, unless it has been claimed. */
  claimUntilMs: optional(ms),
  /** It was asked to give up what it holds. */
  breaking: optional(breakingShape),
});

export const answerShape = union({
  /** A lock that nobody uses is a lock all the same: without holders and waiters. */
  lock: struct({
    name: lockNameShape,
    /** Grants of this very lock. */
    holderCount: integer(),
    waiterCount: integer(),
    uses: usesShape,
    delayedUntilMs: optional(ms),
    semaphore: optional(struct({ limit: integer(1), used: integer(), pinned: bool })),
    value: optional(struct({ value: valueShape, fence: u64, atMs: ms })),
    /** In order of their grants; the first 1000. `deadlineMs` is the session's, by the cluster clock. */
    holders: list(
      struct({
        request: requestNameShape,
        /** Grants on top of it, by the same owner. */
        nested: integer(),
        deadlineMs: ms,
        maxHoldUntilMs: optional(ms),
        breaking: optional(breakingShape),
        holder: holderShape,
      }),
      PAGE_MAX,
    ),
    /** In order; the first 1000. */
    waiters: list(waiterShape, PAGE_MAX),
  }),
  /** `next` is what to ask `after` for more. A page may be short, or empty, and still have a next one. */
  locks: struct({ locks: list(lockSummaryShape, PAGE_MAX), next: optional(lockNameShape) }),
  request: requestStateShape,
  'unknown-request': struct({}),
  /** In the order of the question. `currentFence` is the lowest of those held now. */
  check: struct({
    results: list(struct({ valid: bool, currentFence: optional(u64) }), PAGE_MAX),
  }),
  session: struct({
    holds: list(requestStateShape, PAGE_MAX),
    waits: list(requestStateShape, PAGE_MAX),
  }),
  /** `next` is what to ask `after` for more. */
  graph: struct({
    waits: list(
      struct({
        waiter: partyShape,
        lock: lockNameShape,
        mode: modeShape,
        /** Who keeps it waiting: holders, and those in front; the first 100. */
        waitsFor: list(partyShape, BLOCKERS_SHOWN_MAX),
      }),
      PAGE_MAX,
    ),
    next: optional(lockNameShape),
  }),
  latch: struct({ latch: lockNameShape, count: integer() }),
  'unknown-latch': struct({}),
  /** A barrier that nobody is at: no parties, nobody there. */
  barrier: struct({
    barrier: lockNameShape,
    parties: integer(),
    entering: integer(),
    inside: integer(),
    leaving: integer(),
    /** The first 1000. */
    members: list(
      struct({
        session: sessionIdShape,
        owner: ownerShape,
        state: word('entering', 'inside', 'leaving'),
        request: requestNameShape,
      }),
      PAGE_MAX,
    ),
  }),
});
export type LockAnswer = ShapeOf<typeof answerShape>;

export function encodeLockQuery(query: LockQuery): Uint8Array {
  return encode(queryShape, query);
}

export function decodeLockQuery(data: Uint8Array): LockQuery {
  return decode(queryShape, data);
}

export function encodeLockAnswer(answer: LockAnswer): Uint8Array {
  return encode(answerShape, answer);
}

export function decodeLockAnswer(data: Uint8Array): LockAnswer {
  return decode(answerShape, data);
}
