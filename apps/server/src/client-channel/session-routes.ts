import { LOCKS_SERVICE, decodeLockEvent } from '@lockstep/state-machines';
import { SESSIONS, decodeSessionEvent, type ExecutedEvent } from '@lockstep/vr-core';
import { sequencerOf } from '../contract/sequencer';
import type { EventHub } from '../replica-host/event-hub';
import type { PushedEvent } from './protocol';

export interface EventSink {
  push(event: PushedEvent): void;
}

/** Which sockets are told of what happens to which session: those that opened it or keep it alive. */
export class SessionRoutes {
  private readonly sinks = new Map<string, Set<EventSink>>();
  private readonly hub: EventHub;
  private unsubscribe: (() => void) | undefined;

  constructor(hub: EventHub) {
    this.hub = hub;
  }

  add(session: string, sink: EventSink): void {
    const sinks = this.sinks.get(session);
    if (sinks === undefined) this.sinks.set(session, new Set([sink]));
    else sinks.add(sink);
    this.unsubscribe ??= this.hub.subscribe(this.route);
  }

  remove(session: string, sink: EventSink): void {
    const sinks = this.sinks.get(session);
    sinks?.delete(sink);
    if (sinks?.size === 0) this.sinks.delete(session);
    if (this.sinks.size > 0) return;
    this.unsubscribe?.();
    this.unsubscribe = undefined;
  }

  private readonly route = (events: readonly ExecutedEvent[]): void => {
    for (const event of events) {
      const pushed = pushedEventOf(event);
      if (pushed === undefined) continue;
      for (const sink of this.sinks.get(pushed.session) ?? []) sink.push(pushed);
    }
  };
}

/** What a session's client is told: what it did not do itself. */
function pushedEventOf({
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
