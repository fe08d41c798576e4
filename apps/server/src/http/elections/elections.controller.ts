import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { JsonObject } from '../../contract/json';
import { Answers } from '../answers';
import { CurrentExchange, type Exchange } from '../exchange';
import { ItsServiceSays } from '../requires';
import { WaitLockQuery } from '../locks/lock-reads.dto';
import { BreakLockDto } from '../locks/locks.dto';
import { Rest } from '../rest';
import { Waits } from '../waits';
import { CampaignDto, ProclaimDto, ResignDto, TransferElectionDto } from './elections.dto';

const SERVICE = 'locks';
type Answer = Promise<JsonObject | undefined>;

/** An election is a lock that is held by the leader: candidates are its queue, the proclamation is its note. */
@ApiTags('elections')
@Controller('v1/elections/:name')
@ItsServiceSays()
export class ElectionsController {
  private readonly rest: Rest;
  private readonly waits: Waits;

  constructor(rest: Rest, waits: Waits) {
    this.rest = rest;
    this.waits = waits;
  }

  @Get()
  @ApiOperation({ summary: 'Who leads, and who would be next' })
  @Answers(200, { 304: 'It is as it was' })
  observe(
    @CurrentExchange() exchange: Exchange,
    @Param('name') election: string,
    @Query() read: WaitLockQuery,
  ): Answer {
    return this.waits.read(exchange, { kind: 'election', election }, read);
  }

  @Post('campaign')
  @HttpCode(200)
  @ApiOperation({ summary: 'Lead, or be a candidate' })
  @Answers(200, { 202: 'It waits: `state` is `queued`' })
  campaign(
    @CurrentExchange() exchange: Exchange,
    @Param('name') election: string,
    @Body() body: CampaignDto,
  ): Answer {
    return this.waits.ask(exchange, { kind: 'campaign', election }, body);
  }

  @Post('proclaim')
  @HttpCode(200)
  @ApiOperation({ summary: 'Tell everybody something else of the leader' })
  proclaim(
    @CurrentExchange() exchange: Exchange,
    @Param('name') election: string,
    @Body() body: ProclaimDto,
  ): Answer {
    return this.waits.mutate(exchange, { kind: 'proclaim', election }, body);
  }

  @Post('resign')
  @HttpCode(200)
  @ApiOperation({ summary: 'Lead no more, or withdraw' })
  resign(
    @CurrentExchange() exchange: Exchange,
    @Param('name') election: string,
    @Body() body: ResignDto,
  ): Answer {
    return this.waits.mutate(exchange, { kind: 'resign', election }, body);
  }

  @Post('transfer')
  @HttpCode(200)
  @ApiOperation({ summary: 'Make a candidate the leader, whatever its place' })
  transfer(
    @CurrentExchange() exchange: Exchange,
    @Param('name') election: string,
    @Body() body: TransferElectionDto,
  ): Answer {
    return this.waits.mutate(exchange, { kind: 'transfer', election }, body);
  }

  @Post('break')
  @HttpCode(200)
  @ApiOperation({ summary: 'Ask the leader to resign, then depose it; on the record' })
  @Answers(200, { 202: 'The leader was asked to resign' })
  break(
    @CurrentExchange() exchange: Exchange,
    @Param('name') election: string,
    @Body() body: BreakLockDto,
  ): Answer {
    const op = { kind: 'break', election, ...body };
    return this.rest.mutate(exchange, { service: SERVICE, op });
  }
}
