import { Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { JsonObject } from '../../contract/json';
import { Answers } from '../answers';
import { CurrentExchange, type Exchange } from '../exchange';
import { ItsServiceSays } from '../requires';
import { Rest } from '../rest';
import { Waits } from '../waits';
import { WaitQuery } from './lock-reads.dto';

const SERVICE = 'locks';
type Answer = Promise<JsonObject | undefined>;

@ApiTags('locks')
@Controller('v1/requests')
@ItsServiceSays()
export class RequestsController {
  private readonly rest: Rest;
  private readonly waits: Waits;

  constructor(rest: Rest, waits: Waits) {
    this.rest = rest;
    this.waits = waits;
  }

  @Get(':id')
  @ApiOperation({ summary: 'What has become of a request; with `waitMs` when it waits no longer' })
  get(
    @CurrentExchange() exchange: Exchange,
    @Param('id') request: string,
    @Query() read: WaitQuery,
  ): Answer {
    return this.waits.read(exchange, { kind: 'request', request }, read);
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Undo an acquire, whether it waits or was granted meanwhile' })
  cancel(@CurrentExchange() exchange: Exchange, @Param('id') request: string): Answer {
    return this.rest.mutate(exchange, { service: SERVICE, op: { kind: 'cancel', request } });
  }

  @Post(':id/claim')
  @HttpCode(200)
  @ApiOperation({ summary: 'The grant has arrived: it is not passed on for want of a sign' })
  @Answers(200, { 202: 'It still waits: `state` is `queued`' })
  claim(@CurrentExchange() exchange: Exchange, @Param('id') request: string): Answer {
    return this.rest.mutate(exchange, { service: SERVICE, op: { kind: 'claim', request } });
  }
}
