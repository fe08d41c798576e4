import { Controller, Get, Inject } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { everywhere } from '../../access/need';
import type { JsonObject } from '../../contract/json';
import type { ReplicaProcess } from '../../replica-process';
import { REPLICA_PROCESS } from '../../vr/tokens';
import { OpenToAll, Requires } from '../requires';
import { CurrentExchange, type Exchange } from '../exchange';

@ApiExcludeController()
@Controller()
@OpenToAll()
export class HealthController {
  private readonly process: ReplicaProcess;

  constructor(@Inject(REPLICA_PROCESS) process: ReplicaProcess) {
    this.process = process;
  }

  @Get('health/live')
  live(): JsonObject {
    return { status: 'live' };
  }

  @Get('health/ready')
  ready(@CurrentExchange() { reply }: Exchange): JsonObject {
    const reason = this.process.status.notReady();
    if (reason === undefined) return { status: 'ready' };
    void reply.status(503);
    return { status: 'not-ready', reason };
  }

  @Get('metrics')
  @Requires(everywhere('reader'))
  async metrics(@CurrentExchange() { reply }: Exchange): Promise<string> {
    const { registry } = this.process.metrics;
    void reply.type(registry.contentType);
    return registry.metrics();
  }
}
