import type { ExecutedEvent } from '@lockstep/vr-core';
import type { Turn } from './turn';

/** Told of every event that is executed here, in op order, once a turn. */
export type EventListener = (events: readonly ExecutedEvent[]) => void;

/**
 * Events of operations that this replica has executed, told to whoever watches now. What happened before is in the
 * replicated event log; a grant is state first, and a waiter looks at the state before it waits. (decision 14)
 */
export class EventHub {
  private readonly listeners = new Set<EventListener>();
  private readonly turn: Turn;
  private gathered: ExecutedEvent[] = [];

  constructor(turn: Turn) {
    this.turn = turn;
  }

  /** Returns the end of the subscription. */
  subscribe(listener: EventListener): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  publish(events: readonly ExecutedEvent[]): void {
    if (this.listeners.size === 0) return;
    if (this.gathered.length === 0) this.turn.atEnd(this.tell);
    this.gathered.push(...events);
  }

  private readonly tell = (): void => {
    const events = this.gathered;
    this.gathered = [];
    for (const listener of this.listeners) listener(events);
  };
}
