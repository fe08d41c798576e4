import { LOCKS_SERVICE, decodeLockEvent } from '@lockstep/state-machines';
import type { ExecutedEvent } from '@lockstep/vr-core';
import type { EventHub } from '../replica-host/event-hub';

/** Called with the op of an event that concerns what is watched. */
type LockWatcher = (opNumber: number) => void;

/** What events of the lock manager are about, as their fields name it. */
const WATCHED = ['request', 'lock', 'latch'] as const;
type Watched = (typeof WATCHED)[number];

/** Wakes whoever waits for a change of a request, a lock or a latch. */
export class LockWatch {
  private readonly watchers: Readonly<Record<Watched, Map<string, Set<LockWatcher>>>> = {
    request: new Map(),
    lock: new Map(),
    latch: new Map(),
  };
  private readonly hub: EventHub;
  private unsubscribe: (() => void) | undefined;

  constructor(hub: EventHub) {
    this.hub = hub;
  }

  /** Returns the end of the watch. */
  on(what: Watched, name: string, watcher: LockWatcher): () => void {
    const watchers = this.watchers[what];
    const set = watchers.get(name) ?? new Set();
    watchers.set(name, set.add(watcher));
    this.unsubscribe ??= this.hub.subscribe(this.tell);
    return () => {
      set.delete(watcher);
      if (set.size === 0 && watchers.get(name) === set) watchers.delete(name);
      if (WATCHED.some((each) => this.watchers[each].size > 0)) return;
      this.unsubscribe?.();
      this.unsubscribe = undefined;
    };
  }

  private readonly tell = (events: readonly ExecutedEvent[]): void => {
    for (const event of events) {
      const subjects = subjectsOf(event);
      for (const what of WATCHED)
        wake(this.watchers[what].get(subjects[what] ?? ''), event.opNumber);
    }
  };
}

type Subjects = { readonly [what in Watched]?: string };
const NONE: Subjects = {};

/** The names that an event is about; none of them when it is another service's. */
export const subjectsOf = ({ service, bytes }: ExecutedEvent): Subjects =>
  service === LOCKS_SERVICE ? decodeLockEvent(bytes) : NONE;

function wake(watchers: Set<LockWatcher> | undefined, opNumber: number): void {
  for (const watcher of [...(watchers ?? [])]) watcher(opNumber);
}
