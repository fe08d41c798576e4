import type { ReplicaView } from '@lockstep/vr-core';
import type { Observer } from '../observer';
import type { ObservedHost } from '../observed-host';
import { holds } from '../violation';

/**
 * Whoever may read alone knows everything that anybody has been told: at no moment, by its own clocks, does a replica
 * hold a lease while another has committed what it has not executed. (G11; VRR §6.3.1)
 */
export class LeaseRules implements Observer {
  private readonly hosts: readonly ObservedHost[];
  /** The highest commit-number any replica has shown. */
  private committed = 0;

  constructor(hosts: readonly ObservedHost[]) {
    this.hosts = hosts;
  }

  stepped(host: ObservedHost, view: ReplicaView): void {
    this.check(host, view);
    if (view.commitNumber <= this.committed) return;
    this.committed = view.commitNumber;
    for (const other of this.hosts) {
      const now = other.clock.read(other.time.nowMs);
      if (other !== host && other.replica) this.check(other, other.replica.view(now));
    }
  }

  private check(host: ObservedHost, { lease, executedNumber, viewNumber }: ReplicaView): void {
    holds(
      'G11 leases',
      !lease.valid || executedNumber >= this.committed,
      () =>
        `replica ${host.self} holds a lease in view ${viewNumber} with op ${executedNumber}, ` +
        `and op ${this.committed} is committed`,
    );
  }
}
