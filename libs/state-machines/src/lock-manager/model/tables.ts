import {
  counter,
  integer,
  list,
  optional,
  struct,
  text,
  u64,
  word,
  type ByteString,
  type ClusterMs,
  type OpNumber,
  type ShapeOf,
  type Tables,
} from '@lockstep/vr-core';
import { modeShape } from './compatibility';
import {
  ITEMS_MAX,
  lockNameShape,
  NOTE_BYTES_MAX,
  ownerShape,
  PRIORITY_MAX,
  REASON_BYTES_MAX,
  requestNameShape,
  sessionIdShape,
  valueShape,
  VICTIMS,
} from '../operations';
import { typedTable, type TypedTable } from '../../table/typed-table';

/**
 * Everything the lock manager knows. A lock, its holders and its queue are rows of their own, so that a lock with ten
 * thousand readers or waiters costs a release no more than one with two.
 *
 * | table           | key                                | value                                              |
 * | --------------- | ---------------------------------- | -------------------------------------------------- |
 * | locks           | lock                               | uses of each mode, length of the queue             |
 * | holds           | lock, fence                        | who holds it                                       |
 * | waiters         | lock, mode, rank, op, index        | the request that waits for it, or for one below    |
 * | requests        | request                            | what was asked and what became of it               |
 * | session-holds   | session, owner, lock, fence        | how the lock is held, by which request             |
 * | session-intents | session, owner, lock               | what the owner holds below the lock                |
 * | session-waits   | session, owner, lock, op, index    | the request that waits                             |
 * | finished        | session, n                         | a finished request, the oldest first               |
 * | sessions        | session                            | how many requests of it have finished              |
 * | semaphores      | lock                               | its permits, and how many are out                  |
 * | values          | lock                               | its value block                                    |
 * | latches         | latch                              | what is left to count                              |
 * | barriers        | barrier                            | parties, and how many are there                    |
 * | barrier-members | barrier, session, owner            | who has entered, and whether it is inside          |
 * | session-barriers| session, barrier, owner            | nothing: the same by session                       |
 * | endings         | session                            | how it ended, while it still has locks             |
 * | fences          | (one row)                          | generation and the last number given out           |
 */
export interface LockTables {
  readonly locks: TypedTable<LockRow>;
  readonly holds: TypedTable<HoldRow>;
  readonly waiters: TypedTable<string>;
  readonly requests: TypedTable<RequestRow>;
  readonly sessionHolds: TypedTable<OwnHold>;
  readonly sessionIntents: TypedTable<Intents>;
  readonly sessionWaits: TypedTable<string>;
  readonly finished: TypedTable<string>;
  readonly sessions: TypedTable<number>;
  readonly semaphores: TypedTable<SemaphoreRow>;
  readonly values: TypedTable<ValueRow>;
  readonly latches: TypedTable<number>;
  readonly barriers: TypedTable<BarrierRow>;
  readonly barrierMembers: TypedTable<BarrierMember>;
  readonly sessionBarriers: TypedTable<string>;
  readonly endings: TypedTable<EndingRow>;
  readonly fences: TypedTable<FenceRow>;
}

export function lockTables(tables: Tables): LockTables {
  return {
    locks: typedTable(tables.ordered('locks'), lockRow),
    holds: typedTable(tables.ordered('holds'), holdRow),
    waiters: typedTable(tables.ordered('waiters'), requestNameShape),
    requests: typedTable(tables.ordered('requests'), requestRow),
    sessionHolds: typedTable(tables.ordered('session-holds'), ownHold),
    sessionIntents: typedTable(tables.ordered('session-intents'), intents),
    sessionWaits: typedTable(tables.ordered('session-waits'), requestNameShape),
    finished: typedTable(tables.ordered('finished'), requestNameShape),
    sessions: typedTable(tables.ordered('sessions'), integer()),
    semaphores: typedTable(tables.ordered('semaphores'), semaphoreRow),
    values: typedTable(tables.ordered('values'), valueRow),
    latches: typedTable(tables.ordered('latches'), integer()),
    barriers: typedTable(tables.ordered('barriers'), barrierRow),
    barrierMembers: typedTable(tables.ordered('barrier-members'), barrierMember),
    sessionBarriers: typedTable(tables.ordered('session-barriers'), lockNameShape),
    endings: typedTable(tables.ordered('endings'), endingRow),
    fences: typedTable(tables.ordered('fences'), fenceRow),
  };
}

const modeUse = struct({
  /** Owners that hold the lock so, or hold something below it that needs this intention. */
  holders: integer(),
  /** Cluster time until which a holder lost in this mode still counts as one (lock-delay); 0 when there is none. */
  delayedUntilMs: integer(),
});
/** What one mode does to a lock just now. */
export type ModeUse = ShapeOf<typeof modeUse>;

