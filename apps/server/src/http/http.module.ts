import { Module } from '@nestjs/common';
import { BarriersController } from './barriers/barriers.controller';
import { ClusterController } from './cluster/cluster.controller';
import { CounterController } from './counter/counter.controller';
import { DebugController } from './debug/debug.controller';
import { ElectionsController } from './elections/elections.controller';
import { DetailsController } from './files/details.controller';
import { FileRequests } from './files/file-requests';
import { FilesController } from './files/files.controller';
import { PathsController } from './files/paths.controller';
import { VolumesController } from './files/volumes.controller';
import { HealthController } from './health/health.controller';
import { LatchesController } from './latches/latches.controller';
import { LockReadsController } from './locks/lock-reads.controller';
import { LocksController } from './locks/locks.controller';
import { RequestsController } from './locks/requests.controller';
import { Rest } from './rest';
import { SessionsController } from './sessions/sessions.controller';
import { Waits } from './waits';
import { WebHdfsController } from './webhdfs/webhdfs.controller';

@Module({
  controllers: [
    SessionsController,
    LocksController,
    LockReadsController,
    RequestsController,
    ElectionsController,
    BarriersController,
    LatchesController,
    FilesController,
    PathsController,
    DetailsController,
    VolumesController,
    WebHdfsController,
    CounterController,
    ClusterController,
    HealthController,
    DebugController,
  ],
  providers: [Rest, Waits, FileRequests],
})
export class HttpModule {}
