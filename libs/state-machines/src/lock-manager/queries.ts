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
import { modeShape } from './compatibility';
import {
  LOCK_NAME_BYTES_MAX,
  lockNameShape,
  NOTE_BYTES_MAX,
  ownerShape,
  requestNameShape,
  sessionIdShape,
} from './operations';
import { holderShape } from './outcomes';

/** Rows of one answer. */
export const PAGE_MAX = 1000;

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
});
export type LockQuery = ShapeOf<typeof queryShape>;

const waiterShape = struct({
  request: requestNameShape,
  session: sessionIdShape,
  owner: ownerShape,
  mode: modeShape,
  position: integer(1),
  sinceMs: ms,
  waitUntilMs: optional(ms),
  note,
});

const lockSummaryShape = struct({
  name: lockNameShape,
  /** Modes in use, with their number of holders. */
  held: list(struct({ mode: modeShape, holders: integer(1) }), 64),
  waiters: integer(),
  /** Present while a lock-delay keeps others out. */
  delayedUntilMs: optional(ms),
});

const requestStateShape = struct({
  request: requestNameShape,
  state: word('queued', 'granted', 'released', 'cancelled', 'timed-out'),
  session: sessionIdShape,
  lock: lockNameShape,
  owner: ownerShape,
  mode: modeShape,
  sinceMs: ms,
  /** While it is queued. */
  position: optional(integer(1)),
  waitUntilMs: optional(ms),
  /** From its grant on. */
  fence: optional(u64),
});

export const answerShape = union({
  /** A lock that nobody uses is a lock all the same: without holders and waiters. */
  lock: struct({
    name: lockNameShape,
    holderCount: integer(),
    waiterCount: integer(),
    delayedUntilMs: optional(ms),
    /** In order of their grants; the first 1000. `deadlineMs` is the session's, by the cluster clock. */
    holders: list(
      struct({ request: requestNameShape, deadlineMs: ms, holder: holderShape }),
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
