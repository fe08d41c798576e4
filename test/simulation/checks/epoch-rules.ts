import {
  activesOf,
  faultsTolerated,
  isMember,
  isWitness,
  quorumOf,
  type ReplicaView,
  type Status,
} from '@lockstep/vr-core';
import type { Observer } from '../observer';
import type { ObservedHost } from '../observed-host';
import { holds } from '../violation';

/** Normal, or on the way from a view of this epoch to the next: a member may have crashed in between. */
function worksInItsEpoch({ status, epochNumber, lastNormalView }: ReplicaView): boolean {
  const votes = status === 'normal' || status === 'view-change';
  return votes && lastNormalView.epochNumber === epochNumber;
}

interface Workers {
  /** Members that have worked in the epoch. */
  readonly working: Set<number>;
  /** Those of them that held the whole state then. */
  readonly holding: Set<number>;
}

/**
 * A replaced replica goes only when the new group can do without it: a quorum has worked in the new epoch, and so many
 * of it held the state that f failures leave one. (G8; E30)
 */
export class EpochRules implements Observer {
  private readonly epochs = new Map<number, Workers>();
  private readonly statuses = new Map<number, Status>();

  started(host: ObservedHost): void {
    this.statuses.delete(host.self);
  }

  stepped(host: ObservedHost, view: ReplicaView): void {
    const before = this.statuses.get(host.self);
    this.statuses.set(host.self, view.status);
    if (worksInItsEpoch(view)) this.noteWorker(host, view);
    if (view.status === 'retired' && before === 'transitioning') this.checkRetired(host, view);
  }

  private noteWorker(host: ObservedHost, { epoch, stateWhole, executedNumber }: ReplicaView): void {
    const { configuration, startOp } = epoch;
    const { working, holding } = this.workersOf(configuration.epochNumber);
    if (!isMember(configuration, host.self)) return;
    working.add(host.self);
    const holdsAll = stateWhole && executedNumber >= startOp;
    if (holdsAll && !isWitness(configuration, host.self)) holding.add(host.self);
  }

  private checkRetired(host: ObservedHost, { epoch }: ReplicaView): void {
    const { configuration, previous } = epoch;
    if (previous === undefined || !isMember(previous, host.self)) return;
    const { working, holding } = this.workersOf(configuration.epochNumber);
    const needed = Math.min(faultsTolerated(configuration) + 1, activesOf(configuration).length);
    holds(
      'G8 old replicas go when they are not needed',
      working.size >= quorumOf(configuration) && holding.size >= needed,
      () =>
        `replica ${host.self} has retired from epoch ${configuration.epochNumber - 1}: ` +
        `${working.size} work in the next one, ${holding.size} of them with the state`,
    );
  }

  private workersOf(epochNumber: number): Workers {
    let workers = this.epochs.get(epochNumber);
    if (workers === undefined) {
      workers = { working: new Set(), holding: new Set() };
      this.epochs.set(epochNumber, workers);
    }
    return workers;
  }
}
