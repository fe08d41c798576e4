import type { ByteString } from '../encoding/byte-string';
import type { EventPosition, ExecutedEvent } from '../events/event-table';
import type { Request } from '../messages/request';
import { nextOp, type ClusterMs, type OpNumber } from '../numbers/numbers';
import type { Outcome, Plugin, Session } from '../service/state-machine';
import { createStateStore } from '../service/state-store';
import type { StateStore } from '../service/tables';
import { bodyOf, type HashFunction, type LogEntry } from '../state/log-entry';
import type { Configuration } from '../state/configuration';
import { UnknownGroupVersion } from '../group/group-version';
import type { Answer, ProblemCode } from './answer';
import { EventSavepoint, Moment, QueryContext, type Wall } from './moment';
import { ErrorCounts, type TouchedSession } from './hooks';
import type { CommittedAnswer } from './request-row';
import type { RequestPlace } from './request-table';
import { createServices, type Services } from './services';

export type { EventPosition, ExecutedEvent } from '../events/event-table';
export { TICK_UNITS_MAX, type TouchedSession } from './hooks';
export type { Wall } from './moment';
export { TIMERS } from './services';

/** Time given back to sessions near their end by a change of view; part of the replicated configuration. */
export const GRACE_MS = 3_000;

/** What executing one entry has led to. */
export interface Executed {
  readonly opNumber: OpNumber;
  readonly clusterMs: ClusterMs;
  readonly answers: readonly { readonly request: Request; readonly answer: Answer }[];
  /** The sessions that the entry's Tick kept alive. `deadlineMs` undefined: the session is gone. */
  readonly touched: readonly TouchedSession[];
  readonly events: readonly ExecutedEvent[];
  /** The state after this entry is to be kept: the same at every replica. (VRR §5.1; decision 19) */
  readonly checkpointDue: boolean;
}

export interface ExecutionOptions {
  /** In the order of their registration, the same at every replica. */
  readonly plugins: readonly Plugin[];
  readonly hash: HashFunction;
  /** A store that holds a state already; without one, execution starts from nothing. */
  readonly store?: StateStore;
  readonly graceMs?: number;
  /** When checkpoints are due; the same at every replica. Without it, never by themselves. */
  readonly cadence?: Cadence;
}

/** A checkpoint is due when so much has been executed since the last. */
export interface Cadence {
  readonly ops: number;
  /** Of encoded entries. */
  readonly bytes: number;
}

const NEVER: Cadence = { ops: Number.MAX_SAFE_INTEGER, bytes: Number.MAX_SAFE_INTEGER };

/** Executes committed entries, each once, in order, on the state of one replica. (VRR §4.1 step 5) */
export interface Execution {
  /** The last op executed; 0 at the start. */
  readonly executed: OpNumber;
  /** The cluster clock of the last entry executed. */
  readonly clusterMs: ClusterMs;
  /** The last wall-clock stamp given to a request. */
  readonly wall: Wall;
  /** The version that the group works at, as far as has been executed. (ADR 22) */
  readonly groupVersion: number;
  /** Every service that requests may name, in order. */
  readonly services: readonly string[];
  /** How often a plug-in has thrown here, by service. Not part of the state. (decision 17) */
  readonly internalErrors: ReadonlyMap<string, number>;
  /** Throws when the entry is not the one after `executed`. */
  execute(entry: LogEntry): Executed;
  /** Makes the state that of a new group; throws when the entry is not later, or names no group. (decision 6; ADR 21) */
  beginGeneration(entry: LogEntry, generation: number): void;
  /** The answer that committed state gives to a request already; undefined when the request is new. */
  committedAnswer(request: Pick<Request, 'name' | 'principal' | 'requestHash'>): Answer | undefined;
  /** Why the request must not enter the log; throws `Malformed` when its bytes are no operation. */
  validate(request: Pick<Request, 'service' | 'operation'>): ProblemCode | undefined;
  /** Answers a query from the state as it is; throws `Malformed`, and RangeError for an unknown service. */
  read(service: string, query: Uint8Array, clusterMs: ClusterMs): Outcome;
  /** A Tick at this time would have something to do. */
  tickDue(nowMs: ClusterMs): boolean;
  /** A live session, from what has been executed. */
  findSession(id: string): Session | undefined;
  /** When the next Tick is due. A session kept alive since may make that Tick do nothing. */
  nextTimerMs(): ClusterMs | undefined;
  /** Up to `limit` kept events after `position`, oldest first. */
  eventsSince(position: EventPosition, limit: number): readonly ExecutedEvent[];
  /** The lowest op whose events are all kept. */
  oldestEventOp(): OpNumber;
  /** A digest of one service's tables, or of the whole state. */
  digest(service?: string): ByteString;
  /** The state as pages, between operations. */
  readonly store: StateStore;
  /** False while pages are being replaced: nothing is executed or read, and questions about the state find nothing. */
  readonly isWhole: boolean;
  /** The store's pages are about to be replaced. */
  suspend(): void;
  /** They have been: goes on from what they say. */
  reload(): void;
}

