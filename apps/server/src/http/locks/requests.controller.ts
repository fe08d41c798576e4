import { Controller, Delete, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { JsonObject } from '../../contract/json';
import type { LongPolls } from '../../contract/long-poll';
import { LONG_POLLS } from '../../vr/tokens';
import { CurrentExchange, type Exchange } from '../exchange';
import { Rest, settle } from '../rest';
import { WaitQuery } from './locks.dto';

const SERVICE = 'locks';
type Answer = Promise<JsonObject | undefined>;

@ApiTags('locks')
@Controller('v1/requests')
export class RequestsController {
  private readonly rest: Rest;
  private readonly polls: LongPolls;

  constructor(rest: Rest, @Inject(LONG_POLLS) polls: LongPolls) {
    this.rest = rest;
    this.polls = polls;
  }

  @Get(':id')
  @ApiOperation({ summary: 'What has become of a request; with `waitMs` when it waits no longer' })
  async get(
    @CurrentExchange() exchange: Exchange,
    @Param('id') request: string,
    @Query() read: WaitQuery,
  ): Answer {
    const call = this.rest.queryCall(exchange, SERVICE, { kind: 'request', request }, read);
    const { waitMs } = read;
    const reply =
      waitMs === undefined
        ? await this.rest.ask(call)
        : await settle((told) => {
            this.polls.request(call, request, waitMs, told);
          });
    return this.rest.show(exchange, reply);
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Undo an acquire, whether it waits or was granted meanwhile' })
  cancel(@CurrentExchange() exchange: Exchange, @Param('id') request: string): Answer {
    return this.rest.mutate(exchange, { service: SERVICE, op: { kind: 'cancel', request } });
  }
}
