import type { Span } from '@opentelemetry/api';
import { hasExpired, type Principal } from '../access/principal';
import type { Calls, Reply } from '../contract/calls';
import { isObject, type JsonObject } from '../contract/json';
import type { LongPolls } from '../contract/long-poll';
import { Problem } from '../contract/problem';
import type { Metrics } from '../observability/metrics';
import type { Tracing } from '../observability/tracing/tracing';
import type { Origin, TraceParent } from '../replica-host/call-watcher';
import type { Turn } from '../replica-host/turn';
import { itemIdOf, readItem, type Item } from './item';
import {
  ITEMS_PER_FRAME_MAX,
  OUTSTANDING_MAX,
  type ItemAnswer,
  type PushedEvent,
  type ServerToClient,
} from './protocol';
import type { EventSink, SessionRoutes } from './session-routes';

export interface ClientSocketParts {
  readonly calls: Calls;
  readonly polls: LongPolls;
  readonly routes: SessionRoutes;
  readonly turn: Turn;
  readonly metrics: Metrics;
  readonly tracing?: Tracing | undefined;
}

/** The part of a socket.io socket that is needed. */
export interface Emitter {
  emit<E extends keyof ServerToClient>(event: E, ...parts: Parameters<ServerToClient[E]>): unknown;
  disconnect(close: boolean): unknown;
}

/** The wait is over, and the answer says so. */
const TOLD: ReadonlySet<unknown> = new Set(['granted', 'left']);

/** What the answer to an acquire or a convert may have told already. */
const GRANTING: ReadonlySet<PushedEvent['kind']> = new Set([
  'lock.granted',
  'lock.converted',
  'barrier.passed',
]);

/** One connection of the client channel: all answers of a turn leave in one frame. */
export class ClientSocket implements EventSink {
  private readonly socket: Emitter;
  private readonly parts: ClientSocketParts;
  private readonly principal: Principal;
  private readonly sessions = new Set<string>();
  private answers: ItemAnswer[] = [];
  private events: PushedEvent[] = [];
  private outstanding = 0;
  private flushing = false;
  private closed = false;
  private grantsTold = new Set<string>();
  private grantsTurn = 0;

  constructor(socket: Emitter, parts: ClientSocketParts, principal: Principal) {
    this.socket = socket;
    this.principal = principal;
    this.parts = parts;
  }

  onRequests(items: unknown): void {
    if (!Array.isArray(items)) {
      this.refuse('requests must be an array of items');
      return;
    }
    if (items.length > ITEMS_PER_FRAME_MAX) {
      this.refuse(`a frame has at most ${ITEMS_PER_FRAME_MAX} items, not ${items.length}`);
      return;
    }
    for (const item of items as readonly unknown[]) {
      const id = itemIdOf(item);
      if (id === undefined || !isObject(item)) {
        this.refuse('an item has no readable id');
        return;
      }
      this.onItem(id, item);
    }
  }

  push(event: PushedEvent): void {
    if (hasExpired(this.principal)) return;
    // What its end has done to its locks is told after it, in the same turn.
    if (event.kind === 'session.ended')
      this.parts.turn.atEnd(() => {
        this.forget(event.session);
      });
    if (GRANTING.has(event.kind) && this.wasTold(event['request'])) return;
    this.events.push(event);
    this.flushSoon();
  }

  onDisconnect(): void {
    this.closed = true;
    for (const session of this.sessions) this.parts.routes.remove(session, this);
    this.sessions.clear();
  }

  private onItem(id: number, item: JsonObject): void {
    this.outstanding += 1;
    try {
      if (this.outstanding > OUTSTANDING_MAX) throw new Problem('busy');
      this.call(id, readItem(item));
    } catch (fault) {
      if (!(fault instanceof Problem)) throw fault;
      this.answer({ id, service: 'other', what: 'other', sinceMs: performance.now() }, fault);
    }
  }

