import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { JsonObject } from '../../contract/json';
import { CurrentExchange, type Exchange } from '../exchange';
import { ItsServiceSays } from '../requires';
import { ReadQuery } from '../read-query.dto';
import { FileRequests, type Answer } from './file-requests';
import { NameDto, PageQuery, RestoreDto, SnapshotRenameDto, VolumeDto } from './volumes.dto';
import { ValidateQuery } from './files.dto';

/** Volumes, and what each has as a whole: snapshots and a trash. */
@ApiTags('files')
@Controller('v1/fs')
@ItsServiceSays()
export class VolumesController {
  private readonly files: FileRequests;

  constructor(files: FileRequests) {
    this.files = files;
  }

  @Get()
  @ApiOperation({ summary: 'All volumes, by their names' })
  list(
    @CurrentExchange() exchange: Exchange,
    @Query() { after, limit, ...read }: PageQuery,
  ): Answer {
    return this.files.query(exchange, { kind: 'listvolumes', after, limit }, read);
  }

  @Get(':volume')
  @ApiOperation({ summary: 'Rules and limits of a volume, and what it holds' })
  get(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Query() read: ReadQuery,
  ): Answer {
    return this.files.query(exchange, { kind: 'statfs', volume }, read);
  }

  @Put(':volume')
  @ApiOperation({ summary: 'Make a volume, or change its rules and limits' })
  define(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Body() body: VolumeDto,
  ): Answer {
    return this.files.change(exchange, { kind: 'definevolume', volume, ...body });
  }

  @Delete(':volume')
  @ApiOperation({ summary: 'Take a volume away with all that is in it' })
  @HttpCode(204)
  drop(@CurrentExchange() exchange: Exchange, @Param('volume') volume: string): Answer {
    return this.files.change(exchange, { kind: 'dropvolume', volume }, { status: 204 });
  }

  @Get(':volume/snapshots')
  @ApiOperation({ summary: 'Snapshots of a volume' })
  snapshots(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Query() read: ReadQuery,
  ): Answer {
    return this.files.query(exchange, { kind: 'listsnapshots', volume }, read);
  }

  @Post(':volume/snapshots')
  @ApiOperation({ summary: 'Keep the state as it is now, at once, under a name' })
  snapshot(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Body() { name }: NameDto,
  ): Answer {
    return this.files.change(exchange, { kind: 'snapshot', volume, name }, { status: 201 });
  }

  @Post(':volume/snapshots/:name/rename')
  @HttpCode(204)
  @ApiOperation({ summary: 'Another name for a snapshot' })
  renameSnapshot(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Param('name') from: string,
    @Body() { to }: SnapshotRenameDto,
  ): Answer {
    return this.files.change(
      exchange,
      { kind: 'renamesnapshot', volume, from, to },
      { status: 204 },
    );
  }

  @Delete(':volume/snapshots/:name')
  @ApiOperation({ summary: 'Keep it no longer' })
  @HttpCode(204)
  removeSnapshot(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Param('name') name: string,
  ): Answer {
    return this.files.change(exchange, { kind: 'removesnapshot', volume, name }, { status: 204 });
  }

  /** `from` and `to` are names of snapshots, `@<op>`, or `now`. */
  @Get(':volume/snapshots/:from/diff/:to')
  @ApiOperation({ summary: 'What differs between two states' })
  diff(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Param('from') from: string,
    @Param('to') to: string,
    @Query() { after, limit, ...read }: PageQuery,
  ): Answer {
    const ends = { from: momentOf(from), to: momentOf(to) };
    return this.files.query(exchange, { kind: 'diff', volume, ...ends, after, limit }, read);
  }

  @Get(':volume/trash')
  @ApiOperation({ summary: 'What is in the trash' })
  trash(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Query() { after, limit, ...read }: PageQuery,
  ): Answer {
    return this.files.query(exchange, { kind: 'listtrash', volume, after, limit }, read);
  }

  @Post(':volume/trash/:id/restore')
  @HttpCode(200)
  @ApiOperation({ summary: 'Put it back where it was, or at another path' })
  restore(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Param('id') id: string,
    @Body() body: RestoreDto,
    @Query() { validate }: ValidateQuery,
  ): Answer {
    return this.files.change(exchange, { kind: 'restore', volume, id, ...body }, { validate });
  }

  @Delete(':volume/trash/:id')
  @ApiOperation({ summary: 'Take it away for good' })
  @HttpCode(204)
  discard(
    @CurrentExchange() exchange: Exchange,
    @Param('volume') volume: string,
    @Param('id') id: string,
  ): Answer {
    return this.files.change(exchange, { kind: 'discard', volume, id }, { status: 204 });
  }

  @Delete(':volume/trash')
  @ApiOperation({ summary: 'Empty the trash' })
  @HttpCode(204)
  discardAll(@CurrentExchange() exchange: Exchange, @Param('volume') volume: string): Answer {
    return this.files.change(exchange, { kind: 'discard', volume }, { status: 204 });
  }
}

const OP = /^@(\d{1,16})$/;

function momentOf(name: string): JsonObject | string {
  if (name === 'now') return 'now';
  const [, op] = OP.exec(name) ?? [];
  return op ?? { snapshot: name };
}