const lockRow = struct({
  /** In the order of MODES; one that is missing at the end is not used. */
  uses: list(modeUse, 64),
  /** Grants of this very lock. */
  holders: integer(),
  /** Requests that wait for this lock, or for one below it. */
  waiters: integer(),
});
/** Present while anybody holds the lock or one below it, waits for it, or is kept from it by a lock-delay. */
export type LockRow = ShapeOf<typeof lockRow>;

export const UNUSED: ModeUse = { holders: 0, delayedUntilMs: 0 };
export const FREE: LockRow = { uses: [], holders: 0, waiters: 0 };

/** Somebody has asked the holder to give the lock up. */
const breaking = struct({
  by: text(256),
  reason: text(REASON_BYTES_MAX),
  untilMs: counter<ClusterMs>(),
});
export type Breaking = ShapeOf<typeof breaking>;

const holdRow = struct({
  /** The one that was granted, and those that the same owner has had granted on top of it. */
  requests: list(requestNameShape, 256),
  session: sessionIdShape,
  owner: ownerShape,
  mode: modeShape,
  permits: integer(1),
  sinceMs: counter<ClusterMs>(),
  breaking: optional(breaking),
});
export type HoldRow = ShapeOf<typeof holdRow>;

const ownHold = struct({ request: requestNameShape, mode: modeShape });
export type OwnHold = ShapeOf<typeof ownHold>;

/** Grants of one owner below a lock. */
const intents = struct({ shared: integer(), exclusive: integer() });
export type Intents = ShapeOf<typeof intents>;

const requestedLock = struct({
  lock: lockNameShape,
  mode: modeShape,
  permits: integer(1),
  /** From its grant on, and kept when the hold has ended. */
  fence: optional(u64),
});
export type RequestedLock = ShapeOf<typeof requestedLock>;

const requestRow = struct({
  state: word(
    'queued',
    'granted',
    'released',
    'cancelled',
    'timed-out',
    'expired',
    'broken',
    'unclaimed',
    'deadlock',
    'left',
  ),
  /** `nested`: granted on top of a grant that its owner had. */
  kind: word('locks', 'nested', 'conversion', 'enter', 'leave'),
  session: sessionIdShape,
  owner: ownerShape,
  /** Of a barrier: one, with the barrier's name. */
  items: list(requestedLock, ITEMS_MAX),
  note: text(NOTE_BYTES_MAX),
  /** Cluster time at which the state was reached. */
  sinceMs: counter<ClusterMs>(),
  /** Where it was asked: its place in the log is its place among waiters of one rank. */
  opNumber: counter<OpNumber>(),
  index: integer(),
  priority: integer(-PRIORITY_MAX, PRIORITY_MAX),
  victim: word(...VICTIMS),
  waitUntilMs: optional(counter<ClusterMs>()),
  maxHoldMs: optional(integer()),
  minHoldMs: optional(integer()),
  claimMs: optional(integer()),
  /** Of a conversion: the fence of the hold that is to be converted. */
  converts: optional(u64),
});
export type RequestRow = ShapeOf<typeof requestRow>;

/** `pinned`: the limit was set by itself, and stays when nobody uses the semaphore. */
const semaphoreRow = struct({ limit: integer(1), used: integer(), pinned: integer(0, 1) });
export type SemaphoreRow = ShapeOf<typeof semaphoreRow>;

const valueRow = struct({ value: valueShape, fence: u64, atMs: counter<ClusterMs>() });
export type ValueRow = ShapeOf<typeof valueRow>;

const barrierRow = struct({
  parties: integer(1),
  /** Those who wait to enter, those who are inside, and those of them who wait to leave. */
  entering: integer(),
  inside: integer(),
  leaving: integer(),
});
export type BarrierRow = ShapeOf<typeof barrierRow>;

const barrierMember = struct({
  state: word('entering', 'inside', 'leaving'),
  session: sessionIdShape,
  owner: ownerShape,
  /** Of its last step. */
  request: requestNameShape,
});
export type BarrierMember = ShapeOf<typeof barrierMember>;

/** A session that has ended and has left more behind than was cleared away at once. */
const endingRow = struct({
  ended: word('closed', 'expired'),
  lockDelayMs: integer(),
  atMs: counter<ClusterMs>(),
});
export type EndingRow = ShapeOf<typeof endingRow>;

const fenceRow = struct({ generation: integer(1), lastNumber: integer() });
export type FenceRow = ShapeOf<typeof fenceRow>;

export const FENCE_KEY = '' as ByteString;
