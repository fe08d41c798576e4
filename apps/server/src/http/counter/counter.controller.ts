import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsInt, IsOptional } from 'class-validator';
import type { JsonObject } from '../../contract/json';
import { CurrentExchange, type Exchange } from '../exchange';
import { ItsServiceSays } from '../requires';
import { ReadQuery } from '../read-query.dto';
import { Rest } from '../rest';

const SERVICE = 'counter';
type Answer = Promise<JsonObject | undefined>;

export class AddToCounterDto {
  @ApiPropertyOptional({ default: 1 })
  @IsOptional()
  @IsInt()
  by?: number;
}

/** The example service over REST: all that a plug-in needs here is its contract and these lines. */
@ApiTags('counter')
@Controller('v1/counter')
@ItsServiceSays()
export class CounterController {
  private readonly rest: Rest;

  constructor(rest: Rest) {
    this.rest = rest;
  }

  @Post(':name')
  @HttpCode(200)
  @ApiOperation({ summary: 'Add to a counter' })
  add(
    @CurrentExchange() exchange: Exchange,
    @Param('name') name: string,
    @Body() body: AddToCounterDto,
  ): Answer {
    return this.rest.mutate(exchange, { service: SERVICE, op: { kind: 'add', name, ...body } });
  }

  @Get(':name')
  @ApiOperation({ summary: 'The value of a counter' })
  get(
    @CurrentExchange() exchange: Exchange,
    @Param('name') name: string,
    @Query() read: ReadQuery,
  ): Answer {
    return this.rest.query(exchange, SERVICE, { kind: 'get', name }, read);
  }

  @Delete(':name')
  @ApiOperation({ summary: 'Set a counter to 0' })
  reset(@CurrentExchange() exchange: Exchange, @Param('name') name: string): Answer {
    return this.rest.mutate(exchange, { service: SERVICE, op: { kind: 'reset', name } });
  }
}
