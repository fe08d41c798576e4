import { Body, Controller, Delete, Get, Param, Post, Query, HttpCode } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { textOf, type JsonObject } from '../../contract/json';
import { readSessionId } from '../../contract/request-naming';
import { CurrentExchange, type Exchange } from '../exchange';
import { ItsServiceSays } from '../requires';
import { ReadQuery } from '../read-query.dto';
import { Rest } from '../rest';
import { CloseSessionQuery, ListSessionsQuery, OpenSessionDto } from './sessions.dto';

const SERVICE = 'sessions';
type Answer = Promise<JsonObject | undefined>;

@ApiTags('sessions')
@Controller('v1/sessions')
@ItsServiceSays()
export class SessionsController {
  private readonly rest: Rest;

  constructor(rest: Rest) {
    this.rest = rest;
  }

  @Post()
  @ApiOperation({ summary: 'Open a session' })
  async open(@CurrentExchange() exchange: Exchange, @Body() body: OpenSessionDto): Answer {
    const opened = await this.rest.mutate(exchange, {
      service: SERVICE,
      op: { kind: 'open', ...body },
    });
    void exchange.reply.header('Location', `/v1/sessions/${textOf(opened?.['id'])}`);
    return opened;
  }

  @Post(':id/keepalive')
  @ApiOperation({ summary: 'Keep it alive: answered when it is committed in the current view' })
  @HttpCode(200)
  keepAlive(@CurrentExchange() exchange: Exchange, @Param('id') id: string): Answer {
    return this.rest.keepAlive(exchange, id);
  }

  @Get()
  @ApiOperation({ summary: 'Sessions in the order in which they were opened' })
  list(@CurrentExchange() exchange: Exchange, @Query() query: ListSessionsQuery): Answer {
    const { consistency: _, minOp: __, ...page } = query;
    return this.rest.query(exchange, SERVICE, { kind: 'list', ...page }, query);
  }

  /** The session, and what it holds and waits for at least at that op. */
  @Get(':id')
  @ApiOperation({ summary: 'A session, with what it holds and waits for' })
  async get(
    @CurrentExchange() exchange: Exchange,
    @Param('id') id: string,
    @Query() read: ReadQuery,
  ): Answer {
    const session = readSessionId(id);
    const query = { kind: 'get', session };
    const found = await this.rest.ask(this.rest.queryCall(exchange, SERVICE, query, read));
    const locks = await this.rest.ask({
      ...this.rest.queryCall(exchange, 'locks', { kind: 'session', session }, read),
      consistency: 'stale',
      minOp: found.opNumber ?? 0,
    });
    return this.rest.show(exchange, { ...found, body: { ...found.body, ...locks.body } });
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    summary:
      'Close it: everything it holds is released at once; `force`, for admins, whoever has it',
  })
  async close(
    @CurrentExchange() exchange: Exchange,
    @Param('id') id: string,
    @Query() { force }: CloseSessionQuery,
  ): Answer {
    const session = readSessionId(id);
    const kind = force === true ? 'force-close' : 'close';
    const closed = await this.rest.execute(exchange, { service: SERVICE, op: { kind, session } });
    return this.rest.show(exchange, { ...closed, status: 204 });
  }
}
