import {
  decode,
  encode,
  struct,
  u64,
  union,
  word,
  type ApplyContext,
  type ShapeOf,
} from '@lockstep/vr-core';
import { modeShape } from './compatibility';
import { lockNameShape, ownerShape, requestNameShape, sessionIdShape } from './operations';

const request = {
  request: requestNameShape,
  lock: lockNameShape,
  session: sessionIdShape,
  owner: ownerShape,
  mode: modeShape,
};

const held = { ...request, fence: u64 };

/** Who ended it: the client by release or cancel, or the end of its session. */
const causeShape = word('released', 'session-expired', 'session-closed');
export type Cause = ShapeOf<typeof causeShape>;

/**
 * What watchers are told, in op order. A grant is state first: whoever waits for a request reads its row, then waits
 * for an event with its name. (decision 14) Append cases, never reorder them.
 */
export const eventShape = union({
  'lock.queued': struct(request),
  'lock.granted': struct(held),
  'lock.released': struct({ ...held, cause: causeShape }),
  /** It waited, and does so no more; `released` when the client said so. */
  'lock.cancelled': struct({ ...request, cause: causeShape }),
  'lock.timed-out': struct(request),
});

export type LockEvent = ShapeOf<typeof eventShape>;

export function publish(context: ApplyContext, event: LockEvent): void {
  context.events.publish(encode(eventShape, event));
}

export function decodeLockEvent(data: Uint8Array): LockEvent {
  return decode(eventShape, data);
}
