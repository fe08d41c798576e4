import {
  decode,
  encode,
  integer,
  optional,
  struct,
  text,
  u64,
  union,
  type ShapeOf,
} from '@lockstep/vr-core';
import { modeShape } from './compatibility';

export const LOCK_NAME_BYTES_MAX = 512;
export const OWNER_BYTES_MAX = 128;
export const NOTE_BYTES_MAX = 1024;
/** About 35 years: longer than any group, short enough that a deadline stays a safe integer. */
export const WAIT_MS_MAX = 2 ** 40;

/** These words are paths under `/v1/locks`. (decision 31) */
export const RESERVED_NAMES: readonly string[] = ['acquire', 'graph', 'events'];

export const lockNameShape = text(LOCK_NAME_BYTES_MAX, 1);
export const ownerShape = text(OWNER_BYTES_MAX);
export const sessionIdShape = text(40, 1);
/** The name of a request as `nameKey` of the core writes it: principal, a star, and the hex of a hash at most. */
export const requestNameShape = text(400, 1);

/**
 * What the service `locks` executes. One byte tells the cases apart: append cases, never reorder them.
 *
 * `owner` tells apart the tasks of one session that lock on their own; `''` when there is only one. The pair
 * (session, owner) is who holds.
 */
export const operationShape = union({
  /**
   * Take the lock, or wait for it in order of arrival. `waitMs` is cluster time: 0 does not wait, undefined waits for
   * as long as the session lives. `request` is the name under which the request travels (decision 1); it names the
   * lock's holder or waiter from now on, for `cancel` and for the query `request`.
   */
  acquire: struct({
    request: requestNameShape,
    session: sessionIdShape,
    lock: lockNameShape,
    owner: ownerShape,
    mode: modeShape,
    waitMs: optional(integer(0, WAIT_MS_MAX)),
    note: optional(text(NOTE_BYTES_MAX)),
  }),
  /** Give up what this fence was granted for. Without a fence: stop waiting; nothing that is held is given up. */
  release: struct({
    session: sessionIdShape,
    lock: lockNameShape,
    owner: ownerShape,
    fence: optional(u64),
  }),
  /** Undo an acquire by its name, whether it waits or was granted meanwhile. (decision 29) */
  cancel: struct({ request: requestNameShape }),
});

export type LockOperation = ShapeOf<typeof operationShape>;
export type Acquire = Extract<LockOperation, { kind: 'acquire' }>;
export type Release = Extract<LockOperation, { kind: 'release' }>;
export type Cancel = Extract<LockOperation, { kind: 'cancel' }>;

/** Throws `Malformed` with the field when a value is out of its bounds. */
export function encodeLockOperation(operation: LockOperation): Uint8Array {
  return encode(operationShape, operation);
}

export function decodeLockOperation(data: Uint8Array): LockOperation {
  return decode(operationShape, data);
}
