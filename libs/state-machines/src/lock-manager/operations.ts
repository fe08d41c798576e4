import {
  bytes,
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
  type ShapeOf,
} from '@lockstep/vr-core';
import { modeShape } from './model/compatibility';

export const LOCK_NAME_BYTES_MAX = 512;
export const OWNER_BYTES_MAX = 128;
export const NOTE_BYTES_MAX = 1024;
export const REASON_BYTES_MAX = 512;
/** Of the value block of a lock. */
export const VALUE_BYTES_MAX = 4096;
/** Locks of one acquire. */
export const ITEMS_MAX = 64;
export const PERMITS_MAX = 1_000_000;
export const PRIORITY_MAX = 100;
/** Parties of one barrier. */
export const PARTIES_MAX = 10_000;
/** About 35 years: longer than any group, short enough that a deadline stays a safe integer. */
export const WAIT_MS_MAX = 2 ** 40;

/** These words are paths under `/v1/locks`. (decision 31) */
export const RESERVED_NAMES: readonly string[] = ['acquire', 'graph', 'events'];

export const lockNameShape = text(LOCK_NAME_BYTES_MAX, 1);
export const ownerShape = text(OWNER_BYTES_MAX);
export const sessionIdShape = text(40, 1);
/** The name of a request as `nameKey` of the core writes it: principal, a star, and the hex of a hash at most. */
export const requestNameShape = text(400, 1);
export const valueShape = bytes(VALUE_BYTES_MAX);
const durationShape = integer(0, WAIT_MS_MAX);
const permitsShape = integer(1, PERMITS_MAX);

/** Which request of a deadlock gives way: the one that would close it, the youngest, or the one of lowest priority. */
export const VICTIMS = ['requester', 'youngest', 'lowest-priority'] as const;
export type Victim = (typeof VICTIMS)[number];

/** `limit` is the size of the semaphore and goes with mode `permit` alone; `permits` is 1 in every other mode. */
const itemShape = struct({
  lock: lockNameShape,
  mode: modeShape,
  permits: permitsShape,
  limit: optional(permitsShape),
});
export type Item = ShapeOf<typeof itemShape>;

/** Who holds something: a session, one of its tasks, and the fence of the grant. */
const holderFields = {
  session: sessionIdShape,
  lock: lockNameShape,
  owner: ownerShape,
};

/**
 * What the service `locks` executes. One byte tells the cases apart: append cases, never reorder them.
 *
 * `owner` tells apart the tasks of one session that lock on their own; `''` when there is only one. The pair
 * (session, owner) is who holds. `request` is the name under which a request travels (decision 1): it names a holder or a
 * waiter from then on, for `cancel` and for the query `request`.
 */
export const operationShape = union({
  /**
   * Take all of these locks in one step, or none and wait for all of them in order of arrival.
   *
   * - `waitMs`, of cluster time: 0 does not wait, undefined waits for as long as the session lives.
   * - `maxHoldMs`: the grant ends by itself that long after it was given.
   * - `minHoldMs`: the locks stay shut at least that long after the grant, whenever it is given back.
   * - `claimMs`: a grant out of the queue is passed on when nobody has claimed it within that time.
   * - `priority`: higher ones wait in front of lower ones, whatever their age; 0 is usual.
   */
  acquire: struct({
    request: requestNameShape,
    session: sessionIdShape,
    owner: ownerShape,
    items: list(itemShape, ITEMS_MAX),
    waitMs: optional(durationShape),
    note: optional(text(NOTE_BYTES_MAX)),
    priority: integer(-PRIORITY_MAX, PRIORITY_MAX),
    maxHoldMs: optional(durationShape),
    minHoldMs: optional(durationShape),
    claimMs: optional(durationShape),
    victim: word(...VICTIMS),
  }),
  /**
   * Give up what this fence was granted for. Without a fence: stop waiting; nothing that is held is given up. `value`
   * is written to the lock's value block before it is free: by a holder that others could not share with.
   */
  release: struct({ ...holderFields, fence: optional(u64), value: optional(valueShape) }),
  /** Undo an acquire by its name, whether it waits or was granted meanwhile. (decision 29) */
  cancel: struct({ request: requestNameShape }),
  /**
   * Hold the lock in another mode from now on. A weaker mode is had at once and keeps the fence; a stronger one may have
   * to wait, in front of everybody who holds nothing yet, and is a new grant with a new fence.
   */
  convert: struct({
    request: requestNameShape,
    ...holderFields,
    fence: u64,
    mode: modeShape,
    waitMs: optional(durationShape),
    value: optional(valueShape),
  }),
  /** The grant has reached its client. (decision 29) */
  claim: struct({ request: requestNameShape }),
  /** Other words for people, or another proclamation of a leader, in place of the note of the acquire. */
  amend: struct({ ...holderFields, fence: u64, note: text(NOTE_BYTES_MAX) }),
  /** Write the value block of a lock that is held in a mode that others cannot share. */
  'set-value': struct({ ...holderFields, fence: u64, value: valueShape }),
  /**
   * Ask the holder to give the lock up within `graceMs`, then take it away; at once when that is 0. Anybody may: the
   * holder is told who and why, and so is whoever reads the events.
   */
  break: struct({
    lock: lockNameShape,
    fence: u64,
    graceMs: durationShape,
    reason: text(REASON_BYTES_MAX, 1),
  }),
  /** Give the lock to a request that waits for it, whatever its place in the queue. */
  transfer: struct({ ...holderFields, fence: u64, to: requestNameShape }),
  /** How many permits a semaphore has, whether anybody uses it or not; without one it is what its users say again. */
  'set-limit': struct({ lock: lockNameShape, limit: optional(permitsShape) }),

  /** A latch that opens once it has been counted down to 0; counting starts anew when it is open or unknown. */
  'set-latch': struct({ latch: lockNameShape, count: integer(0, PERMITS_MAX) }),
  'count-down': struct({ latch: lockNameShape, by: permitsShape }),
  'remove-latch': struct({ latch: lockNameShape }),

  /** Wait until as many as `parties` have entered; then all of them are inside. */
  enter: struct({
    request: requestNameShape,
    session: sessionIdShape,
    owner: ownerShape,
    barrier: lockNameShape,
    parties: integer(1, PARTIES_MAX),
    waitMs: optional(durationShape),
  }),
  /** Wait until everyone who is inside has left, or is gone. */
  leave: struct({
    request: requestNameShape,
    session: sessionIdShape,
    owner: ownerShape,
    barrier: lockNameShape,
    waitMs: optional(durationShape),
  }),
});

export type LockOperation = ShapeOf<typeof operationShape>;
type OperationOf<K extends LockOperation['kind']> = Extract<LockOperation, { kind: K }>;
export type Acquire = OperationOf<'acquire'>;
export type Release = OperationOf<'release'>;
export type Cancel = OperationOf<'cancel'>;
export type Convert = OperationOf<'convert'>;
export type Amend = OperationOf<'amend'>;
export type SetValue = OperationOf<'set-value'>;
export type Break = OperationOf<'break'>;
export type Transfer = OperationOf<'transfer'>;
export type SetLimit = OperationOf<'set-limit'>;
export type SetLatch = OperationOf<'set-latch'>;
export type CountDown = OperationOf<'count-down'>;
export type Enter = OperationOf<'enter'>;
export type Leave = OperationOf<'leave'>;

/** Throws `Malformed` with the field when a value is out of its bounds. */
export function encodeLockOperation(operation: LockOperation): Uint8Array {
  return encode(operationShape, operation);
}

export function decodeLockOperation(data: Uint8Array): LockOperation {
  return decode(operationShape, data);
}
