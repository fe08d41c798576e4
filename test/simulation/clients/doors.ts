import {
  monotonicMs,
  nameKey,
  type Answer,
  type Consistency,
  type Input,
  type KeptAlive,
  type MonotonicMs,
  type ReadResult,
  type Request,
  type SessionId,
} from '@lockstep/vr-core';
import type { Observer } from '../observer';
import type { SimulatedHost } from '../simulated-host';
import { holds } from '../violation';

export type Reply<T> = (answer: T | 'connection-lost') => void;

export interface Query {
  readonly service: string;
  readonly bytes: Uint8Array;
  readonly consistency: Consistency;
}

/** Everyone who waits for one thing at one door: the replica answers all it has been asked at once. */
interface Waiting {
  /** Asked, in order. The first `taken` of them have reached the replica. */
  readonly replies: { readonly reply: Reply<never>; readonly deadlineMs: MonotonicMs }[];
  taken: number;
  /** The host's tick before the replica was given the first: from then on it owes an answer. */
  takenAtTick: number | undefined;
}

/**
 * Where clients meet the replicas: brings what they ask, takes back what is answered, and sees that there is one
 * answer for each, in time. (I14)
 */
export class Doors implements Observer {
  /** By what waits there: `nameKey` of a request, `keepalive <id>`, `read <id>`. */
  private readonly doors: Map<string, Waiting>[] = [];
  /** Inputs that shared an answer with an earlier one: the replica may answer each of them too. */
  private readonly askedAgain = new Map<string, number>();
  private lastId = 0;

  request(host: SimulatedHost, request: Request, timeoutMs: number, reply: Reply<Answer>): void {
    const deadlineMs = this.park(host, nameKey(request), timeoutMs, reply);
    host.take({ kind: 'request', request, deadlineMs });
  }

  keepAlive(
    host: SimulatedHost,
    client: { readonly session: SessionId; readonly principal: string },
    timeoutMs: number,
    reply: Reply<KeptAlive>,
  ): void {
    const keepAliveId = (this.lastId += 1);
    const deadlineMs = this.park(host, `keepalive ${keepAliveId}`, timeoutMs, reply);
    host.take({ kind: 'keep-alive', keepAliveId, ...client, deadlineMs });
  }

  ask(host: SimulatedHost, query: Query, timeoutMs: number, reply: Reply<ReadResult>): void {
    const readId = (this.lastId += 1);
    const deadlineMs = this.park(host, `read ${readId}`, timeoutMs, reply);
    const { service, bytes, consistency } = query;
    host.take({ kind: 'read', read: { readId, service, query: bytes, consistency, deadlineMs } });
  }

  input(host: SimulatedHost, input: Input): void {
    this.checkDeadlines(host);
    const what = whatWaitsFor(input);
    const waiting = what === undefined ? undefined : this.door(host).get(what);
    if (waiting === undefined) return;
    waiting.taken += 1;
    waiting.takenAtTick ??= host.ticks;
  }

  answer(host: SimulatedHost, request: Request, answer: Answer): void {
    this.reply(host, nameKey(request), answer);
  }

  keptAlive(host: SimulatedHost, keepAliveId: number, result: KeptAlive): void {
    this.reply(host, `keepalive ${keepAliveId}`, result);
  }

  read(host: SimulatedHost, readId: number, result: ReadResult): void {
    this.reply(host, `read ${readId}`, result);
  }

  crashed(host: SimulatedHost): void {
    const door = this.door(host);
    const lost = [...door.values()];
    door.clear();
    for (const { replies } of lost) {
      for (const { reply } of replies) (reply as Reply<unknown>)('connection-lost');
    }
  }

  /** Deadlines are polled every tick. The first to wait is the first due. */
  private checkDeadlines(host: SimulatedHost): void {
    for (const [what, { replies, takenAtTick }] of this.door(host)) {
      const dueMs = replies[0]?.deadlineMs ?? Infinity;
      holds(
        'I14 an answer by the deadline',
        takenAtTick === undefined || takenAtTick === host.ticks || host.lastTickMs < dueMs,
        () => `replica ${host.self} owes an answer: ${what} was due at ${dueMs}`,
      );
      return;
    }
  }

  private park(
    host: SimulatedHost,
    what: string,
    timeoutMs: number,
    reply: Reply<never>,
  ): MonotonicMs {
    const door = this.door(host);
    const { monotonicMs: nowMs } = host.clock.read(host.time.nowMs);
    const deadlineMs = monotonicMs(nowMs + timeoutMs);
    const waiting = door.get(what) ?? newWaiting();
    waiting.replies.push({ reply, deadlineMs });
    door.set(what, waiting);
    return deadlineMs;
  }

  private reply(host: SimulatedHost, what: string, answer: unknown): void {
    const door = this.door(host);
    const waiting = door.get(what);
    const asked = this.askedAgain.get(`${host.self} ${what}`) ?? 0;
    const taken = waiting?.taken ?? 0;
    holds(
      'one answer each',
      taken + asked > 0,
      () => `replica ${host.self} answers ${what}, which nobody asks there`,
    );
    // Asked twice, it may be answered once or twice.
    if (taken + asked > 1) this.askedAgain.set(`${host.self} ${what}`, taken + asked - 1);
    else this.askedAgain.delete(`${host.self} ${what}`);
    if (waiting === undefined || taken === 0) return;
    door.delete(what);
    const answered = waiting.replies.splice(0, taken);
    if (waiting.replies.length > 0) {
      door.set(what, { ...newWaiting(), replies: waiting.replies });
    }
    for (const { reply } of answered) (reply as Reply<unknown>)(answer);
  }

  private door(host: SimulatedHost): Map<string, Waiting> {
    const door = this.doors[host.self] ?? new Map<string, Waiting>();
    this.doors[host.self] = door;
    return door;
  }
}

function newWaiting(): Waiting {
  return { replies: [], taken: 0, takenAtTick: undefined };
}

function whatWaitsFor(input: Input): string | undefined {
  if (input.kind === 'request') return nameKey(input.request);
  if (input.kind === 'keep-alive') return `keepalive ${input.keepAliveId}`;
  if (input.kind === 'read') return `read ${input.read.readId}`;
  return undefined;
}
