import {
  counter,
  decode,
  encode,
  integer,
  struct,
  text,
  u64,
  union,
  word,
  type ClusterMs,
  type ShapeOf,
} from '@lockstep/vr-core';
import { modeShape } from './compatibility';
import { NOTE_BYTES_MAX, ownerShape, requestNameShape, sessionIdShape } from './operations';

/** How a request that neither waits nor holds came to its end. Append, never reorder. */
export const FINISHED_STATES = ['released', 'cancelled', 'timed-out'] as const;
export type FinishedState = (typeof FINISHED_STATES)[number];
export const finishedStateShape = word(...FINISHED_STATES);

/** Who stands in the way: enough to find the person, nothing with which to act as the holder. */
export const holderShape = struct({
  session: sessionIdShape,
  owner: ownerShape,
  mode: modeShape,
  fence: u64,
  note: text(NOTE_BYTES_MAX),
  /** Cluster time of the grant. */
  sinceMs: counter<ClusterMs>(),
});
export type Holder = ShapeOf<typeof holderShape>;

/** What an operation of this service can answer. Append cases, never reorder them: they are in recorded histories. */
export const outcomeShape = union({
  granted: struct({ request: requestNameShape, fence: u64, mode: modeShape }),
  /** `position` counts from 1, the next to be granted. */
  queued: struct({ request: requestNameShape, position: integer(1) }),
  /** The request has ended before: an acquire repeated under its name, or a cancel that comes late. */
  finished: struct({ request: requestNameShape, state: finishedStateShape }),
  released: struct({}),
  /** This owner does not hold the lock (any more). */
  'already-released': struct({}),
  cancelled: struct({}),

  'lock-held': struct({ holder: holderShape, queueLength: integer() }),
  /** A holder was lost at an expired session; nobody follows it before `untilMs` of cluster time. */
  'lock-delay': struct({ untilMs: counter<ClusterMs>() }),
  /** The same session and owner hold it, by another request. Locks are not re-entrant. */
  'already-held': struct({ request: requestNameShape, fence: u64 }),
  /** The same session and owner wait for it, by another request: they would wait for themselves. */
  'already-queued': struct({ request: requestNameShape }),
  'request-reused': struct({}),
  'session-expired': struct({}),
  'not-your-session': struct({}),
  'reserved-name': struct({}),
  /** The same session and owner hold the lock under `currentFence`. */
  'stale-fence': struct({ currentFence: u64 }),
  'unknown-request': struct({}),
});

export type LockOutcome = ShapeOf<typeof outcomeShape>;

const refusing = {
  granted: false,
  queued: false,
  finished: false,
  released: false,
  'already-released': false,
  cancelled: false,
  'lock-held': true,
  'lock-delay': true,
  'already-held': true,
  'already-queued': true,
  'request-reused': true,
  'session-expired': true,
  'not-your-session': true,
  'reserved-name': true,
  'stale-fence': true,
  'unknown-request': true,
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
