import { Body, Controller, Delete, Get, Param, Patch, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Reply } from '../../contract/calls';
import { isObject, type JsonObject } from '../../contract/json';
import { Problem, problemOfBody } from '../../contract/problem';
import { CurrentExchange, headerOf, type Exchange } from '../exchange';
import { Rest } from '../rest';
import { callerOf } from './caller';
import { etagOf, matches } from './etag';
import { filePathOf } from './file-path';
import { CreateFileDto, FollowQuery, SetAttributesDto } from './files.dto';

const SERVICE = 'files';
type Answer = Promise<JsonObject | undefined>;

/** Files as resources, for people and `curl`. */
@ApiTags('files')
@Controller('v1/fs/:volume')
export class PathsController {
  private readonly rest: Rest;

  constructor(rest: Rest) {
    this.rest = rest;
  }

  @Get('path/:path')
  @ApiOperation({ summary: 'Attributes of what a path leads to' })
  get(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Query() { follow, ...read }: FollowQuery,
  ): Answer {
    return this.stat(exchange, { volume, ...filePathOf(exchange), follow }, read);
  }

  @Get('ino/:ino')
  @ApiOperation({ summary: 'Attributes of an inode' })
  getInode(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Param('ino') ino: string,
    @Query() { follow, ...read }: FollowQuery,
  ): Answer {
    return this.stat(exchange, { volume, ino, follow }, read);
  }

  @Put('path/:path')
  @ApiOperation({ summary: 'Create; exclusively with `If-None-Match: *`' })
  async put(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Body() body: CreateFileDto,
  ): Answer {
    this.refuseGuard(exchange);
    const where = { volume, ...callerOf(exchange), ...filePathOf(exchange) };
    const exclusive = matches(headerOf(exchange, 'if-none-match'), '');
    const op = { ...where, ...createOperation(body, exclusive) };
    const reply = await this.rest.execute(exchange, { service: SERVICE, op });
    // What an op has changed is new here; a file that was there already has not been touched by it.
    const created = reply.body['changedOp'] === `${reply.opNumber}`;
    void exchange.reply.header('ETag', etagOf(reply.body));
    if (created) void exchange.reply.header('Location', exchange.request.originalUrl);
    return this.rest.show(exchange, { ...reply, status: created ? 201 : 200 });
  }

  @Patch('path/:path')
  @ApiOperation({ summary: 'Set attributes: all that are given, or none' })
  async patch(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Body() body: SetAttributesDto,
    @Query() { follow }: FollowQuery,
  ): Answer {
    this.refuseGuard(exchange);
    const object = { ...filePathOf(exchange), follow };
    const ops: JsonObject[] = attributeOperations(body).map((op) => ({ ...op, ...object }));
    ops.push({ kind: 'stat', ...object });
    const op = { kind: 'batch', volume, ...callerOf(exchange), ops, atomic: true };
    const reply = await this.rest.execute(exchange, { service: SERVICE, op });
    return this.showAttributes(exchange, { ...reply, body: lastResult(reply) });
  }

  @Delete('path/:path')
  @ApiOperation({ summary: 'Remove a name, or an empty directory' })
  async remove(@CurrentExchange() exchange: Exchange, @Param('volume') volume: string): Answer {
    this.refuseGuard(exchange);
    const where = { volume, ...callerOf(exchange), ...filePathOf(exchange) };
    const reply = await this.unlinkOrRmdir(exchange, where);
    return this.rest.show(exchange, { ...reply, status: 204 });
  }

  /** Each of the two is one atomic operation, and each has a name of its own for retries. */
  private async unlinkOrRmdir(exchange: Exchange, where: JsonObject): Promise<Reply> {
    try {
      const op = { kind: 'unlink', ...where };
      return await this.rest.execute(exchange, { service: SERVICE, op });
    } catch (fault) {
      if (!(fault instanceof Problem) || fault.code !== 'EISDIR') throw fault;
      const op = { kind: 'rmdir', ...where };
      return this.rest.execute(exchange, { service: SERVICE, op, step: '/rmdir' });
    }
  }

  private async stat(
    exchange: Exchange,
    object: JsonObject,
    read: Pick<FollowQuery, 'consistency' | 'minOp'>,
  ): Answer {
    const query = { kind: 'stat', ...callerOf(exchange), ...object };
    const reply = await this.rest.ask(this.rest.queryCall(exchange, SERVICE, query, read));
    return this.showAttributes(exchange, reply);
  }

  private showAttributes(exchange: Exchange, reply: Reply): JsonObject | undefined {
    const etag = etagOf(reply.body);
    void exchange.reply.header('ETag', etag);
    const unchanged =
      exchange.request.method === 'GET' && matches(headerOf(exchange, 'if-none-match'), etag);
    return this.rest.show(exchange, unchanged ? { ...reply, status: 304 } : reply);
  }

  /** A guard that is not kept would be worse than none. */
  private refuseGuard(exchange: Exchange): void {
    if (headerOf(exchange, 'if-match') !== undefined)
      throw new Problem('not-implemented', 'If-Match is not supported yet.', { field: 'If-Match' });
  }
}

function createOperation(body: CreateFileDto, exclusive: boolean): JsonObject {
  const { type, mode, target, targetBase64, rdev } = body;
  switch (type) {
    case 'file':
      return { kind: 'create', mode, exclusive, ...refused({ target, targetBase64, rdev }) };
    case 'dir':
      return { kind: 'mkdir', mode, ...refused({ target, targetBase64, rdev }) };
    case 'symlink':
      return { kind: 'symlink', target, targetBase64, ...refused({ mode, rdev }) };
    default:
      return { kind: 'mknod', type, mode, rdev, ...refused({ target, targetBase64 }) };
  }
}

/** Fields that this type of file does not have: passed on when they are given, so that they are refused by name. */
const refused = (fields: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

function attributeOperations(body: SetAttributesDto): JsonObject[] {
  const { mode, uid, gid, size, atime, mtime } = body;
  const ops: JsonObject[] = [];
  if (size !== undefined) ops.push({ kind: 'truncate', size });
  if (uid !== undefined || gid !== undefined) ops.push({ kind: 'chown', uid, gid });
  // After chown, which clears the set-id bits that a mode may set.
  if (mode !== undefined) ops.push({ kind: 'chmod', mode });
  if (atime !== undefined || mtime !== undefined) ops.push({ kind: 'utimens', atime, mtime });
  return ops;
}

function lastResult({ body }: Reply): JsonObject {
  const last = (body['results'] as readonly JsonObject[]).at(-1) ?? {};
  if (isObject(last['problem'])) throw problemOfBody(last['problem']);
  return last['result'] as JsonObject;
}
