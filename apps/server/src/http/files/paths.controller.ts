import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { JsonObject } from '../../contract/json';
import { readBytes, bytesField } from '../../contract/path-bytes';
import { Answers } from '../answers';
import { CurrentExchange, headerOf, type Exchange } from '../exchange';
import { ItsServiceSays } from '../requires';
import { etagOf, matches } from './etag';
import { filePathOf } from './file-path';
import { FileRequests, guardsOf, type Answer, type FileRead } from './file-requests';
import { CreateFileDto, DeleteQuery, SetAttributesDto, ValidateQuery } from './files.dto';
import { FollowQuery } from './reads.dto';

/** Files as resources, for people and `curl`. */
@ApiTags('files')
@Controller('v1/fs/:volume')
@ItsServiceSays()
export class PathsController {
  private readonly files: FileRequests;

  constructor(files: FileRequests) {
    this.files = files;
  }

  @Get('path/:path')
  @ApiOperation({ summary: 'Attributes of what a path leads to' })
  @Answers(200, { 304: 'It is as it was' })
  get(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Query() { follow, ...read }: FollowQuery,
  ): Answer {
    return this.stat(exchange, { volume, ...filePathOf(exchange), follow }, read);
  }

  @Get('ino/:ino')
  @ApiOperation({ summary: 'Attributes of an inode' })
  @Answers(200, { 304: 'It is as it was' })
  getInode(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Param('ino') ino: string,
    @Query() { follow, ...read }: FollowQuery,
  ): Answer {
    return this.stat(exchange, { volume, ino, follow }, read);
  }

  @Get('ino/:ino/paths')
  @ApiOperation({ summary: 'The paths that lead to an inode' })
  locate(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Param('ino') ino: string,
    @Query() { follow, ...read }: FollowQuery,
  ): Answer {
    return this.files.query(exchange, { kind: 'locate', volume, ino, follow }, read);
  }

  @Put('path/:path')
  @ApiOperation({ summary: 'Create; exclusively with `If-None-Match: *`' })
  @Answers(200, { 201: 'It was made' })
  async put(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Body() { session, requestNumber, ackedBelow, ...body }: CreateFileDto,
    @Query() { validate }: ValidateQuery,
  ): Answer {
    const path = filePathOf(exchange);
    const exclusive = matches(headerOf(exchange, 'if-none-match'), '');
    const where = { volume, ...guardsOf(exchange, path) };
    const ops = createOperations(body, path, exclusive);
    const options = { validate, session, requestNumber, ackedBelow };
    const reply =
      ops.length === 1
        ? await this.files.execute(exchange, { ...where, ...ops[0] }, options)
        : await this.files.changeAll(exchange, where, ops, options);
    if (validate === true) return this.files.show(exchange, reply);
    // What an op has changed is new here; a file that was there already has not been touched by it.
    const created = body.contentBase64 !== undefined || isOf(reply.body, reply.opNumber);
    if (created) void exchange.reply.header('Location', exchange.request.originalUrl);
    return this.files.showAttributes(exchange, { ...reply, status: created ? 201 : 200 });
  }

  @Patch('path/:path')
  @ApiOperation({ summary: 'Set attributes: all that are given, or none' })
  async patch(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Body() body: SetAttributesDto,
    @Query() { follow, validate }: ValidateQuery,
  ): Answer {
    const object = { ...filePathOf(exchange), follow };
    const ops = attributeOperations(body).map((op) => ({ ...op, ...object }));
    const where = { volume, ...guardsOf(exchange, object) };
    const all = [...ops, { kind: 'stat', ...object }];
    const reply = await this.files.changeAll(exchange, where, all, { validate });
    return this.files.showAttributes(exchange, reply);
  }

  @Delete('path/:path')
  @ApiOperation({
    summary: 'Remove a name, an empty directory, or with `recursive` all that is below',
  })
  @HttpCode(204)
  remove(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Query() { recursive, trash, validate }: DeleteQuery,
  ): Answer {
    const path = filePathOf(exchange);
    const guards = guardsOf(exchange, { ...path, follow: false });
    const op = { kind: 'remove', volume, ...path, recursive, trash, ...guards };
    return this.files.change(exchange, op, { status: 204, validate });
  }

  private async stat(exchange: Exchange, object: JsonObject, read: FileRead): Answer {
    const reply = await this.files.ask(exchange, { kind: 'stat', ...object }, read);
    const unchanged = matches(headerOf(exchange, 'if-none-match'), etagOf(reply.body));
    return this.files.showAttributes(exchange, unchanged ? { ...reply, status: 304 } : reply);
  }
}

const isOf = (attributes: JsonObject, op: number | undefined): boolean =>
  attributes['changedOp'] === `${op}`;

type Birth = Omit<CreateFileDto, 'session' | 'requestNumber' | 'ackedBelow'>;

function createOperations(body: Birth, path: JsonObject, exclusive: boolean): JsonObject[] {
  const { parents, contentBase64, ...birth } = body;
  const before =
    parents === true && body.type !== 'dir'
      ? [{ kind: 'mkdir', ...directoryOf(path), parents: true }]
      : [];
  const op = { ...createOperation(birth, exclusive), ...path };
  if (body.type === 'dir') return [{ ...op, ...given({ parents, contentBase64 }) }];
  if (contentBase64 === undefined) return [...before, op];
  if (body.type !== 'file') return [{ ...op, contentBase64 }];
  // Of a file that was there the content is replaced.
  const write = { kind: 'write', ...path, offset: 0, dataBase64: contentBase64 };
  return [...before, op, { kind: 'truncate', ...path, size: 0 }, write];
}

function createOperation(
  { type, mode, target, targetBase64, rdev, ...life }: Birth,
  exclusive: boolean,
): JsonObject {
  const more = given({ ...life });
  switch (type) {
    case 'file':
      return { kind: 'create', mode, exclusive, ...more, ...given({ target, targetBase64, rdev }) };
    case 'dir':
      return { kind: 'mkdir', mode, ...more, ...given({ target, targetBase64, rdev }) };
    case 'symlink':
      return { kind: 'symlink', target, targetBase64, ...more, ...given({ mode, rdev }) };
    default:
      return { kind: 'mknod', type, mode, rdev, ...more, ...given({ target, targetBase64 }) };
  }
}

/** The directory that a path is in, by its bytes. */
function directoryOf(path: JsonObject): JsonObject {
  const bytes = (readBytes(path, 'path') ?? '').replace(/\/+$/, '');
  return bytesField('path', (bytes.slice(0, bytes.lastIndexOf('/')) || '/') as never);
}

/** Fields that this type of file may not have: passed on when they are given, so that they are refused by name. */
const given = (fields: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

function attributeOperations(body: SetAttributesDto): JsonObject[] {
  const { mode, uid, gid, size, atime, mtime, flags } = body;
  const ops: JsonObject[] = [];
  if (size !== undefined) ops.push({ kind: 'truncate', size });
  if (uid !== undefined || gid !== undefined) ops.push({ kind: 'chown', uid, gid });
  // After chown, which clears the set-id bits that a mode may set.
  if (mode !== undefined) ops.push({ kind: 'chmod', mode });
  if (atime !== undefined || mtime !== undefined) ops.push({ kind: 'utimens', atime, mtime });
  // The last: a flag may forbid the others.
  if (flags !== undefined) ops.push({ kind: 'setflags', flags });
  return ops;
}
