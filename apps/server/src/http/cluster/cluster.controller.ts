import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { anywhere, everywhere } from '../../access/need';
import { textOf, type JsonObject } from '../../contract/json';
import { Problem, problemOfBody } from '../../contract/problem';
import { FROM_REPLICA } from '../../replica-host/other-doors';
import type { ReplicaProcess } from '../../replica-process';
import { REPLICA_PROCESS } from '../../vr/tokens';
import { CurrentExchange, headerOf, type Exchange } from '../exchange';
import { Audited, OpenToAll, Requires } from '../requires';
import { keyOf, Rest } from '../rest';
import { BackupQuery, wantedBackup } from './backup.dto';
import { AuditQuery, JoinDto, RaiseVersionDto, ReconfigureDto } from './cluster.dto';
import { Reconfigurations } from './reconfigurations';

type Answer = Promise<JsonObject | undefined>;
const SERVICE = 'group';
const PASS_ON_MS = 2_000;
const AUDIT_LIMIT = 100;

@ApiTags('cluster')
@Controller()
@Requires(anywhere('reader'))
export class ClusterController {
  private readonly process: ReplicaProcess;
  private readonly rest: Rest;
  private readonly reconfigurations: Reconfigurations;

  constructor(@Inject(REPLICA_PROCESS) process: ReplicaProcess, rest: Rest) {
    this.process = process;
    this.rest = rest;
    const { calls, status, view, joiners } = process;
    this.reconfigurations = new Reconfigurations({ calls, status, view, joiners });
  }

  @Get('v1/cluster')
  @ApiOperation({ summary: 'The group: who belongs to it, and how far each is' })
  cluster(): Promise<JsonObject> {
    return this.process.status.cluster();
  }

  @Get('v1/cluster/replica')
  @ApiOperation({ summary: 'This replica alone' })
  replica(): JsonObject {
    return this.process.status.own();
  }

  @Get('v1/cluster/epochs')
  @ApiOperation({ summary: 'Which groups there have been, and since when' })
  epochs(@CurrentExchange() exchange: Exchange): Answer {
    return this.rest.query(exchange, SERVICE, { kind: 'epochs' });
  }

  @Get('v1/cluster/views')
  @ApiOperation({ summary: 'The views this replica has worked in since its start, newest first' })
  views(): JsonObject {
    return { views: this.process.views.list() };
  }

  @Get('v1/cluster/check-epoch')
  @ApiOperation({ summary: 'CHECKEPOCH: which replaced replicas may be stopped now' })
  checkEpoch(): JsonObject {
    return this.process.status.checkEpoch();
  }

  /**
   * A file for `lockstep restore`: the newest checkpoint, and the log behind it up to an op. What was acknowledged before
   * this was asked is in it.
   */
  @Get('v1/cluster/backup')
  @Requires(everywhere('admin'))
  @Audited()
  @ApiOperation({ summary: 'The whole state at one op, as a stream of bytes (lockstep backup)' })
  @ApiProduces('application/octet-stream')
  async backup(
    @CurrentExchange() exchange: Exchange,
    @Res() reply: FastifyReply,
    @Query() query: BackupQuery,
  ): Promise<void> {
    const wanted = wantedBackup(query);
    // A linearizable read: from here on this replica has executed all of it.
    await this.rest.ask(this.rest.queryCall(exchange, SERVICE, { kind: 'configuration' }, {}));
    const stream = this.process.backups.open(wanted);
    void reply.type('application/octet-stream').header('Cache-Control', 'no-store').send(stream);
  }

  @Post('v1/cluster/reconfigurations')
  @Requires(everywhere('admin'))
  @HttpCode(202)
  @ApiOperation({ summary: 'Another group: new replicas catch up first, then the epoch changes' })
  async reconfigure(
    @CurrentExchange() exchange: Exchange,
    @Body() body: ReconfigureDto,
  ): Promise<JsonObject> {
    const begun = await this.reconfigurations.begin(
      body,
      exchange.request.principal,
      keyOf(exchange),
    );
    void exchange.reply.header('Location', `/v1/cluster/reconfigurations/${textOf(begun['id'])}`);
    return begun;
  }

