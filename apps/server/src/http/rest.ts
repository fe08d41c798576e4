import { Inject, Injectable } from '@nestjs/common';
import type { ReplicaView } from '@lockstep/vr-core';
import {
  Calls,
  TIMEOUT_MS_DEFAULT,
  TIMEOUT_MS_MAX,
  type MutationCall,
  type QueryCall,
  type Reply,
  type Told,
} from '../contract/calls';
import type { JsonObject } from '../contract/json';
import { Problem, malformed } from '../contract/problem';
import { KEY_LENGTH_MAX } from '../contract/request-naming';
import type { Origin } from '../replica-host/call-watcher';
import { CALLS, REPLICA_VIEW } from '../vr/tokens';
import { headerOf, preferredWaitMs, type Exchange } from './exchange';
import type { ReadQuery } from './read-query.dto';

export type RestMutation = Pick<MutationCall, 'service' | 'op'> & {
  readonly session?: string | undefined;
  readonly requestNumber?: number | undefined;
  readonly ackedBelow?: number | undefined;
  /** Appended to the Idempotency-Key where one REST request is more than one operation. */
  readonly step?: string;
};

/** From a controller to the group and back: names, waits and headers are the same for every route. */
@Injectable()
export class Rest {
  private readonly calls: Calls;
  private readonly view: () => ReplicaView;

  constructor(@Inject(CALLS) calls: Calls, @Inject(REPLICA_VIEW) view: () => ReplicaView) {
    this.calls = calls;
    this.view = view;
  }

  /** Executes an operation and answers with its result. */
  async mutate(exchange: Exchange, mutation: RestMutation): Promise<JsonObject | undefined> {
    return this.show(exchange, await this.execute(exchange, mutation));
  }

  async query(exchange: Exchange, service: string, query: JsonObject, read: ReadQuery = {}) {
    return this.show(exchange, await this.ask(this.queryCall(exchange, service, query, read)));
  }

  async keepAlive(exchange: Exchange, session: string): Promise<JsonObject | undefined> {
    const reply = await settle((told) => {
      const { principal } = exchange.request;
      this.calls.keepAlive(session, principal, timeoutOf(exchange), told, originOf(exchange));
    });
    return this.show(exchange, reply);
  }

  /** The reply itself, or throws its problem. */
  execute(exchange: Exchange, mutation: RestMutation): Promise<Reply> {
    const { service, op, session, requestNumber, ackedBelow } = mutation;
    const names =
      requestNumber === undefined
        ? { session, ackedBelow, key: keyOf(exchange, mutation.step) }
        : { session, ackedBelow, requestNumber };
    const call: MutationCall = {
      service,
      op,
      principal: exchange.request.principal,
      timeoutMs: timeoutOf(exchange),
      signed: true,
      origin: originOf(exchange),
      ...names,
    };
    return settle((told) => {
      this.calls.mutate(call, told);
    });
  }

  ask(call: QueryCall): Promise<Reply> {
    return settle((told) => {
      this.calls.query(call, told);
    });
  }

  queryCall(
    exchange: Exchange,
    service: string,
    query: JsonObject,
    { consistency, minOp }: ReadQuery,
  ): QueryCall {
    return {
      service,
      principal: exchange.request.principal,
      query,
      consistency: consistency ?? 'linearizable',
      minOp: minOp ?? 0,
      timeoutMs: timeoutOf(exchange),
      origin: originOf(exchange),
    };
  }

  /** Sets status and headers; the body is returned, for Nest to send. */
  show({ reply }: Exchange, result: Reply): JsonObject | undefined {
    const { epochNumber, viewNumber } = this.view();
    const { status, op, read, lagMs, replayed } = result;
    void reply.status(status);
    void reply.header('Lockstep-Epoch', epochNumber).header('Lockstep-View', viewNumber);
    if (op !== undefined) void reply.header('Lockstep-Op', op);
    if (read !== undefined) void reply.header('Lockstep-Read', read);
    if (read === 'stale') void reply.header('Lockstep-Lag', Math.round(lagMs ?? 0));
    if (replayed === true) void reply.header('Lockstep-Replayed', 'true');
    return status === 204 || status === 304 ? undefined : result.body;
  }
}

/** Callers of one promise: a reply, or its problem thrown. */
export function settle(start: (told: Told) => void): Promise<Reply> {
  return new Promise((resolve, reject) => {
    start((reply) => {
      if (reply instanceof Problem) reject(reply);
      else resolve(reply);
    });
  });
}

const originOf = ({ request: { id, trace } }: Exchange): Origin =>
  trace === undefined ? { requestId: id } : { requestId: id, trace };

const timeoutOf = (exchange: Exchange): number =>
  preferredWaitMs(exchange, TIMEOUT_MS_DEFAULT, TIMEOUT_MS_MAX);

/** The caller's `Idempotency-Key`. Throws `Problem` when it is none. */
export function keyOf(exchange: Exchange, step = ''): string | undefined {
  const key = headerOf(exchange, 'idempotency-key');
  if (key === undefined) return undefined;
  if (key.length === 0 || key.length + step.length > KEY_LENGTH_MAX)
    throw malformed('Idempotency-Key', `must have 1 to ${KEY_LENGTH_MAX - 32} characters`);
  return key + step;
}
