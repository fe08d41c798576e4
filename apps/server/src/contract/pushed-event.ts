import { LOCKS_SERVICE, decodeLockEvent } from '@lockstep/state-machines';
import { SESSIONS, decodeSessionEvent, type ExecutedEvent } from '@lockstep/vr-core';
import type { JsonObject } from './json';
import { sequencerOf } from './sequencer';

/** Something that happened to a session which was opened or kept alive through this socket. */
export interface PushedEvent extends JsonObject {
  /** `op-index` of what caused it. Events of one socket come in the order of the log. */
  readonly event: string;
  readonly kind: 'lock.granted' | 'lock.lost' | 'lock.timed-out' | 'session.ended';
  readonly session: string;
}

/** What a session's client is told: what it did not do itself. */
export function pushedEventOf({
  service,
  opNumber,
  index,
  bytes,
}: ExecutedEvent): PushedEvent | undefined {
  const event = `${opNumber}-${index}`;
  if (service === LOCKS_SERVICE) return pushedLockEvent(event, bytes);
  if (service !== SESSIONS) return undefined;
  const happened = decodeSessionEvent(bytes);
  if (happened.kind !== 'ended') return undefined;
  return { event, kind: 'session.ended', session: happened.id, cause: happened.cause };
}

function pushedLockEvent(event: string, bytes: Uint8Array): PushedEvent | undefined {
  const happened = decodeLockEvent(bytes);
  const { request, lock, session, owner, mode } = happened;
  const what = { event, session, request, lock, owner, mode };
  switch (happened.kind) {
    case 'lock.granted': {
      const sequencer = sequencerOf(happened);
      return { ...what, kind: 'lock.granted', fence: `${happened.fence}`, sequencer };
    }
    case 'lock.released': {
      const { fence, cause } = happened;
      return cause === 'released'
        ? undefined
        : { ...what, kind: 'lock.lost', fence: `${fence}`, cause };
    }
    case 'lock.timed-out':
      return { ...what, kind: 'lock.timed-out' };
    case 'lock.queued':
    case 'lock.cancelled':
      return undefined;
  }
}
