import type { Replica, ReplicaNumber, ReplicaView } from '@lockstep/vr-core';
import type { SimulatedDisk } from './disk';
import type { HostClock } from './host-clock';
import type { VirtualTime } from './virtual-time';

/** What observers may look at in a host. */
export interface ObservedHost {
  readonly self: ReplicaNumber;
  readonly disk: SimulatedDisk;
  readonly clock: HostClock;
  readonly time: VirtualTime;
  /** Undefined while the process is down. */
  readonly replica: Replica | undefined;
  readonly running: boolean;
  /** Of this host's monotonic clock, at its last tick. */
  readonly lastTickMs: number;
  readonly ticks: number;
  /** What the replica showed of itself after its last step. */
  view(): ReplicaView | undefined;
}
