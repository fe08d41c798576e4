import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Patch,
  Put,
  Query,
  Res,
} from '@nestjs/common';
import { ApiConsumes, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { textOf, type JsonObject } from '../../contract/json';
import { Problem } from '../../contract/problem';
import { Answers } from '../answers';
import { CurrentExchange, headerOf, type Exchange } from '../exchange';
import { ItsServiceSays } from '../requires';
import { byteRangeOf } from './byte-range';
import { matches } from './etag';
import { filePathOf } from './file-path';
import { FileRequests, guardsOf, type Answer } from './file-requests';
import { AclDto, ChunksDto, QuotaDto, XattrDto } from './details.dto';
import { ValidateQuery } from './files.dto';
import {
  AccessQuery,
  ChunksQuery,
  EntriesQuery,
  FollowQuery,
  LocksOfFileQuery,
  XattrQuery,
} from './reads.dto';

/** What an inode has more of: entries, content, limits, attributes by name, access lists, locks. */
@ApiTags('files')
@Controller('v1/fs/:volume')
@ItsServiceSays()
export class DetailsController {
  private readonly files: FileRequests;

  constructor(files: FileRequests) {
    this.files = files;
  }

  @Get('entries/:path')
  @ApiOperation({ summary: 'Entries of a directory, in bytewise order of their names' })
  async entries(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Query() { pin, consistency, minOp, asOf, snapshot, ...page }: EntriesQuery,
  ): Answer {
    const query = { kind: 'readdir', volume, ...filePathOf(exchange), ...page };
    const read = { consistency, minOp, asOf, snapshot };
    const reply = await this.files.ask(exchange, query, given(read));
    // Every further page is read of the state that this one was read of.
    const pinned = pin === true ? { pin: asOf ?? `${reply.opNumber}` } : {};
    return this.files.show(exchange, { ...reply, body: { ...reply.body, ...pinned } });
  }

  @Get('summary/:path')
  @ApiOperation({ summary: 'How many files, directories and bytes are below: exact, and at once' })
  summary(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Query() query: FollowQuery,
  ): Answer {
    return this.ask(exchange, 'summary', volume, query);
  }

  @Get('access/:path')
  @ApiOperation({ summary: 'May the caller do that? `mode` adds read 4, write 2, search 1' })
  access(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Query() query: AccessQuery,
  ): Answer {
    return this.ask(exchange, 'access', volume, query);
  }

  @Get('locks/:path')
  @ApiOperation({ summary: 'Advisory locks on a file' })
  locks(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Query() query: LocksOfFileQuery,
  ): Answer {
    return this.ask(exchange, 'getlocks', volume, query);
  }

  @Get('quota/:path')
  @ApiOperation({ summary: 'Limits of a directory, and what is used of them' })
  quota(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Query() query: FollowQuery,
  ): Answer {
    return this.ask(exchange, 'getquota', volume, query);
  }

  @Put('quota/:path')
  @ApiOperation({ summary: 'Set limits: 0 is none' })
  setQuota(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Body() body: QuotaDto,
    @Query() { follow, validate }: ValidateQuery,
  ): Answer {
    return this.set(exchange, { kind: 'setquota', volume, follow, ...body }, validate);
  }

  @Delete('quota/:path')
  @ApiOperation({ summary: 'Take the limits away' })
  @HttpCode(204)
  removeQuota(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Query() { follow, validate }: ValidateQuery,
  ): Answer {
    const op = { kind: 'setquota', volume, follow, inodes: 0, bytes: 0 };
    return this.set(exchange, op, validate, 204);
  }

  /** Without a name, all names. */
  @Get('xattr/:path')
  @ApiOperation({ summary: 'An extended attribute, or the names of all' })
  xattr(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Query() query: XattrQuery,
  ): Answer {
    const one = query.name !== undefined || query.nameBase64 !== undefined;
    return this.ask(exchange, one ? 'getxattr' : 'listxattr', volume, query);
  }

  @Put('xattr/:path')
  @HttpCode(204)
  @ApiOperation({ summary: 'Set an extended attribute' })
  setXattr(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Query() { name, nameBase64, follow }: XattrQuery,
    @Body() body: XattrDto,
  ): Answer {
    const op = { kind: 'setxattr', volume, follow, ...given({ name, nameBase64 }), ...body };
    return this.set(exchange, op, false, 204);
  }

  @Delete('xattr/:path')
  @ApiOperation({ summary: 'Remove an extended attribute' })
  @HttpCode(204)
  removeXattr(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Query() { name, nameBase64, follow }: XattrQuery,
  ): Answer {
    const op = { kind: 'removexattr', volume, follow, ...given({ name, nameBase64 }) };
    return this.set(exchange, op, false, 204);
  }

  @Get('acl/:path')
  @ApiOperation({ summary: 'Access lists' })
  acl(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Query() query: FollowQuery,
  ): Answer {
    return this.ask(exchange, 'getacl', volume, query);
  }

  @Put('acl/:path')
  @ApiOperation({
    summary: 'Set access lists; one that is left out stays, an empty one is removed',
  })
  setAcl(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Body() body: AclDto,
    @Query() { follow, validate }: ValidateQuery,
  ): Answer {
    return this.set(exchange, { kind: 'setacl', volume, follow, ...body }, validate);
  }

  @Get('content/:path')
  @ApiOperation({ summary: 'The content of a small file; `Range` asks for a part' })
  @ApiProduces('application/octet-stream')
  @Answers(200, { 206: 'The part that `Range` asks for' })
  async content(
    @CurrentExchange() exchange: Exchange,
    @Res() reply: FastifyReply,
    @Param('volume') volume: string,
    @Query() { follow, ...read }: FollowQuery,
  ): Promise<void> {
    const object = { volume, ...filePathOf(exchange), follow };
    const range = byteRangeOf(headerOf(exchange, 'range'));
    const found = await this.files.ask(
      exchange,
      { kind: 'read', ...object, ...range?.asked },
      read,
    );
    const data = Buffer.from(textOf(found.body['dataBase64']), 'base64');
    const status = range === undefined ? 200 : 206;
    this.files.show(exchange, { ...found, status, body: {} });
    if (range !== undefined) void reply.header('Content-Range', range.of(data.length));
    void reply.header('Accept-Ranges', 'bytes').type('application/octet-stream').send(data);
  }

  /** Makes the file where there is none. */
  @Put('content/:path')
  @ApiConsumes('application/octet-stream')
  @ApiOperation({ summary: 'Replace the content of a small file' })
  async putContent(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Query() { validate }: ValidateQuery,
  ): Answer {
    const { body } = exchange.request;
    if (!Buffer.isBuffer(body))
      throw new Problem(
        'unsupported-media-type',
        'The content is sent as application/octet-stream.',
      );
    const path = filePathOf(exchange);
    const exclusive = matches(headerOf(exchange, 'if-none-match'), '');
    const ops: JsonObject[] = [
      { kind: 'create', ...path, exclusive },
      { kind: 'truncate', ...path, size: 0 },
      { kind: 'write', ...path, offset: 0, dataBase64: body.toString('base64') },
    ];
    const where = { volume, ...guardsOf(exchange, path) };
    const reply = await this.files.changeAll(exchange, where, ops, { validate });
    return this.files.showAttributes(exchange, reply);
  }

  @Get('chunks/:path')
  @ApiOperation({ summary: 'The chunk map of a file, in order of its indexes' })
  chunks(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Query() query: ChunksQuery,
  ): Answer {
    return this.ask(exchange, 'getchunks', volume, query);
  }

  @Patch('chunks/:path')
  @ApiOperation({ summary: 'Put and remove chunks, and say how long the file is now' })
  setChunks(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Body() body: ChunksDto,
    @Query() { follow, validate }: ValidateQuery,
  ): Answer {
    return this.set(exchange, { kind: 'setchunks', volume, follow, ...body }, validate);
  }

  private ask(exchange: Exchange, kind: string, volume: string, query: FollowQuery): Answer {
    const { consistency, minOp, asOf, snapshot, ...asked } = query;
    const read = given({ consistency, minOp, asOf, snapshot });
    return this.files.query(
      exchange,
      { kind, volume, ...filePathOf(exchange), ...given(asked) },
      read,
    );
  }

  private set(
    exchange: Exchange,
    op: JsonObject,
    validate: boolean | undefined,
    status = 200,
  ): Answer {
    const path = filePathOf(exchange);
    const guards = guardsOf(exchange, path);
    return this.files.change(exchange, { ...path, ...op, ...guards }, { validate, status });
  }
}

function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
