import type { ExecutedEvent } from '@lockstep/vr-core';
import { pushedEventsOf, type PushedEvent } from '../contract/pushed-event';
import type { EventHub } from '../replica-host/event-hub';

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

  private readonly isHere = (session: string): boolean => this.sinks.has(session);

  private readonly route = (events: readonly ExecutedEvent[]): void => {
    for (const pushed of pushedEventsOf(events, this.isHere))
      for (const sink of this.sinks.get(pushed.session) ?? []) sink.push(pushed);
  };
}
