import {
  firstEpoch,
  type Epoch,
  type EpochNumber,
  type Limits,
  type ReplicaNumber,
} from '@lockstep/vr-core';
import type { Chance } from './chance';
import type { DiskPlan } from './disk';
import { SimulatedNetwork, type NetworkPlan } from './network';
import { Observers } from './observer';
import { SimulatedHost } from './simulated-host';
import { VirtualTime } from './virtual-time';

export interface GroupOptions {
  readonly replicas: number;
  readonly chance: Chance;
  readonly network: NetworkPlan;
  readonly disk: DiskPlan;
  readonly limits: Partial<Limits>;
  readonly flushDelayMs: number;
}

/** A whole group in one process, on virtual time. */
export class SimulatedGroup {
  readonly time = new VirtualTime();
  readonly observers = new Observers();
  /** The group as it is born. */
  readonly epoch: Epoch;
  readonly network: SimulatedNetwork;
  readonly hosts: readonly SimulatedHost[];

  constructor(options: GroupOptions) {
    const { replicas, chance } = options;
    const numbers = Array.from({ length: replicas }, (_, at) => at as ReplicaNumber);
    this.epoch = firstEpoch({
      epochNumber: 0 as EpochNumber,
      members: numbers.map((replicaNumber) => ({
        replicaNumber,
        nodeId: `node-${replicaNumber}`,
        role: 'active',
        peerUrl: '',
        clientUrl: '',
      })),
    });
    this.network = new SimulatedNetwork(
      this.time,
      chance.stream('network'),
      options.network,
      ({ to, message }) => this.hosts[to]?.take({ kind: 'message', message }),
    );
    this.hosts = numbers.map((self) => this.hostOf(self, options));
  }

  host(number: number): SimulatedHost {
    const host = this.hosts[number];
    if (host === undefined) throw new RangeError(`there is no replica ${number}`);
    return host;
  }

  start(): void {
    for (const host of this.hosts) host.start();
  }

  private hostOf(self: ReplicaNumber, options: GroupOptions): SimulatedHost {
    return new SimulatedHost({
      epoch: this.epoch,
      self,
      disk: options.disk,
      limits: options.limits,
      flushDelayMs: options.flushDelayMs,
      time: this.time,
      chance: options.chance.stream(`replica ${self}`),
      observers: this.observers,
      send: (to, message) => this.network.send({ from: self, to, message }),
    });
  }
}