  private call(id: number, item: Item): void {
    const { principal } = this;
    const { calls, polls } = this.parts;
    switch (item.kind) {
      case 'mutation': {
        const about = this.begin(id, item.service, item.op['kind'], item.traceParent);
        const { service, op, timeoutMs, names } = item;
        const { session, requestNumber, ackedBelow, key } = names;
        const named = { session, requestNumber, ackedBelow, key };
        const origin = originOf(about);
        calls.mutate({ service, op, principal, timeoutMs, origin, ...named }, (reply) => {
          if (service === 'sessions' && !(reply instanceof Problem)) this.follow(reply.body['id']);
          this.answer(about, reply);
        });
        break;
      }
      case 'query': {
        const { waitMs, since } = item;
        const what = waitMs === undefined ? item.query['kind'] : 'wait';
        const about = this.begin(id, item.service, what, item.traceParent);
        const told = (reply: Reply | Problem): void => {
          this.answer(about, reply);
        };
        const call = { ...item, principal, origin: originOf(about) };
        if (waitMs === undefined) calls.query(call, told);
        else polls.query(call, since === undefined ? { waitMs } : { waitMs, since }, told);
        break;
      }
      case 'keep-alive': {
        const about = this.begin(id, 'sessions', 'keep-alive', item.traceParent);
        const told = (reply: Reply | Problem): void => {
          if (!(reply instanceof Problem)) this.follow(reply.body['id']);
          this.answer(about, reply);
        };
        calls.keepAlive(item.session, principal, item.timeoutMs, told, originOf(about));
        break;
      }
    }
  }

  private begin(
    id: number,
    service: string,
    kind: unknown,
    parent: TraceParent | undefined,
  ): UnderWay {
    const what = typeof kind === 'string' ? kind : 'other';
    const { tracing } = this.parts;
    const span = tracing?.begin(`client ${service} ${what}`, parent, { 'lockstep.item': id });
    return { id, service, what, sinceMs: performance.now(), span };
  }

  private answer(about: UnderWay, reply: Reply | Problem): void {
    this.outstanding -= 1;
    const { id, service, what, sinceMs } = about;
    const code = reply instanceof Problem ? reply.code : 'ok';
    const seconds = (performance.now() - sinceMs) / 1000;
    this.parts.metrics.doors.onItem(service, what, code, seconds);
    about.span?.end();
    if (this.closed) return;
    if (reply instanceof Problem) {
      this.answers.push({ id, problem: reply.toBody() });
    } else {
      const { body: result, op, replayed } = reply;
      if (TOLD.has(result['state'])) this.tell(result['request']);
      this.answers.push(resultAnswer(id, result, op, replayed));
    }
    this.flushSoon();
  }

  private follow(session: unknown): void {
    if (typeof session !== 'string' || this.closed || this.sessions.has(session)) return;
    this.sessions.add(session);
    this.parts.routes.add(session, this);
  }

  private forget(session: string): void {
    this.sessions.delete(session);
    this.parts.routes.remove(session, this);
  }

  /** A grant that an answer of this turn tells need not be pushed as well. */
  private tell(request: unknown): void {
    const { number } = this.parts.turn;
    if (this.grantsTurn !== number) this.grantsTold.clear();
    this.grantsTurn = number;
    if (typeof request === 'string') this.grantsTold.add(request);
  }

  private wasTold(request: unknown): boolean {
    return (
      this.grantsTurn === this.parts.turn.number &&
      typeof request === 'string' &&
      this.grantsTold.has(request)
    );
  }

  private flushSoon(): void {
    if (this.flushing) return;
    this.flushing = true;
    this.parts.turn.atEnd(this.flush);
  }

  private readonly flush = (): void => {
    this.flushing = false;
    const { answers, events } = this;
    this.answers = [];
    this.events = [];
    if (this.closed) return;
    if (answers.length > 0) this.socket.emit('answers', answers);
    if (events.length > 0) this.socket.emit('events', events);
  };

  private refuse(reason: string): void {
    this.socket.emit('refused', reason);
    this.socket.disconnect(true);
  }
}

/** An item that is not answered yet. */
interface UnderWay {
  readonly id: number;
  readonly service: string;
  /** The kind of the operation or query, as the client has it. */
  readonly what: string;
  readonly sinceMs: number;
  readonly span?: Span | undefined;
}

const originOf = ({ span }: UnderWay): Origin | undefined =>
  span === undefined ? undefined : { trace: span.spanContext() };

/** Fields that say nothing are left out, without a copy: this is done for every item. */
function resultAnswer(
  id: number,
  result: JsonObject,
  op: string | undefined,
  replayed: boolean | undefined,
): ItemAnswer {
  if (op === undefined) return { id, result };
  return replayed === true ? { id, result, op, replayed } : { id, result, op };
}
