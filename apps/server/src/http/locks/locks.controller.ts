import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { RESERVED_NAMES } from '@lockstep/state-machines';
import { textOf, type JsonObject } from '../../contract/json';
import type { LongPolls } from '../../contract/long-poll';
import { Problem } from '../../contract/problem';
import { LONG_POLLS } from '../../vr/tokens';
import { CurrentExchange, type Exchange } from '../exchange';
import { ReadQuery } from '../read-query.dto';
import { Rest, settle } from '../rest';
import {
  AcquireLockDto,
  CheckSequencersDto,
  ListLocksQuery,
  ReleaseLockDto,
  WaitLockQuery,
} from './locks.dto';

const SERVICE = 'locks';
type Answer = Promise<JsonObject | undefined>;

@ApiTags('locks')
@Controller('v1')
export class LocksController {
  private readonly rest: Rest;
  private readonly polls: LongPolls;

  constructor(rest: Rest, @Inject(LONG_POLLS) polls: LongPolls) {
    this.rest = rest;
    this.polls = polls;
  }

  @Post('locks/:name/acquire')
  @HttpCode(200)
  @ApiOperation({ summary: 'Take the lock, or join its queue' })
  async acquire(
    @CurrentExchange() exchange: Exchange,
    @Param('name') lock: string,
    @Body() body: AcquireLockDto,
  ): Answer {
    const { requestNumber, ackedBelow, holdMs, ...asked } = body;
    const { session } = asked;
    const reply = await this.rest.execute(exchange, {
      service: SERVICE,
      op: { kind: 'acquire', lock, ...asked },
      session,
      requestNumber,
      ackedBelow,
    });
    const request = textOf(reply.body['request']);
    if (reply.body['state'] !== 'queued' || holdMs === undefined)
      return this.rest.show(exchange, reply);
    const call = this.rest.queryCall(exchange, SERVICE, { kind: 'request', request }, {});
    const settled = await settle((told) => {
      this.polls.request(call, request, holdMs, told);
    });
    return this.rest.show(exchange, {
      ...settled,
      status: settled.body['state'] === 'queued' ? 202 : 200,
    });
  }

  @Post('locks/:name/release')
  @HttpCode(200)
  @ApiOperation({ summary: 'Give the lock back, or stop waiting; as often as it is said' })
  release(
    @CurrentExchange() exchange: Exchange,
    @Param('name') lock: string,
    @Body() body: ReleaseLockDto,
  ): Answer {
    const { requestNumber, ackedBelow, ...asked } = body;
    const op = { kind: 'release', lock, ...asked };
    const { session } = asked;
    return this.rest.mutate(exchange, { service: SERVICE, op, session, requestNumber, ackedBelow });
  }

  @Get('locks')
  @ApiOperation({ summary: 'Locks in use, in bytewise order of their names' })
  list(@CurrentExchange() exchange: Exchange, @Query() query: ListLocksQuery): Answer {
    const { consistency: _, minOp: __, ...page } = query;
    return this.rest.query(exchange, SERVICE, { kind: 'locks', ...page }, query);
  }

  @Get('locks/:name')
  @ApiOperation({ summary: 'A lock with its holders and its queue' })
  async get(
    @CurrentExchange() exchange: Exchange,
    @Param('name') lock: string,
    @Query() read: WaitLockQuery,
  ): Answer {
    if (RESERVED_NAMES.includes(lock)) throw new Problem('reserved-name');
    const call = this.rest.queryCall(exchange, SERVICE, { kind: 'lock', lock }, read);
    const { waitMs, since } = read;
    const reply =
      waitMs === undefined
        ? await this.rest.ask(call)
        : await settle((told) => {
            const wait = since === undefined ? { waitMs } : { waitMs, since };
            this.polls.lock(call, lock, wait, told);
          });
    return this.rest.show(exchange, reply);
  }

  @Post('sequencers/check')
  @HttpCode(200)
  @ApiOperation({ summary: 'Are these grants still the current ones?' })
  check(
    @CurrentExchange() exchange: Exchange,
    @Body() { sequencers }: CheckSequencersDto,
    @Query() read: ReadQuery,
  ): Answer {
    return this.rest.query(exchange, SERVICE, { kind: 'check', sequencers }, read);
  }
}
