import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { RESERVED_NAMES } from '@lockstep/state-machines';
import type { FastifyReply } from 'fastify';
import { expectMay } from '../../contract/access';
import type { JsonObject } from '../../contract/json';
import type { EventFeeds } from '../../contract/event-feeds';
import { needsOfLockQuery, readerOfLocks } from '../../contract/lock-needs';
import { lockEventsOf } from '../../contract/lock-events';
import type { LockHistories } from '../../contract/lock-history';
import { Problem } from '../../contract/problem';
import { EVENT_FEEDS, LOCK_HISTORIES } from '../../vr/tokens';
import { sendEvents } from '../event-stream';
import { Answers } from '../answers';
import { CurrentExchange, type Exchange } from '../exchange';
import { ItsServiceSays } from '../requires';
import { ReadQuery } from '../read-query.dto';
import { Rest } from '../rest';
import { Waits } from '../waits';
import {
  CheckSequencersDto,
  ListLocksQuery,
  LockEventsQuery,
  LockGraphQuery,
  LockHistoryQuery,
  WaitLockQuery,
} from './lock-reads.dto';

const SERVICE = 'locks';
const HISTORY_LIMIT = 100;
type Answer = Promise<JsonObject | undefined>;

/** What is asked about locks, and the stream of what happens to them. */
@ApiTags('locks')
@Controller('v1')
@ItsServiceSays()
export class LockReadsController {
  private readonly rest: Rest;
  private readonly waits: Waits;
  private readonly feeds: EventFeeds;
  private readonly histories: LockHistories;

  constructor(
    rest: Rest,
    waits: Waits,
    @Inject(EVENT_FEEDS) feeds: EventFeeds,
    @Inject(LOCK_HISTORIES) histories: LockHistories,
  ) {
    this.rest = rest;
    this.waits = waits;
    this.feeds = feeds;
    this.histories = histories;
  }

  @Get('locks')
  @ApiOperation({ summary: 'Locks in use, in bytewise order of their names' })
  list(@CurrentExchange() exchange: Exchange, @Query() query: ListLocksQuery): Answer {
    const { consistency: _, minOp: __, ...page } = query;
    return this.rest.query(exchange, SERVICE, { kind: 'locks', ...page }, query);
  }

  @Get('locks/graph')
  @ApiOperation({ summary: 'Who waits for whom, lock by lock' })
  graph(@CurrentExchange() exchange: Exchange, @Query() query: LockGraphQuery): Answer {
    const { consistency: _, minOp: __, ...page } = query;
    return this.rest.query(exchange, SERVICE, { kind: 'graph', ...page }, query);
  }

  /** `id:` is the event's place, `data:` the event; the last event, `end`, is the problem that ends the stream. */
  @Get('locks/events')
  @ApiOperation({ summary: 'What happens to locks, as it happens; goes on after `Last-Event-ID`' })
  @ApiProduces('text/event-stream')
  events(
    @CurrentExchange() exchange: Exchange,
    @Res() reply: FastifyReply,
    @Query() { prefix, from }: LockEventsQuery,
  ): void {
    expectMay(exchange.request.principal, [readerOfLocks(prefix ?? '')]);
    sendEvents(exchange, reply, this.feeds, { show: lockEventsOf(prefix ?? ''), from });
  }

  @Get('locks/:name')
  @ApiOperation({ summary: 'A lock with its holders and its queue' })
  @Answers(200, { 304: 'It is as it was' })
  get(
    @CurrentExchange() exchange: Exchange,
    @Param('name') lock: string,
    @Query() read: WaitLockQuery,
  ): Answer {
    if (RESERVED_NAMES.includes(lock)) throw new Problem('reserved-name');
    return this.waits.read(exchange, { kind: 'lock', lock }, read);
  }

  @Get('locks/:name/history')
  @ApiOperation({ summary: 'Who has held it, the newest first, as far back as events are kept' })
  history(
    @CurrentExchange() exchange: Exchange,
    @Param('name') lock: string,
    @Query() { limit }: LockHistoryQuery,
  ): Promise<JsonObject> {
    expectMay(exchange.request.principal, needsOfLockQuery({ kind: 'lock', lock }));
    return this.histories.read(lock, limit ?? HISTORY_LIMIT);
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