export function createExecution(options: ExecutionOptions): Execution {
  return new StateExecution(options);
}

class StateExecution implements Execution {
  readonly internalErrors = new ErrorCounts();
  readonly store: StateStore;
  isWhole = true;
  private readonly plugins: readonly Plugin[];
  private readonly graceMs: number;
  private readonly cadence: Cadence;
  private readonly moment = new Moment();
  private on: Services;

  constructor({ plugins, hash, store, graceMs, cadence }: ExecutionOptions) {
    this.store = store ?? createStateStore(hash);
    this.plugins = plugins;
    this.graceMs = graceMs ?? GRACE_MS;
    this.cadence = cadence ?? NEVER;
    this.on = this.createServices();
  }

  suspend(): void {
    this.isWhole = false;
  }

  reload(): void {
    this.on = this.createServices();
    this.isWhole = true;
  }

  private createServices(): Services {
    return createServices(this.plugins, this.store, this.moment, this.internalErrors);
  }

  get executed(): OpNumber {
    return this.on.position.opNumber;
  }

  get clusterMs(): ClusterMs {
    return this.on.position.clusterMs;
  }

  get wall(): Wall {
    const { wallSeconds, wallNanos } = this.on.position;
    return { seconds: wallSeconds, nanos: wallNanos };
  }

  get groupVersion(): number {
    return this.on.group.groupVersion;
  }

  get services(): readonly string[] {
    return this.on.registry.all.map((service) => service.name);
  }

  execute(entry: LogEntry): Executed {
    if (!this.isWhole || entry.opNumber !== this.executed + 1)
      throw new Error(`op ${entry.opNumber} cannot be executed after op ${this.executed}`);
    const { opNumber, clusterMs } = entry;
    const body = bodyOf(entry);
    this.startEntry(entry);
    if (body.reconfiguration !== undefined) this.beginEpoch(body.reconfiguration, entry);
    const touched = body.touched === undefined ? [] : this.on.hooks.tick(body.touched, entry);
    if (body.newView) this.on.hooks.startView(entry, this.graceMs);
    const answers: { request: Request; answer: Answer }[] = [];
    for (const request of body.requests) {
      const index = answers.length;
      this.stamp(entry, index);
      answers.push({ request, answer: this.executeRequest(request, index) });
    }
    const { events } = this.moment;
    if (events.length > 0) this.on.events.append(events, opNumber);
    const { position } = this.on;
    const { moment } = this;
    position.count(entry.encoded.length);
    const checkpointDue = moment.checkpointAsked || position.isDue(this.cadence);
    if (checkpointDue) position.restartCount();
    position.store(opNumber, clusterMs);
    return { opNumber, clusterMs, answers, touched, events, checkpointDue };
  }

  beginGeneration(entry: LogEntry, generation: number): void {
    const { opNumber, clusterMs } = entry;
    const { reconfiguration } = bodyOf(entry);
    if (!this.isWhole || opNumber <= this.executed || reconfiguration === undefined)
      throw new Error(`no generation begins with op ${opNumber} after op ${this.executed}`);
    this.startEntry(entry);
    this.on.group.beginGeneration(reconfiguration, entry);
    this.on.hooks.startGeneration(entry, generation);
    this.on.events.append(this.moment.events, opNumber);
    this.on.position.restartCount();
    this.on.position.store(opNumber, clusterMs);
  }

