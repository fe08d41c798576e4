import type { ByteString } from '../encoding/byte-string';
import { encode } from '../encoding/shape';
import type { TimerTable } from '../clock/timers';
import type { ClusterMs, RequestNumber } from '../numbers/numbers';
import {
  done,
  refused,
  type ApplyContext,
  type Outcome,
  type StateMachine,
  type Timers,
} from '../service/state-machine';
import {
  SESSIONS,
  SESSIONS_MAX,
  decodeSessionOperation,
  decodeSessionQuery,
  encodeSessionAnswer,
  encodeSessionOutcome,
  sessionEvent,
  type OpenSession,
  type SessionQuery,
  type SessionView,
} from './operations';
import { sessionIdOf, sessionKeyOf } from './session-id';
import type { LiveSession, SessionLease, SessionTable } from './session-table';

/** Ends a session everywhere: its rows, its requests, and the hooks of every plug-in. The execution engine's part. */
export type EndSession = (session: LiveSession, cause: 'closed' | 'expired') => void;

const NO_KEY = '' as ByteString;

const noSession = (): never => {
  throw new Error('a session key that is none');
};

/**
 * Sessions as a service: opened and closed by operations, kept alive by the touches of Ticks, expired by Ticks alone.
 * (decisions 1, 10, 22, 30)
 *
 * The timer of a session may be older than its deadline: a keepalive writes only the lease, and the timer is set
 * again when it runs out too early.
 */
export class SessionService implements StateMachine {
  private readonly table: SessionTable;
  private readonly timers: Timers;
  private readonly timerTable: TimerTable;
  private readonly end: EndSession;
  private readonly sessionsMax: number;

  constructor(
    table: SessionTable,
    timerTable: TimerTable,
    end: EndSession,
    sessionsMax = SESSIONS_MAX,
  ) {
    this.table = table;
    this.timerTable = timerTable;
    this.timers = timerTable.of(SESSIONS);
    this.end = end;
    this.sessionsMax = sessionsMax;
  }

  validate(operation: Uint8Array): void {
    decodeSessionOperation(operation);
  }

  apply(bytes: Uint8Array, context: ApplyContext): Outcome {
    const operation = decodeSessionOperation(bytes);
    if (operation.kind === 'open') return this.open(operation, context);
    return this.close(operation.session, context, operation.kind === 'force-close');
  }

  read(bytes: Uint8Array): Outcome {
    const query = decodeSessionQuery(bytes);
    return query.kind === 'get' ? this.get(query.session) : this.list(query);
  }

  /** A keepalive: the lease runs a whole ttl from here. Undefined when the session is gone. (R2 b) */
  touch(id: string, nowMs: ClusterMs): LiveSession | undefined {
    const session = this.table.find(id);
    if (session === undefined) return undefined;
    const deadlineMs = Math.max(session.deadlineMs, nowMs + session.ttlMs) as ClusterMs;
    const { ackedBelow } = session;
    this.table.putLease(session.key, { deadlineMs, lastTouchMs: nowMs, ackedBelow });
    return this.table.byKey(session.key);
  }

  /** The timer of a session has run out: expires it, unless a keepalive came since the timer was set. */
  onTimer(key: ByteString, context: ApplyContext): void {
    const session = this.table.byKey(key);
    if (session === undefined) return;
    if (session.deadlineMs > context.clusterMs) this.timers.set(key, session.deadlineMs);
    else this.endOne(session, 'expired', context);
  }

  /**
   * A change of view costs clients some time in which nobody could take their keepalives: sessions near their end get
   * it back, but no session lives longer than two ttl past its last keepalive. (locks: view change; decision 10)
   */
  grantGrace(nowMs: ClusterMs, graceMs: number): void {
    const near: ByteString[] = [];
    for (const timer of this.timerTable.before(nowMs + graceMs))
      if (timer.service === SESSIONS) near.push(timer.key);
    for (const key of near) {
      const session = this.table.byKey(key);
      if (session !== undefined) this.extend(session, nowMs + graceMs);
    }
  }

  private extend(session: LiveSession, untilMs: number): void {
    const { lastTouchMs, ackedBelow, ttlMs } = session;
    const deadlineMs = Math.min(untilMs, lastTouchMs + 2 * ttlMs) as ClusterMs;
    if (deadlineMs > session.deadlineMs)
      this.table.putLease(session.key, { deadlineMs, lastTouchMs, ackedBelow });
  }

  private open(terms: OpenSession, context: ApplyContext): Outcome {
    const max = this.sessionsMax;
    if (this.table.size >= max) {
      return refused(encodeSessionOutcome({ kind: 'limit-reached', limit: 'sessions', max }));
    }
    const id = sessionIdOf(context.opNumber, context.index);
    const key = sessionKeyOf(id) ?? noSession();
    const { ttlMs, name, metadata, lockDelayMs, onEnd } = terms;
    const { principal, clusterMs } = context;
    const deadlineMs = (clusterMs + ttlMs) as ClusterMs;
    const lease: SessionLease = {
      deadlineMs,
      lastTouchMs: clusterMs,
      ackedBelow: 0 as RequestNumber,
    };
    this.table.add(
      key,
      { ttlMs, name, metadata, lockDelayMs, onEnd, principal, openedAtMs: clusterMs },
      lease,
    );
    this.timers.set(key, deadlineMs);
    context.events.publish(encode(sessionEvent, { kind: 'opened', id }));
    return done(encodeSessionOutcome({ kind: 'opened', id, ttlMs, deadlineMs }));
  }

  private close(id: string, context: ApplyContext, isForced: boolean): Outcome {
    const session = this.table.find(id);
    if (session === undefined) return done(encodeSessionOutcome({ kind: 'already-closed' }));
    if (!isForced && session.principal !== context.principal)
      return refused(encodeSessionOutcome({ kind: 'not-your-session' }));
    this.endOne(session, 'closed', context);
    return done(encodeSessionOutcome({ kind: 'closed' }));
  }

  /** None of them is of the new group: their clients were others'. (decision 6) */
  endAll(context: ApplyContext, beforeEach: () => void): void {
    for (let key = this.table.keyAfter(NO_KEY); key !== undefined; key = this.table.keyAfter(key)) {
      const session = this.table.byKey(key);
      beforeEach();
      if (session !== undefined) this.endOne(session, 'expired', context);
    }
  }

  private endOne(session: LiveSession, cause: 'closed' | 'expired', context: ApplyContext): void {
    this.timers.cancel(session.key);
    this.table.remove(session.key);
    context.events.publish(encode(sessionEvent, { kind: 'ended', id: session.id, cause }));
    this.end(session, cause);
  }

  private get(id: string): Outcome {
    const key = sessionKeyOf(id);
    const session = key && this.table.view(key);
    return done(encodeSessionAnswer(session ? { kind: 'session', session } : { kind: 'missing' }));
  }

  private list({ after, limit, prefix }: Extract<SessionQuery, { kind: 'list' }>): Outcome {
    const sessions: SessionView[] = [];
    let key = this.table.keyAfter((after && sessionKeyOf(after)) ?? NO_KEY);
    for (; key !== undefined && sessions.length <= limit; key = this.table.keyAfter(key)) {
      const session = this.table.view(key);
      if (session && (session.name ?? '').startsWith(prefix ?? '')) sessions.push(session);
    }
    const more = sessions.length > limit;
    return done(
      encodeSessionAnswer({ kind: 'sessions', sessions: sessions.slice(0, limit), more }),
    );
  }
}
