import type { Timer, TimerTable } from '../clock/timers';
import type { ClusterMs } from '../numbers/numbers';
import type { SessionId } from '../service/state-machine';
import type { StateStore } from '../service/tables';
import { SESSIONS } from '../sessions/operations';
import type { SessionService } from '../sessions/session-service';
import { endedSession, type LiveSession } from '../sessions/session-table';
import type { LogEntry } from '../state/log-entry';
import {
  EventSavepoint,
  NEW_GENERATION_INDEX,
  NEW_VIEW_INDEX,
  TICK_INDEX,
  type Moment,
  type ServiceContext,
} from './moment';
import type { Registered, Registry } from './registry';
import type { RequestTable } from './request-table';

/**
 * How much work one Tick does before it leaves the rest to the next: session ends, releases, grants. A unit costs some 20 us,
 * so that others wait about 10 ms for a whole Tick: with ten times as much they wait for a tenth of a second and more.
 * (decision 20; measured by `npm run bench:locks`)
 */
export const TICK_UNITS_MAX = 500;

export interface TouchedSession {
  readonly session: SessionId;
  /** Undefined: the session is gone. */
  readonly deadlineMs: ClusterMs | undefined;
  readonly ttlMs: number;
}

/** How often each service has thrown. */
export class ErrorCounts extends Map<string, number> {
  add(service: string): void {
    this.set(service, (this.get(service) ?? 0) + 1);
  }
}

interface World {
  readonly moment: Moment;
  readonly store: StateStore;
  readonly timers: TimerTable;
  readonly requests: RequestTable;
  readonly sessions: SessionService;
  readonly registry: Registry;
  readonly internalErrors: ErrorCounts;
}

/** What an entry executes beside its requests: a Tick, the start of a view, and the ends of sessions they bring. */
export class Hooks {
  private readonly moment: Moment;
  private readonly store: StateStore;
  private readonly timers: TimerTable;
  private readonly requests: RequestTable;
  private readonly sessions: SessionService;
  private readonly registry: Registry;
  private readonly internalErrors: ErrorCounts;

  constructor(world: World) {
    this.moment = world.moment;
    this.store = world.store;
    this.timers = world.timers;
    this.requests = world.requests;
    this.sessions = world.sessions;
    this.registry = world.registry;
    this.internalErrors = world.internalErrors;
  }

  /** Touches come before expiry: a keepalive that reached the primary in time counts. (R2; decision 22) */
  tick(touches: readonly SessionId[], entry: LogEntry): TouchedSession[] {
    this.startHooks(TICK_INDEX, entry);
    const nowMs = entry.clusterMs;
    const touched = touches.map((session): TouchedSession => {
      const kept = this.sessions.touch(session, nowMs);
      return { session, deadlineMs: kept?.deadlineMs, ttlMs: kept?.ttlMs ?? 0 };
    });
    for (let timer = this.timers.min(); timer !== undefined; timer = this.timers.min()) {
      if (timer.atMs > nowMs || this.moment.charged >= TICK_UNITS_MAX) break;
      this.moment.charged += 1;
      this.runOut(timer);
    }
    this.requests.evictKeyed(nowMs, TICK_UNITS_MAX - this.moment.charged);
    return touched;
  }

  private runOut({ service, key }: Timer): void {
    const registered = this.registry.get(service);
    if (registered === undefined) throw new Error(`a timer of ${service}, which is not registered`);
    registered.context.timers.cancel(key);
    if (registered.machine.onTimer === undefined) return;
    this.guard(registered, (context) => registered.machine.onTimer?.(key, context));
  }

  /** Grace first, so that hooks see deadlines as they will be. (decision 10) */
  startView(entry: LogEntry, graceMs: number): void {
    this.startHooks(NEW_VIEW_INDEX, entry);
    this.sessions.grantGrace(entry.clusterMs, graceMs);
    for (const registered of this.registry.all)
      if (registered.machine.onViewStart !== undefined)
        this.guard(registered, (context) => registered.machine.onViewStart?.(context));
  }

  /**
   * Numbers first, so that what the ends of sessions hand on has those of the new generation. All sessions end in one go:
   * nobody is served yet who would wait for it. (decision 6)
   */
  startGeneration(entry: LogEntry, generation: number): void {
    this.startHooks(NEW_GENERATION_INDEX, entry);
    for (const registered of this.registry.all)
      // Not guarded: a service that can't must not begin, with fences that somebody may have.
      registered.machine.onNewGeneration?.(generation, registered.context);
    const sessions = this.registry.get(SESSIONS);
    if (sessions === undefined) throw new Error('the core has sessions');
    // Each has a budget of its own, as if it were the only one.
    this.sessions.endAll(sessions.context, () => (this.moment.charged = 0));
  }

  private startHooks(index: number, entry: LogEntry): void {
    const { moment } = this;
    moment.index = index;
    moment.session = undefined;
    moment.principal = '';
    moment.charged = 0;
    moment.wallSeconds = entry.wallSeconds;
    moment.wallNanos = entry.wallNanos;
  }

  /** The session is no longer found when the plug-ins are told. */
  endSession(session: LiveSession, cause: 'closed' | 'expired'): void {
    this.requests.removeSession(session.key);
    const ended = endedSession(session, cause);
    for (const registered of this.registry.all)
      if (registered.machine.onSessionEnd !== undefined)
        this.guard(registered, (context) => registered.machine.onSessionEnd?.(ended, context));
  }

  /** A hook that throws is undone and counted, and the others run on. (decision 17) */
  private guard(registered: Registered, hook: (context: ServiceContext) => void): void {
    const savepoint = new EventSavepoint(this.store.savepoint(), this.moment);
    try {
      hook(registered.context);
      savepoint.release();
    } catch {
      savepoint.rollback();
      this.internalErrors.add(registered.name);
    }
  }
}
