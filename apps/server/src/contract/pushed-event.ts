import { LOCKS_SERVICE, decodeLockEventRecord, type LockEvent } from '@lockstep/state-machines';
import { SESSIONS, decodeSessionEvent, type ExecutedEvent } from '@lockstep/vr-core';
import type { JsonObject } from './json';
import { plainSequencer } from './sequencer';

/** Something that happened to a session which was opened or kept alive through this socket. */
export interface PushedEvent extends JsonObject {
  /** `op-index` of what caused it. Events of one socket come in the order of the log. */
  readonly event: string;
  readonly kind:
    | 'lock.granted'
    | 'lock.converted'
    | 'lock.break-requested'
    | 'lock.lost'
    | 'lock.timed-out'
    | 'lock.cancelled'
    | 'barrier.passed'
    | 'session.ended';
  readonly session: string;
}

/**
 * What clients are told of what they did not do themselves, for the sessions that somebody listens for. Several locks that
 * one request was granted are one push.
 */
export function pushedEventsOf(events: readonly ExecutedEvent[], isHere: IsHere): PushedEvent[] {
  const pushed: PushedEvent[] = [];
  for (const event of events) {
    const one = pushedEventOf(event, isHere);
    if (one === undefined) continue;
    const last = pushed.at(-1);
    if (last !== undefined && isOneGrant(last, one)) pushed[pushed.length - 1] = both(last, one);
    else pushed.push(one);
  }
  return pushed;
}

type IsHere = (session: string) => boolean;

const isOneGrant = (first: PushedEvent, second: PushedEvent): boolean =>
  first.kind === 'lock.granted' &&
  second.kind === 'lock.granted' &&
  first.event === second.event &&
  first['request'] === second['request'];

function both(first: PushedEvent, second: PushedEvent): PushedEvent {
  const { event, kind, session, request, owner, locks } = first;
  const before = Array.isArray(locks) ? (locks as readonly JsonObject[]) : [lockOf(first)];
  return { event, kind, session, request, owner, locks: [...before, lockOf(second)] };
}

const lockOf = ({ lock, mode, fence, sequencer }: PushedEvent): JsonObject => ({
  lock,
  mode,
  fence,
  sequencer,
});

function pushedEventOf(
  { service, opNumber, index, bytes }: ExecutedEvent,
  isHere: IsHere,
): PushedEvent | undefined {
  const event = `${opNumber}-${index}`;
  if (service === LOCKS_SERVICE) {
    const { atMs, event: happened } = decodeLockEventRecord(bytes);
    if (!('session' in happened) || !isHere(happened.session)) return undefined;
    return pushedLockEvent(event, happened, atMs);
  }
  if (service !== SESSIONS) return undefined;
  const happened = decodeSessionEvent(bytes);
  if (happened.kind !== 'ended') return undefined;
  return { event, kind: 'session.ended', session: happened.id, cause: happened.cause };
}

function pushedLockEvent(
  event: string,
  happened: LockEvent,
  atMs: number,
): PushedEvent | undefined {
  switch (happened.kind) {
    case 'lock.granted':
    case 'lock.converted': {
      // Written out: every grant comes through here, and to spread one object into another costs ten times as much.
      const { kind, session, request, lock, owner, mode } = happened;
      const fence = `${happened.fence}`;
      const sequencer = plainSequencer(happened);
      return { event, kind, session, request, lock, owner, mode, fence, sequencer };
    }
    case 'lock.break-requested': {
      const { kind, fence, by, reason, untilMs } = happened;
      const leftMs = Math.max(0, untilMs - atMs);
      return { ...aboutLock(event, happened), kind, fence: `${fence}`, by, reason, leftMs };
    }
    case 'lock.released': {
      const { fence, cause } = happened;
      if (cause === 'released' || cause === 'transferred') return undefined;
      return { ...aboutLock(event, happened), kind: 'lock.lost', fence: `${fence}`, cause };
    }
    case 'lock.timed-out':
      return { ...aboutLock(event, happened), kind: 'lock.timed-out' };
    case 'lock.cancelled': {
      const { kind, cause } = happened;
      return cause === 'deadlock' ? { ...aboutLock(event, happened), kind, cause } : undefined;
    }
    case 'barrier.passed': {
      const { kind, barrier, request, session, owner } = happened;
      return { event, kind, session, request, barrier, owner };
    }
    default:
      return undefined;
  }
}

type AboutLock = Extract<LockEvent, { readonly request: string; readonly lock: string }>;

const aboutLock = (event: string, { request, lock, session, owner, mode }: AboutLock) => ({
  event,
  session,
  request,
  lock,
  owner,
  mode,
});
