import {
  counter,
  integer,
  key,
  keyU32,
  keyU64,
  list,
  optional,
  struct,
  terminated,
  text,
  u64,
  utf8Encode,
  word,
  type ByteString,
  type ClusterMs,
  type OpNumber,
  type ShapeOf,
  type Tables,
} from '@lockstep/vr-core';
import { MODES, modeShape, type ModeUse } from './compatibility';
import {
  lockNameShape,
  NOTE_BYTES_MAX,
  ownerShape,
  requestNameShape,
  sessionIdShape,
} from './operations';
import { typedTable, type TypedTable } from './typed-table';

/**
 * Everything the lock manager knows. A lock, its holders and its queue are rows of their own, so that a lock with ten
 * thousand readers or waiters costs a release no more than one with two.
 *
 * | table          | key                           | value                                         |
 * | -------------- | ----------------------------- | --------------------------------------------- |
 * | locks          | lock                          | holders of each mode, length of the queue     |
 * | holds          | lock, fence                   | who holds it                                  |
 * | waiters        | lock, rank, op, index         | the request that waits                        |
 * | requests       | request                       | what was asked and what became of it          |
 * | session-holds  | session, lock, owner, fence   | the request that holds                        |
 * | session-waits  | session, lock, owner, op, index | the request that waits                      |
 * | finished       | session, n                    | a finished request, the oldest first          |
 * | sessions       | session                       | how many requests of it have finished         |
 * | fences         | (one row)                     | generation and the last number given out      |
 */
export interface LockTables {
  readonly locks: TypedTable<LockRow>;
  readonly holds: TypedTable<HoldRow>;
  readonly waiters: TypedTable<string>;
  readonly requests: TypedTable<RequestRow>;
  readonly sessionHolds: TypedTable<string>;
  readonly sessionWaits: TypedTable<string>;
  readonly finished: TypedTable<string>;
  readonly sessions: TypedTable<number>;
  readonly fences: TypedTable<FenceRow>;
}

export function lockTables(tables: Tables): LockTables {
  return {
    locks: typedTable(tables.ordered('locks'), lockRow),
    holds: typedTable(tables.ordered('holds'), holdRow),
    waiters: typedTable(tables.ordered('waiters'), requestNameShape),
    requests: typedTable(tables.ordered('requests'), requestRow),
    sessionHolds: typedTable(tables.ordered('session-holds'), requestNameShape),
    sessionWaits: typedTable(tables.ordered('session-waits'), requestNameShape),
    finished: typedTable(tables.ordered('finished'), requestNameShape),
    sessions: typedTable(tables.ordered('sessions'), integer()),
    fences: typedTable(tables.ordered('fences'), fenceRow),
  };
}

const modeUse = struct({ holders: integer(), delayedUntilMs: integer() });
const lockRow = struct({
  /** In the order of MODES; a mode appended later is missing here, and means no use. */
  uses: list(modeUse, 64),
  waiters: integer(),
});
/** Present while anybody holds the lock, waits for it, or is kept from it by a lock-delay. */
export type LockRow = ShapeOf<typeof lockRow>;

export const UNUSED: ModeUse = { holders: 0, delayedUntilMs: 0 };
export const FREE: LockRow = { uses: MODES.map(() => UNUSED), waiters: 0 };

const holdRow = struct({
  request: requestNameShape,
  session: sessionIdShape,
  owner: ownerShape,
  mode: modeShape,
  sinceMs: counter<ClusterMs>(),
});
export type HoldRow = ShapeOf<typeof holdRow>;

const requestRow = struct({
  state: word('queued', 'granted', 'released', 'cancelled', 'timed-out'),
  session: sessionIdShape,
  lock: lockNameShape,
  owner: ownerShape,
  mode: modeShape,
  note: text(NOTE_BYTES_MAX),
  /** Cluster time at which the state was reached. */
  sinceMs: counter<ClusterMs>(),
  /** Where it was asked: its place in the log is its place among waiters of one rank. */
  opNumber: counter<OpNumber>(),
  index: integer(),
  waitUntilMs: optional(counter<ClusterMs>()),
  /** Kept when the hold has ended. */
  fence: optional(u64),
});
export type RequestRow = ShapeOf<typeof requestRow>;

const fenceRow = struct({ generation: integer(1), lastNumber: integer() });
export type FenceRow = ShapeOf<typeof fenceRow>;

export const FENCE_KEY = '' as ByteString;

/** Waiters of a lower rank come first whatever their age; all requests have the same one so far. */
const RANK = '\x80' as ByteString;

export const nameKey = (name: string): ByteString => utf8Encode(name);

/** Prefix of everything that belongs to one lock, or to one session. */
export const rowsOf = (name: string): ByteString => terminated(utf8Encode(name));

export function holdKey(lock: string, fence: bigint): ByteString {
  return key(rowsOf(lock), fenceKey(fence));
}

/** The fence at the end of a key. */
export function fenceOf(holdKeyOrIndex: ByteString): bigint {
  let fence = 0n;
  for (let at = holdKeyOrIndex.length - 8; at < holdKeyOrIndex.length; at += 1) {
    fence = (fence << 8n) | BigInt(holdKeyOrIndex.charCodeAt(at));
  }
  return fence;
}

export function waiterKey(request: RequestRow): ByteString {
  return key(rowsOf(request.lock), RANK, placeKey(request));
}

/** Prefix of what one owner has of one lock, in `session-holds` and in `session-waits`. */
export function ownersKey(request: Pick<RequestRow, 'session' | 'lock' | 'owner'>): ByteString {
  return key(rowsOf(request.session), rowsOf(request.lock), rowsOf(request.owner));
}

export function sessionHoldKey(hold: Owner, fence: bigint): ByteString {
  return key(ownersKey(hold), fenceKey(fence));
}

export function sessionWaitKey(request: RequestRow): ByteString {
  return key(ownersKey(request), placeKey(request));
}

export function finishedKey(session: string, count: number): ByteString {
  return key(rowsOf(session), keyU64(count));
}

/** The pair that holds and waits, and for what. */
export type Owner = Pick<RequestRow, 'session' | 'lock' | 'owner'>;

function placeKey(request: RequestRow): ByteString {
  return key(keyU64(request.opNumber), keyU32(request.index));
}

function fenceKey(fence: bigint): ByteString {
  return key(keyU32(Number(fence >> 32n)), keyU32(Number(fence & 0xffff_ffffn)));
}
