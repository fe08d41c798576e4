import {
  decodeSessionEvent,
  decodeSessionOutcome,
  SESSIONS,
  type KeptAlive,
} from '@lockstep/vr-core';
import { holds } from '../violation';
import type { ExecutedOp } from './reference-execution';

interface Life {
  readonly ttlMs: number;
  /** No Tick may end the session before this: a ttl after it was opened or last touched, by the log's own clock. */
  deadlineMs: number;
  ended: { readonly opNumber: number; readonly clusterMs: number; readonly cause: string } | undefined;
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
    for (const { service, bytes } of executed.events) {
      if (service === SESSIONS) this.happened(bytes, opNumber);
    }
  }

  lives(session: string): boolean {
    const life = this.sessions.get(session);
    return life !== undefined && life.ended === undefined;
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
      () => `${session} was kept until ${result.deadlineMs} and expired at ${String(ended?.clusterMs)}`,
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

  private happened(bytes: Uint8Array, opNumber: number): void {
    const event = decodeSessionEvent(bytes);
    if (event.kind !== 'ended') return;
    const life = this.sessions.get(event.id);
    holds('sessions: only the living end', life !== undefined && life.ended === undefined, () => `op ${opNumber} ends ${event.id}, which is no session`);
    if (life === undefined) return;
    const { clusterMs } = this;
    life.ended = { opNumber, clusterMs, cause: event.cause };
    this.ended.set(opNumber, [...this.endedBy(opNumber), event.id]);
    holds(
      'locks I4 no early end',
      event.cause === 'closed' || clusterMs >= life.deadlineMs,
      () => `${event.id} expires at ${clusterMs}, ${life.deadlineMs - clusterMs} ms too early`,
    );
  }
}