  @Get('v1/cluster/reconfigurations/:id')
  @ApiOperation({ summary: 'How far a reconfiguration is: warming, starting, done, failed' })
  reconfiguration(@Param('id') id: string): Promise<JsonObject> {
    return this.reconfigurations.find(id);
  }

  @Post('v1/cluster/joiners')
  @HttpCode(200)
  @Requires(everywhere('admin'))
  @ApiOperation({ summary: 'A replica-number for a node that would follow and become a member' })
  async join(@CurrentExchange() exchange: Exchange, @Body() body: JoinDto): Answer {
    const { nextReplicaNumber } = this.process.view().epoch.configuration;
    return this.rest.mutate(exchange, {
      service: SERVICE,
      op: { kind: 'join', ...body, nextReplicaNumber },
    });
  }

  @Post('v1/cluster/version')
  @HttpCode(200)
  @ApiOperation({ summary: 'The group works at the next version: no older program comes back' })
  async raiseVersion(@CurrentExchange() exchange: Exchange, @Body() body: RaiseVersionDto): Answer {
    const { version } = body;
    const behind = await this.process.status.behind(version);
    if (behind.length > 0)
      throw new Problem(
        'upgrade-incomplete',
        `${behind.join(', ')}: no answer, or no program that knows version ${version}.`,
        { behind },
      );
    return this.rest.mutate(exchange, { service: SERVICE, op: { kind: 'raise-version', version } });
  }

  @Post('v1/cluster/checkpoint')
  @Requires(everywhere('admin'))
  @HttpCode(202)
  @ApiOperation({ summary: 'A checkpoint now, at every replica' })
  async checkpoint(@CurrentExchange() exchange: Exchange): Answer {
    const taken = await this.rest.execute(exchange, {
      service: SERVICE,
      op: { kind: 'checkpoint' },
    });
    return this.rest.show(exchange, { ...taken, status: 202 });
  }

  @Post('v1/cluster/step-down')
  @Requires(everywhere('admin'))
  @Audited()
  @HttpCode(202)
  @ApiOperation({ summary: 'The primary gives up its view in good order' })
  async stepDown(@CurrentExchange() exchange: Exchange): Promise<JsonObject> {
    const { epochNumber: epoch, viewNumber: view, primary, replicaNumber } = this.process.view();
    if (primary !== replicaNumber) return this.passOn(exchange, 'v1/cluster/step-down');
    this.process.stepDown();
    return { epoch, view, primary: this.process.config.identity.nodeId };
  }

  /** Of this replica's door alone: each writes down what was asked of it. */
  @Get('v1/cluster/audit')
  @Requires(everywhere('admin'))
  @ApiOperation({ summary: 'Who did what as an administrator at this replica, newest first' })
  async audit(@Query() { limit }: AuditQuery): Promise<JsonObject> {
    return { entries: (await this.process.audit.newest(limit ?? AUDIT_LIMIT)) as JsonObject[] };
  }

  @Get('.well-known/lockstep')
  @OpenToAll()
  @ApiOperation({ summary: 'Where the group is to be found' })
  rendezvous(): JsonObject {
    return this.process.status.rendezvous();
  }

  /** Once: the primary that this replica knows of may not be it any more. */
  private async passOn(exchange: Exchange, path: string): Promise<JsonObject> {
    const { primaryUrl, doors } = this.process;
    const answer =
      primaryUrl === undefined || headerOf(exchange, FROM_REPLICA) !== undefined
        ? undefined
        : await doors.ask(primaryUrl, `/${path}`, {
            method: 'POST',
            timeoutMs: PASS_ON_MS,
            principal: exchange.request.principal.name,
          });
    if (answer === undefined) throw new Problem('no-primary', undefined, { retryAfterMs: 1_000 });
    if (answer.status >= 400) throw problemOfBody(answer.body);
    return answer.body;
  }
}
