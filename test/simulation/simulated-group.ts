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
  /** So many of the last of them are witnesses. */
  readonly witnesses?: number;
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
  /** By replica-number, which is for ever; those who have left stay. */
  readonly hosts: SimulatedHost[];
  private readonly options: GroupOptions;

  constructor(options: GroupOptions) {
    this.options = options;
    const { replicas, witnesses = 0, chance } = options;
    const numbers = Array.from({ length: replicas }, (_, at) => at as ReplicaNumber);
    this.epoch = firstEpoch({
      epochNumber: 0 as EpochNumber,
      members: numbers.map((replicaNumber) => ({
        replicaNumber,
        nodeId: `node-${replicaNumber}`,
        role: replicaNumber < replicas - witnesses ? 'active' : 'witness',
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
    this.hosts = numbers.map((self) => this.hostOf(self, this.epoch));
  }

  host(number: number): SimulatedHost {
    const host = this.hosts[number];
    if (host === undefined) throw new RangeError(`there is no replica ${number}`);
    return host;
  }

  start(): void {
    for (const host of this.hosts) host.start();
  }

  /** A new node, with an empty disk, that knows the group as it is now: not a member yet. (VRR §7.5) */
  join(epoch: Epoch): SimulatedHost {
    const host = this.hostOf(this.hosts.length as ReplicaNumber, epoch);
    this.hosts.push(host);
    host.start();
    return host;
  }

  private hostOf(self: ReplicaNumber, epoch: Epoch): SimulatedHost {
    const { options } = this;
    return new SimulatedHost({
      epoch,
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
