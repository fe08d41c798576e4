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

interface Waiting {
  readonly replies: Reply<never>[];
  readonly deadlineMs: MonotonicMs;
  /** The replica has been given the input: from now on it owes an answer. */
  taken: boolean;
}

/** A host polls its deadlines every tick; after a pause it has more to do first. */
const OVERDUE_MS = 50;

/**
 * Where clients meet the replicas: brings what they ask, takes back what is answered, and sees that there is one
 * answer for each, in time. (I14)
 */
export class Doors implements Observer {
  /** By what waits there: `nameKey` of a request, `keepalive <id>`, `read <id>`. */
  private readonly doors: Map<string, Waiting>[];
  private lastId = 0;

  constructor(hosts: readonly SimulatedHost[]) {
    this.doors = hosts.map(() => new Map<string, Waiting>());
  }

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
    const what = whatWaitsFor(input);
    const waiting = what === undefined ? undefined : this.door(host).get(what);
    if (waiting) waiting.taken = true;
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
      for (const reply of replies as Reply<unknown>[]) reply('connection-lost');
    }
  }

  /** Nobody waits at a running replica beyond the deadline it was given. The first to wait is the first due. */
  stepped(host: SimulatedHost): void {
    for (const [what, { deadlineMs, taken }] of this.door(host)) {
      if (taken) {
        holds(
          'I14 an answer by the deadline',
          host.lastTickMs < deadlineMs + OVERDUE_MS,
          () => `replica ${host.self} owes an answer: ${what} was due at ${deadlineMs}`,
        );
      }
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
    const waiting = door.get(what) ?? { replies: [], deadlineMs, taken: false };
    waiting.replies.push(reply);
    door.set(what, waiting);
    return deadlineMs;
  }

  private reply(host: SimulatedHost, what: string, answer: unknown): void {
    const door = this.door(host);
    const waiting = door.get(what);
    holds(
      'one answer each',
      waiting !== undefined && waiting.taken,
      () => `replica ${host.self} answers ${what}, which nobody asks there`,
    );
    door.delete(what);
    for (const reply of (waiting?.replies ?? []) as Reply<unknown>[]) reply(answer);
  }

  private door(host: SimulatedHost): Map<string, Waiting> {
    const door = this.doors[host.self];
    if (door === undefined) throw new RangeError(`there is no replica ${host.self}`);
    return door;
  }
}

function whatWaitsFor(input: Input): string | undefined {
  if (input.kind === 'request') return nameKey(input.request);
  if (input.kind === 'keep-alive') return `keepalive ${input.keepAliveId}`;
  if (input.kind === 'read') return `read ${input.read.readId}`;
  return undefined;
}
