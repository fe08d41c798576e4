import {
  decodeSessionEvent,
  decodeSessionOutcome,
  SESSIONS,
  type ExecutedEvent,
  type KeptAlive,
} from '@lockstep/vr-core';
import { holds } from '../violation';
import type { ExecutedOp } from './reference-execution';

interface End {
  readonly opNumber: number;
  /** Among the events of that op. */
  readonly n: number;
  readonly clusterMs: number;
  readonly cause: 'closed' | 'expired';
}

interface Life {
  readonly ttlMs: number;
  /** No Tick may end the session before this: a ttl after it was opened or last touched, by the log's own clock. */
  deadlineMs: number;
  ended: End | undefined;
}

/** No session ends before its ttl has passed since the last keepalive that anyone was told of. (locks.md I4, R6) */
export class SessionRules {
  private readonly sessions = new Map<string, Life>();
  private readonly ended = new Map<number, string[]>();
  private clusterMs = 0;

  executed({ entry, body, executed }: ExecutedOp): void {
    const { clusterMs, opNumber } = entry;
    holds(
      'R1 one cluster clock',
      clusterMs >= this.clusterMs,
      () => `op ${opNumber} is stamped ${clusterMs} after ${this.clusterMs}`,
    );
    this.clusterMs = clusterMs;
    for (const id of body.touched ?? []) {
      const life = this.sessions.get(id);
      if (life) life.deadlineMs = Math.max(life.deadlineMs, clusterMs + life.ttlMs);
    }
    for (const { request, answer } of executed.answers) {
      if (request.service !== SESSIONS || answer.kind !== 'outcome' || answer.replayed) continue;
      const outcome = decodeSessionOutcome(answer.bytes);
      if (outcome.kind !== 'opened') continue;
      const { id, ttlMs } = outcome;
      this.sessions.set(id, { ttlMs, deadlineMs: clusterMs + ttlMs, ended: undefined });
    }
    for (const event of executed.events) if (event.service === SESSIONS) this.happened(event);
  }

  lives(session: string): boolean {
    const life = this.sessions.get(session);
    return life !== undefined && life.ended === undefined;
  }

  /** The session was alive when event `n` of an op happened. */
  livedAt(session: string, opNumber: number, n: number): boolean {
    const life = this.sessions.get(session);
    if (life?.ended === undefined) return life !== undefined;
    const { ended } = life;
    return opNumber < ended.opNumber || (opNumber === ended.opNumber && n < ended.n);
  }

  endedBy(opNumber: number): readonly string[] {
    return this.ended.get(opNumber) ?? [];
  }

  /** A client has been told that its session is kept: it may rely on that. */
  keptAlive(session: string, result: Extract<KeptAlive, { kind: 'touched' }>): void {
    const ended = this.sessions.get(session)?.ended;
    holds(
      'locks I4 no early end',
      ended?.cause !== 'expired' || ended.clusterMs >= result.deadlineMs,
      () =>
        `${session} was kept until ${result.deadlineMs} and expired at ${String(ended?.clusterMs)}`,
    );
  }

  /** A client has been told that its session is gone. */
  expired(session: string): void {
    holds(
      'sessions: gone means gone',
      !this.lives(session),
      () => `a client is told that ${session} has expired, and it lives`,
    );
  }

  private happened({ opNumber, n, bytes }: ExecutedEvent): void {
    const event = decodeSessionEvent(bytes);
    if (event.kind !== 'ended') return;
    const life = this.sessions.get(event.id);
    holds(
      'sessions: only the living end',
      life !== undefined && life.ended === undefined,
      () => `op ${opNumber} ends ${event.id}, which is no session`,
    );
    if (life === undefined) return;
    const { clusterMs } = this;
    const { id, cause } = event;
    life.ended = { opNumber, n, clusterMs, cause };
    this.ended.set(opNumber, [...this.endedBy(opNumber), id]);
    holds(
      'locks I4 no early end',
      cause === 'closed' || clusterMs >= life.deadlineMs,
      () => `${id} expires at ${clusterMs}, ${life.deadlineMs - clusterMs} ms too early`,
    );
  }
}
