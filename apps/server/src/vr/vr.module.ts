import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import type { Plugin } from '@lockstep/vr-core';
import type { ReplicaConfig } from '../config/replica-config';
import { ReplicaProcess, type Surroundings } from '../replica-process';
import {
  CALLS,
  EVENT_FEEDS,
  LOCK_HISTORIES,
  LONG_POLLS,
  REPLICA_PROCESS,
  REPLICA_VIEW,
  STATE_MACHINES,
} from './tokens';

export interface VrOptions {
  /** In the order of their registration, the same at every replica of the group. (decision 2) */
  readonly stateMachines: readonly Plugin[];
  readonly config: ReplicaConfig;
  readonly surroundings: Surroundings;
}

const from = (
  provide: symbol,
  part: (process: ReplicaProcess) => unknown,
): FactoryProvider<unknown> => ({ provide, useFactory: part, inject: [REPLICA_PROCESS] });

/** One replica of a group with the services that stand behind its log, for whoever opens a door to it. */
@Module({})
export class VrModule {
  static forRoot({ stateMachines, config, surroundings }: VrOptions): DynamicModule {
    const providers = [
      { provide: STATE_MACHINES, useValue: stateMachines },
      {
        provide: REPLICA_PROCESS,
        useFactory: (plugins: readonly Plugin[]) =>
          new ReplicaProcess(config, plugins, surroundings),
        inject: [STATE_MACHINES],
      },
      from(CALLS, (process) => process.calls),
      from(LONG_POLLS, (process) => process.polls),
      from(EVENT_FEEDS, (process) => process.feeds),
      from(LOCK_HISTORIES, (process) => process.histories),
      from(REPLICA_VIEW, (process) => process.view),
    ];
    return {
      module: VrModule,
      global: true,
      providers,
      exports: [
        STATE_MACHINES,
        REPLICA_PROCESS,
        CALLS,
        LONG_POLLS,
        EVENT_FEEDS,
        LOCK_HISTORIES,
        REPLICA_VIEW,
      ],
    };
  }
}
