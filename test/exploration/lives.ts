import type { MonotonicMs } from '@lockstep/vr-core';
import type { CoreUnderTest } from './core-under-test';
import { crashed, emptyDisk } from './disk';
import type { Event, LocalState } from './local-state';
import type { MessageTable } from './message-table';
import { RunningReplica, type Host, type Step } from './running-replica';
import type { World } from './world';

const KEPT_MAX = 4096;

/** A replica and what it has just done. */
export interface Taken {
  readonly running: RunningReplica;
  readonly step: Step;
}

/** Brings real replicas to any local state, by doing again what led there. */
export class Lives {
  private readonly coreUnderTest: CoreUnderTest;
  private readonly messages: MessageTable;
  private readonly world: World;
  /** Replicas that stand just where a local state says, the longest kept first. */
  private readonly kept = new Map<number, RunningReplica>();

  constructor(coreUnderTest: CoreUnderTest, messages: MessageTable, world: World) {
    this.coreUnderTest = coreUnderTest;
    this.messages = messages;
    this.world = world;
  }

  /** A replica's very first start. */
  first(replica: number): Taken {
    return this.start(replica, { disk: emptyDisk(this.coreUnderTest.emptyPromise()), clock: 0 });
  }

  /** The event happens to a replica in this state. */
  take(state: LocalState, event: Event): Taken {
    if (event.kind === 'crash') {
      const empty = this.coreUnderTest.emptyPromise();
      const disk = crashed(state.disk, event.loss, event.finished, empty);
      return this.start(state.replica, { disk, clock: state.clock });
    }
    const running = this.kept.get(state.id) ?? this.again(state);
    this.kept.delete(state.id);
    return { running, step: this.make(running, event) };
  }

  /** This replica stands at this state, and may be taken on from here. */
  keep(state: LocalState, running: RunningReplica): void {
    this.kept.set(state.id, running);
    if (this.kept.size <= KEPT_MAX) return;
    for (const oldest of this.kept.keys()) {
      this.kept.delete(oldest);
      return;
    }
  }

  private start(replica: number, host: Host): Taken {
    const running = new RunningReplica(this.coreUnderTest, replica, host, this.world);
    return { running, step: running.start() };
  }

  private again(state: LocalState): RunningReplica {
    const { replica, foundDisk: disk, foundClock: clock } = state;
    const { running } = this.start(replica, { disk, clock });
    for (const event of eventsOf(state)) this.make(running, event);
    return running;
  }

  private make(running: RunningReplica, event: Event): Step {
    switch (event.kind) {
      case 'message':
        return running.take({ kind: 'message', message: this.messages.at(event.id).message });
      case 'timeout':
        return running.timeout();
      case 'stored':
        return running.finishStore();
      case 'clock':
        return running.moveClock();
      case 'request':
        return running.take({
          kind: 'request',
          request: this.coreUnderTest.request(event.number),
          deadlineMs: Number.MAX_SAFE_INTEGER as MonotonicMs,
        });
      case 'start':
      case 'crash':
        throw new RangeError(`${event.kind} is nothing that a running replica takes`);
    }
  }
}

/** What happened in this life after its start, in order. */
function eventsOf(state: LocalState): readonly Event[] {
  const events: Event[] = [];
  for (let at: LocalState | undefined = state; at !== undefined; at = at.before) {
    if (at.event.kind === 'start' || at.event.kind === 'crash') break;
    events.push(at.event);
  }
  return events.reverse();
}
