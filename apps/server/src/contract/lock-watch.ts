import { LOCKS_SERVICE, decodeLockEvent, type LockEvent } from '@lockstep/state-machines';
import type { ExecutedEvent } from '@lockstep/vr-core';
import type { EventHub } from '../replica-host/event-hub';

/** Called with the op of an event that concerns what is watched. */
export type LockWatcher = (opNumber: number) => void;

/** Wakes whoever waits for a change of a request or of a lock. */
export class LockWatch {
  private readonly requests = new Map<string, Set<LockWatcher>>();
  private readonly locks = new Map<string, Set<LockWatcher>>();
  private readonly hub: EventHub;
  private unsubscribe: (() => void) | undefined;

  constructor(hub: EventHub) {
    this.hub = hub;
  }

  /** Each returns the end of the watch. */
  onRequest(request: string, watcher: LockWatcher): () => void {
    return this.add(this.requests, request, watcher);
  }

  onLock(lock: string, watcher: LockWatcher): () => void {
    return this.add(this.locks, lock, watcher);
  }

  private add(
    watchers: Map<string, Set<LockWatcher>>,
    name: string,
    watcher: LockWatcher,
  ): () => void {
    const set = watchers.get(name) ?? new Set();
    watchers.set(name, set.add(watcher));
    this.unsubscribe ??= this.hub.subscribe(this.tell);
    return () => {
      set.delete(watcher);
      if (set.size === 0 && watchers.get(name) === set) watchers.delete(name);
      if (this.requests.size + this.locks.size > 0) return;
      this.unsubscribe?.();
      this.unsubscribe = undefined;
    };
  }

  private readonly tell = (events: readonly ExecutedEvent[]): void => {
    for (const event of events) {
      if (event.service !== LOCKS_SERVICE) continue;
      const { request, lock } = decodeLockEvent(event.bytes);
      wake(this.requests.get(request), event.opNumber);
      wake(this.locks.get(lock), event.opNumber);
    }
  };
}

/** The lock that an event is about; undefined for events of other services. */
export function lockEventOf(event: ExecutedEvent): LockEvent | undefined {
  return event.service === LOCKS_SERVICE ? decodeLockEvent(event.bytes) : undefined;
}

function wake(watchers: Set<LockWatcher> | undefined, opNumber: number): void {
  for (const watcher of [...(watchers ?? [])]) watcher(opNumber);
}
