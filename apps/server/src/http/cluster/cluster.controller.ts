import { Controller, Get, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { JsonObject } from '../../contract/json';
import { Problem } from '../../contract/problem';
import type { ReplicaProcess } from '../../replica-process';
import { REPLICA_PROCESS } from '../../vr/tokens';

@ApiTags('cluster')
@Controller()
export class ClusterController {
  private readonly process: ReplicaProcess;

  constructor(@Inject(REPLICA_PROCESS) process: ReplicaProcess) {
    this.process = process;
  }

  @Get('v1/cluster')
  @ApiOperation({ summary: 'The group as this replica sees it' })
  cluster(): JsonObject {
    return this.process.status.cluster();
  }

  @Post('v1/cluster/step-down')
  @HttpCode(202)
  @ApiOperation({ summary: 'The primary gives up its view in good order' })
  stepDown(): JsonObject {
    const { epoch, view, primary } = this.process.status.cluster();
    const { primary: number, replicaNumber } = this.process.view();
    if (number !== replicaNumber)
      throw new Problem(
        'not-implemented',
        `A step-down is not passed on yet: ask the primary itself, replica ${number}.`,
      );
    this.process.stepDown();
    return { epoch, view, primary };
  }

  @Get('.well-known/lockstep')
  @ApiOperation({ summary: 'Where the group is to be found' })
  rendezvous(): JsonObject {
    return this.process.status.rendezvous();
  }
}
