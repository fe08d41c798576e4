import { Module } from '@nestjs/common';
import { ClusterController } from './cluster/cluster.controller';
import { CounterController } from './counter/counter.controller';
import { FilesController } from './files/files.controller';
import { PathsController } from './files/paths.controller';
import { HealthController } from './health/health.controller';
import { LocksController } from './locks/locks.controller';
import { RequestsController } from './locks/requests.controller';
import { Rest } from './rest';
import { SessionsController } from './sessions/sessions.controller';

@Module({
  controllers: [
    SessionsController,
    LocksController,
    RequestsController,
    FilesController,
    PathsController,
    CounterController,
    ClusterController,
    HealthController,
  ],
  providers: [Rest],
})
export class HttpModule {}
