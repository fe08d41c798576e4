import { Body, Controller, Delete, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { JsonObject } from '../../contract/json';
import { Answers } from '../answers';
import { CurrentExchange, type Exchange } from '../exchange';
import { ItsServiceSays } from '../requires';
import { Rest } from '../rest';
import { Waits } from '../waits';
import {
  AcquireLockDto,
  AcquireLocksDto,
  AmendLockDto,
  BreakLockDto,
  ConvertLockDto,
  ReleaseLockDto,
  SetLimitDto,
  SetValueDto,
  TransferLockDto,
} from './locks.dto';

const SERVICE = 'locks';
type Answer = Promise<JsonObject | undefined>;

/** What is done with locks; what is asked about them is in `LockReadsController`. */
@ApiTags('locks')
@Controller('v1/locks')
@ItsServiceSays()
export class LocksController {
  private readonly rest: Rest;
  private readonly waits: Waits;

  constructor(rest: Rest, waits: Waits) {
    this.rest = rest;
    this.waits = waits;
  }

  @Post('acquire')
  @HttpCode(200)
  @ApiOperation({ summary: 'Take several locks in one step, or wait for all of them' })
  @Answers(200, { 202: 'It waits: `state` is `queued`' })
  acquireAll(@CurrentExchange() exchange: Exchange, @Body() body: AcquireLocksDto): Answer {
    const locks = body.locks.map((item) => ({ ...item }));
    return this.waits.ask(exchange, { kind: 'acquire' }, { ...body, locks });
  }

  @Post(':name/acquire')
  @HttpCode(200)
  @ApiOperation({ summary: 'Take the lock, or join its queue' })
  @Answers(200, { 202: 'It waits: `state` is `queued`' })
  acquire(
    @CurrentExchange() exchange: Exchange,
    @Param('name') lock: string,
    @Body() body: AcquireLockDto,
  ): Answer {
    return this.waits.ask(exchange, { kind: 'acquire', lock }, body);
  }

  @Post(':name/release')
  @HttpCode(200)
  @ApiOperation({ summary: 'Give the lock back, or stop waiting; as often as it is said' })
  release(
    @CurrentExchange() exchange: Exchange,
    @Param('name') lock: string,
    @Body() body: ReleaseLockDto,
  ): Answer {
    return this.waits.mutate(exchange, { kind: 'release', lock }, body);
  }

  @Post(':name/convert')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Hold it in another mode: a weaker one at once, a stronger one in turn',
  })
  @Answers(200, { 202: 'It waits: `state` is `queued`' })
  convert(
    @CurrentExchange() exchange: Exchange,
    @Param('name') lock: string,
    @Body() body: ConvertLockDto,
  ): Answer {
    return this.waits.ask(exchange, { kind: 'convert', lock }, body);
  }

  @Post(':name/amend')
  @HttpCode(200)
  @ApiOperation({ summary: 'Another note on what is held' })
  amend(
    @CurrentExchange() exchange: Exchange,
    @Param('name') lock: string,
    @Body() body: AmendLockDto,
  ): Answer {
    return this.waits.mutate(exchange, { kind: 'amend', lock }, body);
  }

  @Post(':name/transfer')
  @HttpCode(200)
  @ApiOperation({ summary: 'Give the lock to a request that waits for it, whatever its place' })
  transfer(
    @CurrentExchange() exchange: Exchange,
    @Param('name') lock: string,
    @Body() body: TransferLockDto,
  ): Answer {
    return this.waits.mutate(exchange, { kind: 'transfer', lock }, body);
  }

  @Post(':name/break')
  @HttpCode(200)
  @ApiOperation({ summary: 'Ask the holder to give it up, then take it away; on the record' })
  @Answers(200, { 202: 'The holder was asked to give it up' })
  break(
    @CurrentExchange() exchange: Exchange,
    @Param('name') lock: string,
    @Body() body: BreakLockDto,
  ): Answer {
    return this.rest.mutate(exchange, { service: SERVICE, op: { kind: 'break', lock, ...body } });
  }

  @Put(':name/value')
  @ApiOperation({ summary: 'Write the value block of a lock that is held and shared with nobody' })
  setValue(
    @CurrentExchange() exchange: Exchange,
    @Param('name') lock: string,
    @Body() body: SetValueDto,
  ): Answer {
    return this.waits.mutate(exchange, { kind: 'set-value', lock }, body);
  }

  @Put(':name/limit')
  @ApiOperation({ summary: 'How many permits the semaphore has, whether it is in use or not' })
  setLimit(
    @CurrentExchange() exchange: Exchange,
    @Param('name') lock: string,
    @Body() { limit }: SetLimitDto,
  ): Answer {
    const op = { kind: 'set-limit', lock, limit };
    return this.rest.mutate(exchange, { service: SERVICE, op });
  }

  @Delete(':name/limit')
  @ApiOperation({ summary: 'The limit is what the users of the semaphore say again' })
  removeLimit(@CurrentExchange() exchange: Exchange, @Param('name') lock: string): Answer {
    return this.rest.mutate(exchange, { service: SERVICE, op: { kind: 'set-limit', lock } });
  }
}
