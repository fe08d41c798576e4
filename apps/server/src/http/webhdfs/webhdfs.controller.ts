import { Controller, Delete, Get, HttpCode, Post, Put, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { MAIN_VOLUME } from '@lockstep/state-machines';
import type { FastifyReply } from 'fastify';
import { isObject, textOf, type JsonObject } from '../../contract/json';
import { malformed, Problem, problemOfBody } from '../../contract/problem';
import { CurrentExchange, type Exchange } from '../exchange';
import { ItsServiceSays } from '../requires';
import { FileRequests } from '../files/file-requests';
import { CHANGES, type HdfsChange } from './hdfs-changes';
import { READS } from './hdfs-reads';
import { HdfsRequest } from './hdfs-request';
import { RemoteExceptionFilter } from './remote-exception';

const FILE_MODE = 0o644;
const CONTENT_BYTES = 64 * 1024;

/**
 * The volume `main` as HDFS shows its files over HTTP, for clients that are written for that. Like HttpFS it is name node and
 * data node in one: what a redirect leads to is this server, with `data=true`. (WebHDFS REST API of Apache Hadoop)
 */
@ApiExcludeController()
@UseFilters(RemoteExceptionFilter)
@Controller('webhdfs/v1')
@ItsServiceSays()
export class WebHdfsController {
  private readonly files: FileRequests;

  constructor(files: FileRequests) {
    this.files = files;
  }

  @Get(':path')
  async get(@CurrentExchange() exchange: Exchange, @Res() reply: FastifyReply): Promise<void> {
    const request = new HdfsRequest(exchange);
    if (request.op === 'OPEN') {
      await this.open(exchange, request, reply);
      return;
    }
    const read = READS[request.op];
    if (read === undefined) throw unknownOp(request, Object.keys(READS).concat('OPEN'));
    const body = await read(request, (query) => this.ask(exchange, request, query));
    void reply.type('application/json').send(body);
  }

  @Put(':path')
  @HttpCode(200)
  async put(@CurrentExchange() exchange: Exchange, @Res() reply: FastifyReply): Promise<void> {
    const request = new HdfsRequest(exchange);
    if (request.op !== 'CREATE') return this.change(exchange, request, reply);
    if (this.sendElsewhere(exchange, request, reply)) return;
    await this.create(exchange, request, reply);
  }

  @Post(':path')
  @HttpCode(200)
  async post(@CurrentExchange() exchange: Exchange, @Res() reply: FastifyReply): Promise<void> {
    const request = new HdfsRequest(exchange);
    if (request.op !== 'APPEND') return this.change(exchange, request, reply);
    if (this.sendElsewhere(exchange, request, reply)) return;
    const data = contentOf(exchange);
    const op = { kind: 'write', ...request.path, dataBase64: data.toString('base64') };
    await this.execute(exchange, request, op);
    void reply.send();
  }

  @Delete(':path')
  remove(@CurrentExchange() exchange: Exchange, @Res() reply: FastifyReply): Promise<void> {
    return this.change(exchange, new HdfsRequest(exchange), reply);
  }

  private async change(
    exchange: Exchange,
    request: HdfsRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const change = CHANGES[request.op]?.(request);
    if (change === undefined)
      throw unknownOp(request, [...Object.keys(CHANGES), 'CREATE', 'APPEND']);
    const answer = await this.done(exchange, request, change);
    if (answer === undefined) void reply.send();
    else void reply.type('application/json').send(answer);
  }

  private async done(
    exchange: Exchange,
    request: HdfsRequest,
    { op, answer, falseOn = [] }: HdfsChange,
  ): Promise<JsonObject | undefined> {
    try {
      await this.execute(exchange, request, op);
      return answer;
    } catch (fault) {
      if (fault instanceof Problem && falseOn.includes(fault.code)) return { boolean: false };
      throw fault;
    }
  }

  /** The file with its content, and the directories above it, at once. */
  private async create(
    exchange: Exchange,
    request: HdfsRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const { path } = request;
    const mode = request.permission('permission', FILE_MODE);
    const exclusive = !request.flag('overwrite');
    const dataBase64 = contentOf(exchange).toString('base64');
    const ops = [
      { kind: 'mkdir', ...request.above, parents: true, mode: 0o755 },
      { kind: 'create', ...path, mode, exclusive },
      { kind: 'truncate', ...path, size: 0 },
      { kind: 'write', ...path, offset: 0, dataBase64 },
    ];
    await this.execute(exchange, request, { kind: 'batch', ops, atomic: true });
    void reply.status(201).header('Location', exchange.request.originalUrl).send();
  }

  private async open(exchange: Exchange, request: HdfsRequest, reply: FastifyReply): Promise<void> {
    if (request.flag('noredirect')) {
      void reply.type('application/json').send({ Location: locationOf(exchange, 'noredirect') });
      return;
    }
    const offset = request.number('offset') ?? 0;
    const length = Math.min(request.number('length') ?? CONTENT_BYTES, CONTENT_BYTES);
    const query = { kind: 'read', ...request.path, offset, length };
    const { dataBase64 } = await this.ask(exchange, request, query);
    const data = Buffer.from(textOf(dataBase64), 'base64');
    void reply.type('application/octet-stream').send(data);
  }

  /** The first of the two steps of sending content. True when the answer was given. */
  private sendElsewhere(exchange: Exchange, request: HdfsRequest, reply: FastifyReply): boolean {
    if (request.flag('data')) return false;
    const location = locationOf(exchange, 'data', '&data=true');
    if (request.flag('noredirect'))
      void reply.type('application/json').send({ Location: location });
    else void reply.status(307).header('Location', location).send();
    return true;
  }

  private async ask(
    exchange: Exchange,
    { caller }: HdfsRequest,
    query: JsonObject,
  ): Promise<JsonObject> {
    const { body } = await this.files.ask(exchange, { volume: MAIN_VOLUME, caller, ...query });
    return body;
  }

  private async execute(
    exchange: Exchange,
    { caller }: HdfsRequest,
    op: JsonObject,
  ): Promise<void> {
    const asked = { volume: MAIN_VOLUME, caller, ...op };
    const { body } = await this.files.execute(exchange, asked);
    const results = (body['results'] ?? []) as readonly JsonObject[];
    const problem = results.find((result) => isObject(result['problem']))?.['problem'];
    if (isObject(problem)) throw problemOfBody(problem);
  }
}

const unknownOp = (request: HdfsRequest, known: readonly string[]): Problem =>
  malformed(
    'op',
    `is ${request.op === '' ? 'missing' : request.op}; here it may be ${known.join(', ')}`,
  );

function contentOf({ request }: Exchange): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

/** This request again, at the server that was asked. */
function locationOf({ request }: Exchange, without: string, more = ''): string {
  const url = request.originalUrl.replace(new RegExp(`[?&]${without}=[^&]*`, 'i'), (found) =>
    found.startsWith('?') ? '?' : '',
  );
  return `${request.protocol}://${request.host}${url.replace('?&', '?')}${more}`;
}
