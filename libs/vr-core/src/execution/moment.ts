import type { TimerTable } from '../clock/timers';
import type { ExecutedEvent } from '../events/event-table';
import type { ClusterMs, OpNumber } from '../numbers/numbers';
import type {
  ApplyContext,
  Events,
  ReadContext,
  Session,
  Sessions,
  Timers,
} from '../service/state-machine';
import type { Savepoint, StateStore } from '../service/tables';

/** Index of the hooks that a Tick runs: no request has it, so (op, index) stays unique. */
export const TICK_INDEX = 0xffff_ffff;
/** Index of the hooks that the first entry of a view runs. */
export const NEW_VIEW_INDEX = 0xffff_fffe;
/** Index of the hooks that a new generation runs. */
export const NEW_GENERATION_INDEX = 0xffff_fffd;

/** Seconds and nanoseconds of a wall clock; never one number of nanoseconds. (decision 4) */
export interface Wall {
  readonly seconds: number;
  readonly nanos: number;
}

/** What is being executed now. One object, written before each request and each hook, read through the contexts. */
export class Moment {
  opNumber = 0 as OpNumber;
  index = 0;
  clusterMs = 0 as ClusterMs;
  wallSeconds = 0;
  wallNanos = 0;
  principal = '';
  session: Session | undefined = undefined;
  /** An operation of this entry asked for a checkpoint. (decision 19) */
  checkpointAsked = false;
  /** Work done by the hooks of this Tick. */
  charged = 0;
  /** Events of this entry so far; those of a request that is rolled back are cut off again. */
  events: ExecutedEvent[] = [];
}

/** The world as one service sees it inside apply. It lives as long as the service; a plug-in must not keep facts of it. */
export class ServiceContext implements ApplyContext {
  readonly sessions: Sessions;
  readonly timers: Timers;
  readonly events: Events;
  private readonly moment: Moment;
  private readonly store: StateStore;
  private readonly ports: ReadonlyMap<string, (question: Uint8Array) => Uint8Array>;

  constructor(
    service: string,
    world: { moment: Moment; store: StateStore; sessions: Sessions; timers: TimerTable },
    ports: ReadonlyMap<string, (question: Uint8Array) => Uint8Array>,
  ) {
    this.moment = world.moment;
    this.store = world.store;
    this.sessions = world.sessions;
    this.timers = world.timers.of(service);
    this.events = new ServiceEvents(service, world.moment);
    this.ports = ports;
  }

  get opNumber(): OpNumber {
    return this.moment.opNumber;
  }

  get index(): number {
    return this.moment.index;
  }

  get clusterMs(): ClusterMs {
    return this.moment.clusterMs;
  }

  get wallSeconds(): number {
    return this.moment.wallSeconds;
  }

  get wallNanos(): number {
    return this.moment.wallNanos;
  }

  get session(): Session | undefined {
    return this.moment.session;
  }

  get principal(): string {
    return this.moment.principal;
  }

  port(name: string): (question: Uint8Array) => Uint8Array {
    const port = this.ports.get(name);
    if (port === undefined) throw new Error(`the port ${name} is not listed in uses`);
    return port;
  }

  savepoint(): Savepoint {
    return new EventSavepoint(this.store.savepoint(), this.moment);
  }

  charge(units: number): number {
    this.moment.charged += units;
    return this.moment.charged;
  }
}

class ServiceEvents implements Events {
  private readonly service: string;
  private readonly moment: Moment;

  constructor(service: string, moment: Moment) {
    this.service = service;
    this.moment = moment;
  }

  publish(bytes: Uint8Array): void {
    const { opNumber, index, events } = this.moment;
    events.push({ opNumber, index, n: events.length, service: this.service, bytes });
  }
}

/** Undoes events together with writes: what did not happen is not told. */
export class EventSavepoint implements Savepoint {
  private readonly writes: Savepoint;
  private readonly moment: Moment;
  private readonly eventCount: number;

  constructor(writes: Savepoint, moment: Moment) {
    this.writes = writes;
    this.moment = moment;
    this.eventCount = moment.events.length;
  }

  rollback(): void {
    this.writes.rollback();
    this.moment.events.length = this.eventCount;
  }

  release(): void {
    this.writes.release();
  }
}

/** The state as one query sees it. */
export class QueryContext implements ReadContext {
  readonly opNumber: OpNumber;
  readonly clusterMs: ClusterMs;
  readonly sessions: Sessions;

  constructor(opNumber: OpNumber, clusterMs: ClusterMs, sessions: Sessions) {
    this.opNumber = opNumber;
    this.clusterMs = clusterMs;
    this.sessions = sessions;
  }
}
