import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { isFileQuery } from '../../contract/files/files-contract';
import type { JsonObject } from '../../contract/json';
import type { ReplicaProcess } from '../../replica-process';
import { REPLICA_PROCESS } from '../../vr/tokens';
import { CurrentExchange, type Exchange } from '../exchange';
import { Rest } from '../rest';
import { callerOf } from './caller';
import { filePathOf } from './file-path';
import { EntriesQuery, LinkDto, OperationsDto, RenameDto, SymlinkDto } from './files.dto';

const SERVICE = 'files';
type Answer = Promise<JsonObject | undefined>;

/** Files by operation: one atomic operation each, or a batch of them. */
@ApiTags('files')
@Controller('v1/fs/:volume')
export class FilesController {
  private readonly rest: Rest;
  private readonly process: ReplicaProcess;

  constructor(rest: Rest, @Inject(REPLICA_PROCESS) process: ReplicaProcess) {
    this.rest = rest;
    this.process = process;
  }

  @Post('rename')
  @HttpCode(200)
  @ApiOperation({ summary: 'Rename, replace or exchange, atomically' })
  rename(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Body() body: RenameDto,
  ): Answer {
    return this.mutate(exchange, volume, { kind: 'rename', ...body });
  }

  @Post('link')
  @ApiOperation({ summary: 'A further name for a file' })
  link(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Body() body: LinkDto,
  ): Answer {
    return this.mutate(exchange, volume, { kind: 'link', ...body }, 201);
  }

  @Post('symlink')
  @ApiOperation({ summary: 'A symbolic link' })
  symlink(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Body() body: SymlinkDto,
  ): Answer {
    return this.mutate(exchange, volume, { kind: 'symlink', ...body }, 201);
  }

  @Get('entries/:path')
  @ApiOperation({ summary: 'Entries of a directory, in bytewise order of their names' })
  entries(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Query() query: EntriesQuery,
  ): Answer {
    const { consistency: _, minOp: __, ...page } = query;
    const where = { volume, ...callerOf(exchange), ...filePathOf(exchange) };
    return this.rest.query(exchange, SERVICE, { kind: 'readdir', ...where, ...page }, query);
  }

  /** A lone query takes the way of reads; anything else goes through the log. */
  @Post('ops')
  @HttpCode(200)
  @ApiOperation({ summary: 'The operation form: many operations, one answer each' })
  async ops(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Body() { caller, ops, atomic }: OperationsDto,
  ): Answer {
    const [first] = ops;
    if (ops.length === 1 && isFileQuery(first)) {
      const query = { volume, ...(caller && { caller }), ...first };
      const reply = await this.rest.ask(this.rest.queryCall(exchange, SERVICE, query, {}));
      return this.rest.show(exchange, { ...reply, body: { results: [{ result: reply.body }] } });
    }
    const op = { kind: 'batch', volume, caller, ops, atomic };
    return this.rest.mutate(exchange, { service: SERVICE, op });
  }

  @Get('digest')
  @ApiOperation({ summary: 'Digest of the whole tree at an op: equal on every replica' })
  digest(): JsonObject {
    return this.process.digestOf(SERVICE);
  }

  private async mutate(
    exchange: Exchange,
    volume: string,
    op: JsonObject,
    status = 200,
  ): Promise<JsonObject | undefined> {
    const asked = { volume, ...callerOf(exchange), ...op };
    const reply = await this.rest.execute(exchange, { service: SERVICE, op: asked });
    return this.rest.show(exchange, { ...reply, status });
  }
}
