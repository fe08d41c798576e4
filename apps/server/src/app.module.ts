import { Module, type DynamicModule } from '@nestjs/common';
import type { ReplicaConfig } from './config/replica-config';
import { HttpModule } from './http/http.module';
import type { Surroundings } from './replica-process';
import { lockstepServices } from './services';
import { VrModule } from './vr/vr.module';

/** The server: a replica with its services, and the doors to it. */
@Module({})
export class AppModule {
  static of(config: ReplicaConfig, surroundings: Surroundings): DynamicModule {
    const stateMachines = lockstepServices();
    return {
      module: AppModule,
      imports: [VrModule.forRoot({ stateMachines, config, surroundings }), HttpModule],
    };
  }
}
