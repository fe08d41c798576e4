import { Body, Controller, Get, Inject, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { everywhere } from '../../access/need';
import { Problem } from '../../contract/problem';
import { cpuProfile } from '../../observability/cpu-profile';
import { processFigures } from '../../observability/process-figures';
import { redacted } from '../../observability/redacted';
import type { ReplicaProcess } from '../../replica-process';
import { REPLICA_PROCESS } from '../../vr/tokens';
import { Audited, Requires } from '../requires';
import { CpuProfileQuery, LogLevelDto } from './debug.dto';
import { viewJson } from '../../replica-host/view-json';

/** What one replica knows of itself: answered without the group, also while it has no primary. */
@ApiTags('debug')
@Requires(everywhere('admin'))
@Controller('v1/debug')
export class DebugController {
  private readonly process: ReplicaProcess;

  constructor(@Inject(REPLICA_PROCESS) process: ReplicaProcess) {
    this.process = process;
  }

  @Get('replica')
  @ApiOperation({ summary: 'The replica as it sees itself, its queues and its peers' })
  replica(): object {
    return { view: viewJson(this.process.view()), ...this.process.metrics.queues() };
  }

  @Get('ignored')
  @ApiOperation({ summary: 'Messages that were not processed, by kind and reason' })
  ignored(): object {
    return { ignored: this.process.metrics.notes.ignoredMessages() };
  }

  @Get('slow')
  @ApiOperation({ summary: 'Calls that took long, the newest first, with where the time went' })
  slow(): object {
    const { slowMs, slow } = this.process.diagnosis;
    return { slowMs, slow: slow.list() };
  }

  @Get('events')
  @ApiOperation({ summary: 'Steps of the protocol, the newest first' })
  events(): object {
    return { events: this.process.diagnosis.recentEvents() };
  }

  @Get('process')
  @ApiOperation({ summary: 'The process and its machine: memory, CPU, event loop' })
  figures(): object {
    return processFigures();
  }

  @Get('settings')
  @ApiOperation({ summary: 'The settings in force, without their secrets' })
  settings(): unknown {
    const { dataFolder, mode, host, port, logLevel, settings } = this.process.config;
    return redacted({ dataFolder, mode, host, port, logLevel, settings });
  }

  @Get('log')
  @ApiOperation({ summary: 'The last lines of the log, the oldest first' })
  log(): object {
    return {
      lines: this.process.diagnosis.tail.lines().map((line) => JSON.parse(line) as unknown),
    };
  }

  @Get('log-level')
  @ApiOperation({ summary: 'How much is logged' })
  logLevel(): object {
    return { level: this.process.logger.level };
  }

  @Put('log-level')
  @Audited()
  @ApiOperation({ summary: 'Log more, or less, until the replica is started again' })
  setLogLevel(@Body() { level }: LogLevelDto): object {
    this.process.logger.level = level;
    return { level };
  }

  @Get('cpu-profile')
  @Audited()
  @ApiOperation({ summary: 'What the process spends its time on for some seconds: a .cpuprofile' })
  async profile(@Query() { seconds = 5 }: CpuProfileQuery): Promise<object> {
    const profile = await cpuProfile(seconds);
    if (profile !== undefined) return profile;
    throw new Problem('busy', 'A profile is being made already.', { retryAfterMs: 1_000 });
  }
}
