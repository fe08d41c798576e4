import { Inject, Injectable } from '@nestjs/common';
import type { QueryCall, Reply } from '../contract/calls';
import { textOf, type JsonObject } from '../contract/json';
import type { LongPolls, Wait } from '../contract/long-poll';
import { LONG_POLLS } from '../vr/tokens';
import type { Exchange } from './exchange';
import type { ReadQuery } from './read-query.dto';
import { Rest, settle, type RestMutation } from './rest';

const SERVICE = 'locks';

/** What a request says of itself in its body. */
interface Names {
  readonly session: string;
  readonly requestNumber?: number;
  readonly ackedBelow?: number;
}

interface WaitFor extends ReadQuery {
  readonly waitMs?: number;
  readonly since?: number;
}

/** Requests that may have to wait, with answers that are held open for the end of it. */
@Injectable()
export class Waits {
  private readonly rest: Rest;
  private readonly polls: LongPolls;

  constructor(rest: Rest, @Inject(LONG_POLLS) polls: LongPolls) {
    this.rest = rest;
    this.polls = polls;
  }

  /** An operation of a session on the lock manager; `body` holds its fields and its names. */
  mutate(exchange: Exchange, op: JsonObject, body: Names): Promise<JsonObject | undefined> {
    return this.rest.mutate(exchange, mutationOf(op, body));
  }

  /** The same for one that may be queued: `holdMs` keeps the answer open. */
  async ask(
    exchange: Exchange,
    op: JsonObject,
    body: Names & { readonly holdMs?: number; readonly locks?: unknown },
  ): Promise<JsonObject | undefined> {
    const { holdMs, ...asked } = body;
    const reply = await this.rest.execute(exchange, mutationOf(op, asked));
    if (reply.body['state'] !== 'queued' || holdMs === undefined)
      return this.rest.show(exchange, await this.taken(exchange, reply));
    const request = textOf(reply.body['request']);
    const call = this.rest.queryCall(exchange, SERVICE, { kind: 'request', request }, {});
    const settled = await this.poll(exchange, call, { waitMs: holdMs });
    const status = settled.body['state'] === 'queued' ? 202 : 200;
    return this.rest.show(exchange, { ...settled, status });
  }

  /** Asks; with `waitMs` when it changes, or has changed since that op. */
  async read(
    exchange: Exchange,
    query: JsonObject,
    read: WaitFor,
  ): Promise<JsonObject | undefined> {
    const call = this.rest.queryCall(exchange, SERVICE, query, read);
    const { waitMs, since } = read;
    if (waitMs === undefined) return this.rest.show(exchange, await this.rest.ask(call));
    const wait = since === undefined ? { waitMs } : { waitMs, since };
    return this.rest.show(exchange, await this.poll(exchange, call, wait));
  }

  /** Waits for what the query asks. Whoever is told of a grant here has it: it is claimed for him. (decision 29) */
  private async poll(exchange: Exchange, call: QueryCall, wait: Wait): Promise<Reply> {
    const settled = await settle((told) => {
      this.polls.query(call, wait, told);
    });
    return this.taken(exchange, settled);
  }

  private async taken(exchange: Exchange, granted: Reply): Promise<Reply> {
    if (granted.body['claimLeftMs'] === undefined) return granted;
    const { claimLeftMs: _, ...body } = granted.body;
    const op = { kind: 'claim', request: body['request'] };
    const claimed = await this.rest.execute(exchange, { service: SERVICE, op, step: '#claim' });
    const { outcome } = claimed.body;
    if (outcome === 'claimed') return { ...granted, body };
    return { ...granted, body: { request: body['request'], state: outcome } };
  }
}

function mutationOf(op: JsonObject, body: Names): RestMutation {
  const { requestNumber, ackedBelow, ...asked } = body;
  const { session } = asked;
  return { service: SERVICE, op: { ...op, ...asked }, session, requestNumber, ackedBelow };
}
