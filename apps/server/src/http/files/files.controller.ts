import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { everywhere } from '../../access/need';
import { expectMay } from '../../contract/access';
import type { EventFeeds } from '../../contract/event-feeds';
import { isFileQuery } from '../../contract/files/files-contract';
import { fileChangesOf, needOfWatch } from '../../contract/files/watch';
import type { JsonObject } from '../../contract/json';
import { readBytes } from '../../contract/path-bytes';
import type { ReplicaProcess } from '../../replica-process';
import { EVENT_FEEDS, REPLICA_PROCESS } from '../../vr/tokens';
import { sendEvents } from '../event-stream';
import { CurrentExchange, type Exchange } from '../exchange';
import { ItsServiceSays, Requires } from '../requires';
import { FileRequests, type Answer } from './file-requests';
import { ValidateQuery } from './files.dto';
import {
  CloneDto,
  ConcatDto,
  ExplainDto,
  LinkDto,
  OperationsDto,
  RenameDto,
  SymlinkDto,
  TransactionDto,
} from './operations.dto';
import { WatchQuery } from './reads.dto';

const SERVICE = 'files';

/** Files by operation: one atomic operation each, a batch of them, or a transaction. */
@ApiTags('files')
@Controller('v1/fs/:volume')
@ItsServiceSays()
export class FilesController {
  private readonly files: FileRequests;
  private readonly feeds: EventFeeds;
  private readonly process: ReplicaProcess;

  constructor(
    files: FileRequests,
    @Inject(EVENT_FEEDS) feeds: EventFeeds,
    @Inject(REPLICA_PROCESS) process: ReplicaProcess,
  ) {
    this.files = files;
    this.feeds = feeds;
    this.process = process;
  }

  @Post('rename')
  @HttpCode(200)
  @ApiOperation({ summary: 'Rename, replace or exchange, atomically' })
  rename(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Body() { ifFrom, ifTo, ...body }: RenameDto,
    @Query() { validate }: ValidateQuery,
  ): Answer {
    const guards = [...endGuard(body, 'from', ifFrom), ...endGuard(body, 'to', ifTo)];
    const op = { kind: 'rename', volume, ...body, ...(guards.length > 0 && { if: guards }) };
    return this.files.change(exchange, op, { validate });
  }

  @Post('link')
  @ApiOperation({ summary: 'A further name for a file' })
  link(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Body() body: LinkDto,
    @Query() { validate }: ValidateQuery,
  ): Answer {
    return this.files.change(
      exchange,
      { kind: 'link', volume, ...body },
      { status: 201, validate },
    );
  }

  @Post('symlink')
  @ApiOperation({ summary: 'A symbolic link' })
  symlink(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Body() body: SymlinkDto,
    @Query() { validate }: ValidateQuery,
  ): Answer {
    const op = { kind: 'symlink', volume, ...body };
    return this.files.change(exchange, op, { status: 201, validate });
  }

  @Post('clone')
  @ApiOperation({ summary: 'A copy of a file, or of a small tree, at once' })
  clone(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Body() body: CloneDto,
    @Query() { validate }: ValidateQuery,
  ): Answer {
    return this.files.change(
      exchange,
      { kind: 'clone', volume, ...body },
      { status: 201, validate },
    );
  }

  @Post('concat')
  @HttpCode(200)
  @ApiOperation({ summary: 'Appends files to a file, and takes them away' })
  concat(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Body() body: ConcatDto,
    @Query() { validate }: ValidateQuery,
  ): Answer {
    return this.files.change(exchange, { kind: 'concat', volume, ...body }, { validate });
  }

  /** A lone query takes the way of reads; anything else goes through the log. */
  @Post('ops')
  @HttpCode(200)
  @ApiOperation({ summary: 'The operation form: many operations, one answer each' })
  async ops(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Body() { session, requestNumber, ackedBelow, ...body }: OperationsDto,
  ): Answer {
    const { caller, ops } = body;
    const [first] = ops;
    const hasEnvelope = body.if !== undefined || body.dryRun === true;
    if (ops.length === 1 && isFileQuery(first) && !hasEnvelope) {
      const query = { volume, ...(caller && { caller }), session, ...first };
      const reply = await this.files.ask(exchange, query);
      return this.files.show(exchange, { ...reply, body: { results: [{ result: reply.body }] } });
    }
    const op = { kind: 'batch', volume, ...body };
    return this.files.change(exchange, op, { session, requestNumber, ackedBelow });
  }

  @Post('txn')
  @HttpCode(200)
  @ApiOperation({ summary: 'All or nothing: `then` when every condition holds, `else` when not' })
  txn(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Body() { session, requestNumber, ackedBelow, ...body }: TransactionDto,
  ): Answer {
    const op = { kind: 'txn', volume, ...body };
    return this.files.change(exchange, op, { session, requestNumber, ackedBelow });
  }

  /** Through the log, so that the answer is of now; nothing of it stands. */
  @Post('explain')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Would it be allowed, which rule forbids it, and what would it change?',
  })
  async explain(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Body() { caller, op }: ExplainDto,
  ): Answer {
    const asked = { ...op, volume, ...(caller && { caller }) };
    const reply = await this.files.execute(exchange, asked, { validate: true });
    const [first = {}] = reply.body['results'] as readonly JsonObject[];
    const { result, problem } = first;
    const { changes } = reply.body;
    const body =
      problem === undefined ? { allowed: true, result, changes } : { allowed: false, problem };
    return this.files.show(exchange, { ...reply, body });
  }

  /** `id:` is the event's place, `data:` the change; the last event, `end`, is the problem that ends the stream. */
  @Get('watch')
  @ApiOperation({ summary: 'Changes of a path, as they happen; goes on after `Last-Event-ID`' })
  @ApiProduces('text/event-stream')
  watch(
    @CurrentExchange() exchange: Exchange,
    @Res() reply: FastifyReply,
    @Param('volume') volume: string,
    @Query() { recursive, from, ...query }: WatchQuery,
  ): void {
    const path = readBytes({ ...query }, 'path') ?? ('/' as never);
    const watched = { volume, path, recursive: recursive ?? false };
    expectMay(exchange.request.principal, [needOfWatch(watched)]);
    const show = fileChangesOf(watched);
    sendEvents(exchange, reply, this.feeds, { show, from });
  }

  @Get('digest')
  @Requires(everywhere('reader'))
  @ApiOperation({ summary: 'Digest of the whole tree at an op: equal on every replica' })
  digest(): JsonObject {
    return this.process.digestOf(SERVICE);
  }
}

/** A condition on one end of a rename: an ETag, or `*` for anything that is there. */
function endGuard(body: RenameEnds, end: 'from' | 'to', etag: string | undefined): JsonObject[] {
  if (etag === undefined) return [];
  const path = body[end];
  const object = {
    ...(path === undefined ? { pathBase64: body[`${end}Base64`] } : { path }),
    follow: false,
  };
  return [etag === '*' ? { ...object, exists: true } : { ...object, etag }];
}

type RenameEnds = Pick<RenameDto, 'from' | 'fromBase64' | 'to' | 'toBase64'>;
