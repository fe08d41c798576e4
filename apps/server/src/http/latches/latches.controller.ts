import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { JsonObject } from '../../contract/json';
import { CurrentExchange, type Exchange } from '../exchange';
import { ItsServiceSays } from '../requires';
import { WaitQuery } from '../locks/lock-reads.dto';
import { Rest } from '../rest';
import { Waits } from '../waits';
import { CountDownDto, SetLatchDto } from './latches.dto';

const SERVICE = 'locks';
type Answer = Promise<JsonObject | undefined>;

@ApiTags('latches')
@Controller('v1/latches/:name')
@ItsServiceSays()
export class LatchesController {
  private readonly rest: Rest;
  private readonly waits: Waits;

  constructor(rest: Rest, waits: Waits) {
    this.rest = rest;
    this.waits = waits;
  }

  @Get()
  @ApiOperation({ summary: 'What is left to count; with `waitMs` when nothing is' })
  get(
    @CurrentExchange() exchange: Exchange,
    @Param('name') latch: string,
    @Query() read: WaitQuery,
  ): Answer {
    return this.waits.read(exchange, { kind: 'latch', latch }, read);
  }

  @Put()
  @ApiOperation({ summary: 'Shut it, unless it is shut already' })
  set(
    @CurrentExchange() exchange: Exchange,
    @Param('name') latch: string,
    @Body() { count }: SetLatchDto,
  ): Answer {
    return this.mutate(exchange, { kind: 'set-latch', latch, count });
  }

  @Post('count-down')
  @HttpCode(200)
  @ApiOperation({ summary: 'Count towards 0, where it opens' })
  countDown(
    @CurrentExchange() exchange: Exchange,
    @Param('name') latch: string,
    @Body() { by }: CountDownDto,
  ): Answer {
    return this.mutate(exchange, { kind: 'count-down', latch, by });
  }

  @Delete()
  @ApiOperation({ summary: 'Forget it' })
  remove(@CurrentExchange() exchange: Exchange, @Param('name') latch: string): Answer {
    return this.mutate(exchange, { kind: 'remove-latch', latch });
  }

  private mutate(exchange: Exchange, op: JsonObject): Answer {
    return this.rest.mutate(exchange, { service: SERVICE, op });
  }
}