  committedAnswer(
    request: Pick<Request, 'name' | 'principal' | 'requestHash'>,
  ): Answer | undefined {
    return this.isWhole ? this.on.requests.committedAnswer(request, this.executed) : undefined;
  }

  validate(request: Pick<Request, 'service' | 'operation'>): ProblemCode | undefined {
    const service = this.on.registry.get(request.service);
    if (service === undefined) return 'unknown-service';
    service.machine.validate(request.operation);
    return undefined;
  }

  read(service: string, query: Uint8Array, clusterMs: ClusterMs): Outcome {
    if (!this.isWhole) throw new Error('the state is being fetched');
    const registered = this.on.registry.get(service);
    if (registered === undefined) throw new RangeError(`there is no service ${service}`);
    return registered.machine.read(
      query,
      new QueryContext(this.executed, clusterMs, this.on.sessions),
    );
  }

  findSession(id: string): Session | undefined {
    return this.isWhole ? this.on.sessions.find(id) : undefined;
  }

  tickDue(nowMs: ClusterMs): boolean {
    const next = this.nextTimerMs();
    return next !== undefined && next <= nowMs;
  }

  nextTimerMs(): ClusterMs | undefined {
    if (!this.isWhole) return undefined;
    const timer = this.on.timers.minMs();
    const keyed = this.on.requests.minKeyedMs();
    if (timer === undefined || keyed === undefined) return timer ?? keyed;
    return timer < keyed ? timer : keyed;
  }

  eventsSince(position: EventPosition, limit: number): readonly ExecutedEvent[] {
    return this.isWhole ? this.on.events.since(position, limit) : [];
  }

  oldestEventOp(): OpNumber {
    return this.isWhole ? this.on.events.oldestOp() : nextOp(this.executed);
  }

  digest(service?: string): ByteString {
    return this.store.digest(service);
  }

  private startEntry({ opNumber, clusterMs }: LogEntry): void {
    this.moment.opNumber = opNumber;
    this.moment.clusterMs = clusterMs;
    this.moment.events = [];
    this.moment.checkpointAsked = false;
  }

  /** With a checkpoint of its start: who has no state, and a log that begins anywhere before, can go on from it. (ADR 11) */
  private beginEpoch(configuration: Configuration, entry: LogEntry): void {
    this.on.group.begin(configuration, entry);
    this.moment.checkpointAsked = true;
  }

  /** Entry's wall clock and `index` nanoseconds, and later than any stamp before. (decision 4) */
  private stamp(entry: LogEntry, index: number): void {
    this.on.position.stampWall(entry.wallSeconds, entry.wallNanos + index);
    this.moment.wallSeconds = this.on.position.wallSeconds;
    this.moment.wallNanos = this.on.position.wallNanos;
  }

  private executeRequest(request: Request, index: number): Answer {
    const place = this.on.requests.place(request);
    if (place.kind === 'outcome' || place.kind === 'problem') return place;
    const answer = this.apply(request, index, place);
    this.on.requests.record(place, request, answer, this.moment.clusterMs);
    return answer;
  }

  private apply(request: Request, index: number, place: RequestPlace): CommittedAnswer {
    const { moment } = this;
    moment.index = index;
    moment.session = place.kind === 'numbered' ? place.session : undefined;
    moment.principal = request.principal;
    const registered = this.on.registry.get(request.service);
    const savepoint = new EventSavepoint(this.store.savepoint(), moment);
    try {
      if (registered === undefined) throw new Error(`there is no service ${request.service}`);
      const { refused, bytes } = registered.machine.apply(request.operation, registered.context);
      if (refused) savepoint.rollback();
      else savepoint.release();
      return { kind: 'outcome', refused, bytes, opNumber: moment.opNumber, index, replayed: false };
    } catch (fault) {
      if (fault instanceof UnknownGroupVersion) throw fault;
      savepoint.rollback();
      this.internalErrors.add(request.service);
      return { kind: 'problem', code: 'internal-error' };
    }
  }
}
