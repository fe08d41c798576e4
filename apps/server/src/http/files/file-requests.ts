import { Injectable } from '@nestjs/common';
import type { Reply } from '../../contract/calls';
import { isObject, type JsonObject } from '../../contract/json';
import { malformed, Problem, problemOfBody } from '../../contract/problem';
import { headerOf, type Exchange } from '../exchange';
import type { ReadQuery } from '../read-query.dto';
import { Rest } from '../rest';
import { callerOf } from './caller';
import { etagOf } from './etag';

const SERVICE = 'files';

export type Answer = Promise<JsonObject | undefined>;

/** What a read of files may say beside how fresh it must be: of which state it is. */
export interface FileRead extends ReadQuery {
  readonly asOf?: string;
  readonly snapshot?: string;
}

/** How a request that changes something is named, and whether it is only tried. */
export interface ChangeOptions {
  readonly status?: number;
  readonly validate?: boolean | undefined;
  readonly session?: string | undefined;
  readonly requestNumber?: number | undefined;
  readonly ackedBelow?: number | undefined;
}

/** From the controllers of files to the group and back. */
@Injectable()
export class FileRequests {
  private readonly rest: Rest;

  constructor(rest: Rest) {
    this.rest = rest;
  }

  /** Asks, and answers with what there is. */
  async query(exchange: Exchange, query: JsonObject, read: FileRead = {}): Answer {
    return this.rest.show(exchange, await this.ask(exchange, query, read));
  }

  ask(exchange: Exchange, query: JsonObject, read: FileRead = {}): Promise<Reply> {
    const { asOf, snapshot, consistency, minOp } = read;
    if (asOf !== undefined && snapshot !== undefined)
      throw malformed('snapshot', 'must not be given together with asOf');
    const at = snapshot === undefined ? asOf : { snapshot };
    const asked = { ...callerOf(exchange), ...query, at };
    const fresh = {
      ...(consistency && { consistency }),
      ...(minOp !== undefined && { minOp }),
    };
    return this.rest.ask(this.rest.queryCall(exchange, SERVICE, asked, fresh));
  }

  /** Does one operation and answers with its result, or with what it would do. */
  async change(exchange: Exchange, op: JsonObject, options: ChangeOptions = {}): Answer {
    const reply = await this.execute(exchange, op, options);
    const status = options.validate === true ? 200 : (options.status ?? reply.status);
    return this.rest.show(exchange, { ...reply, status });
  }

  /** Does several operations, all or none, and gives the reply with the last one's result as its body. */
  async changeAll(
    exchange: Exchange,
    where: JsonObject,
    ops: readonly JsonObject[],
    options: ChangeOptions = {},
  ): Promise<Reply> {
    const reply = await this.execute(
      exchange,
      { kind: 'batch', ...where, ops, atomic: true },
      options,
    );
    return options.validate === true ? reply : { ...reply, body: lastResult(reply) };
  }

  execute(exchange: Exchange, op: JsonObject, options: ChangeOptions = {}): Promise<Reply> {
    const { validate, session, requestNumber, ackedBelow } = options;
    const dry = validate === true ? { dryRun: true } : {};
    const asked = { ...callerOf(exchange), ...op, ...dry };
    const names = { session, requestNumber, ackedBelow };
    return this.rest.execute(exchange, { service: SERVICE, op: asked, ...names });
  }

  show(exchange: Exchange, reply: Reply): JsonObject | undefined {
    return this.rest.show(exchange, reply);
  }

  /** Attributes with their ETag. */
  showAttributes(exchange: Exchange, reply: Reply): JsonObject | undefined {
    if (reply.body['ino'] !== undefined) void exchange.reply.header('ETag', etagOf(reply.body));
    return this.rest.show(exchange, reply);
  }
}

/** `If-Match` as a condition on what a path leads to. (RFC 9110 §13.1.1) */
export function guardsOf(exchange: Exchange, object: JsonObject): { if?: JsonObject[] } {
  const header = headerOf(exchange, 'if-match');
  if (header === undefined) return {};
  const [tag = '', ...more] = header.split(',').map((each) => each.trim());
  if (more.length > 0) throw malformed('If-Match', 'may have one tag');
  return { if: [tag === '*' ? { ...object, exists: true } : { ...object, etag: tag }] };
}

function lastResult({ body }: Reply): JsonObject {
  const last = (body['results'] as readonly JsonObject[]).at(-1) ?? {};
  if (isObject(last['problem'])) throw problemOfBody(last['problem']);
  const { result } = last;
  if (!isObject(result)) throw new Problem('internal-error');
  return result;
}
