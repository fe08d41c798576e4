import {
  counter,
  decode,
  encode,
  integer,
  struct,
  text,
  u64,
  Reader,
  union,
  word,
  type ApplyContext,
  type ClusterMs,
  type ShapeOf,
} from '@lockstep/vr-core';
import { modeShape } from './model/compatibility';
import {
  lockNameShape,
  NOTE_BYTES_MAX,
  ownerShape,
  REASON_BYTES_MAX,
  requestNameShape,
  sessionIdShape,
} from './operations';

const request = {
  request: requestNameShape,
  lock: lockNameShape,
  session: sessionIdShape,
  owner: ownerShape,
  mode: modeShape,
};

const held = { ...request, fence: u64 };

/**
 * Who ended a hold or a wait: the client by release, cancel or transfer, the end of its session, the maximal hold, an
 * operator, a claim that did not come, a deadlock. Append, never reorder.
 */
const causeShape = word(
  'released',
  'session-expired',
  'session-closed',
  'max-hold',
  'broken',
  'unclaimed',
  'transferred',
  'deadlock',
);
export type Cause = ShapeOf<typeof causeShape>;

const principalShape = text(256);

const atBarrier = {
  barrier: lockNameShape,
  request: requestNameShape,
  session: sessionIdShape,
  owner: ownerShape,
};

/**
 * What watchers are told, in op order, one event for each lock of a request. A grant is state first: whoever waits for a
 * request reads its row, then waits for an event with its name. (decision 14) Append cases, never reorder them.
 */
const eventCases = {
  'lock.queued': struct(request),
  'lock.granted': struct(held),
  'lock.released': struct({ ...held, cause: causeShape }),
  /** It waited, and does so no more; `released` when the client said so. */
  'lock.cancelled': struct({ ...request, cause: causeShape }),
  'lock.timed-out': struct(request),
  /** Held in mode `mode` and under `fence` from now on. */
  'lock.converted': struct(held),
  /** Please give it up before `untilMs` of cluster time: then it is taken away. */
  'lock.break-requested': struct({
    ...held,
    by: principalShape,
    reason: text(REASON_BYTES_MAX),
    untilMs: counter<ClusterMs>(),
  }),
  /** Taken away from its holder by an operator: the record of who did it and why. */
  'lock.broken': struct({ ...held, by: principalShape, reason: text(REASON_BYTES_MAX) }),
  'lock.amended': struct({ ...held, note: text(NOTE_BYTES_MAX) }),
  'lock.value': struct({ lock: lockNameShape, fence: u64 }),
  'lock.limit': struct({ lock: lockNameShape, limit: integer() }),
  latch: struct({ latch: lockNameShape, count: integer() }),
  'barrier.entered': struct(atBarrier),
  'barrier.passed': struct(atBarrier),
  /** It waited at the barrier, and does so no more. */
  'barrier.gone': struct(atBarrier),
};
export const eventShape = union(eventCases);

export type LockEvent = ShapeOf<typeof eventShape>;

/** An event with the cluster time at which it happened. */
const eventRecordShape = struct({ atMs: counter<ClusterMs>(), event: eventShape });
export type LockEventRecord = ShapeOf<typeof eventRecordShape>;

export function publish(context: ApplyContext, event: LockEvent): void {
  context.events.publish(encode(eventRecordShape, { atMs: context.clusterMs, event }));
}

const KINDS = Object.keys(eventCases) as LockEvent['kind'][];

/** What kind of event it is, without reading the rest of it: for whoever only counts. */
export function lockEventKind(data: Uint8Array): LockEvent['kind'] | undefined {
  const reader = new Reader(data);
  reader.varint();
  return KINDS[reader.u8()];
}

export function decodeLockEventRecord(data: Uint8Array): LockEventRecord {
  return decode(eventRecordShape, data);
}

export function decodeLockEvent(data: Uint8Array): LockEvent {
  return decodeLockEventRecord(data).event;
}
