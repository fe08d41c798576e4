import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { JsonObject } from '../../contract/json';
import { Answers } from '../answers';
import { CurrentExchange, type Exchange } from '../exchange';
import { ItsServiceSays } from '../requires';
import { ReadQuery } from '../read-query.dto';
import { Rest } from '../rest';
import { Waits } from '../waits';
import { EnterBarrierDto, LeaveBarrierDto } from './barriers.dto';

const SERVICE = 'locks';
type Answer = Promise<JsonObject | undefined>;

@ApiTags('barriers')
@Controller('v1/barriers/:name')
@ItsServiceSays()
export class BarriersController {
  private readonly rest: Rest;
  private readonly waits: Waits;

  constructor(rest: Rest, waits: Waits) {
    this.rest = rest;
    this.waits = waits;
  }

  @Get()
  @ApiOperation({ summary: 'Who is at the barrier' })
  get(
    @CurrentExchange() exchange: Exchange,
    @Param('name') barrier: string,
    @Query() read: ReadQuery,
  ): Answer {
    return this.rest.query(exchange, SERVICE, { kind: 'barrier', barrier }, read);
  }

  @Post('enter')
  @HttpCode(200)
  @ApiOperation({ summary: 'Wait until all parties have come' })
  @Answers(200, { 202: 'It waits: `state` is `queued`' })
  enter(
    @CurrentExchange() exchange: Exchange,
    @Param('name') barrier: string,
    @Body() body: EnterBarrierDto,
  ): Answer {
    return this.waits.ask(exchange, { kind: 'enter', barrier }, body);
  }

  @Post('leave')
  @HttpCode(200)
  @ApiOperation({ summary: 'Wait until all who are inside have left or are gone' })
  @Answers(200, { 202: 'It waits: `state` is `queued`' })
  leave(
    @CurrentExchange() exchange: Exchange,
    @Param('name') barrier: string,
    @Body() body: LeaveBarrierDto,
  ): Answer {
    return this.waits.ask(exchange, { kind: 'leave', barrier }, body);
  }
}
