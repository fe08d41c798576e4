import { isMember, isWitness, type ReplicaView } from '@lockstep/vr-core';
import type { Chance } from './chance';
import { checkNobodyWaitsInVain } from './checks/lock-liveness';
import type { FaultInjector } from './faults/injector';
import { newestEpoch, type Operator } from './faults/operator';
import type { SimulatedGroup } from './simulated-group';
import type { SimulatedHost } from './simulated-host';
import { holds } from './violation';

/** What stays broken for good outside the core. */
type Outside = 'dead' | 'deaf' | 'mute' | 'cut off' | 'well';

/** Views that a group without new faults may go through before it agrees on one. (L5) */
const VIEWS_MAX = 12;

/**
 * After the faults: a quorum is well, the others may stay broken for ever, and that must be enough. Random faults
 * alone hide every livelock, because sooner or later the dice free the group. (L1, L2, L5)
 */
export class LivenessPhase {
  private readonly group: SimulatedGroup;
  private readonly chosen: ReadonlySet<SimulatedHost>;
  private readonly firstView: number;

  constructor(group: SimulatedGroup, injector: FaultInjector, operator: Operator, chance: Chance) {
    this.group = group;
    // Who will be needed by a group that is just changing is anybody's guess.
    this.chosen = operator.isChanging ? new Set(group.hosts) : this.choose(injector, chance);
    const outside = new Map<number, Outside>();
    for (const host of group.hosts) {
      if (this.chosen.has(host)) continue;
      outside.set(host.self, chance.pick(['dead', 'deaf', 'mute', 'cut off', 'well']));
    }
    this.breakOutside(outside);
    for (const host of this.chosen) heal(host);
    this.tellCore();
    this.firstView = this.highestView();
  }

  /** Members of the newest epoch that must work together. */
  get core(): readonly SimulatedHost[] {
    return this.members.filter((host) => this.chosen.has(host));
  }

  private get members(): readonly SimulatedHost[] {
    const { configuration } = newestEpoch(this.group);
    return this.group.hosts.filter((host) => isMember(configuration, host.self));
  }

  private choose(injector: FaultInjector, chance: Chance): Set<SimulatedHost> {
    const { members } = this;
    const quorum = Math.floor(members.length / 2) + 1;
    const sound = chance.shuffled(members.filter((host) => !injector.needsOthers(host)));
    // Where too many disks are damaged, everyone is needed.
    const core = new Set(sound.length < quorum ? members : sound.slice(0, quorum));
    // One that has lost its log needs a quorum of others before it counts.
    for (const host of members) if (chance.happens(0.4)) core.add(host);
    return core;
  }

  /** The core is in one normal view, and has executed the same. */
  get settled(): boolean {
    const first = this.actives[0]?.view();
    return this.core.every((host) => {
      const view = host.view();
      return (
        first !== undefined &&
        view?.status === 'normal' &&
        view.epochNumber === first.epochNumber &&
        view.viewNumber === first.viewNumber &&
        (isWitnessOf(view) ||
          (view.opNumber === first.opNumber && view.executedNumber === first.opNumber))
      );
    });
  }

  /** A quorum is never of witnesses alone. */
  private get actives(): readonly SimulatedHost[] {
    return this.core.filter((host) => {
      const view = host.view();
      return view !== undefined && !isWitnessOf(view);
    });
  }

  check(): void {
    const views = this.highestView() - this.firstView;
    holds('L5 no livelock', views <= VIEWS_MAX, () => `${views} views since the faults stopped`);
    const digests = this.actives.map((host) => host.replica?.execution.digest());
    holds(
      'G5 equal states',
      digests.every((digest) => digest === digests[0]),
      () => 'replicas that have executed the same are in different states',
    );
    for (const { replica } of this.actives) {
      if (replica !== undefined) checkNobodyWaitsInVain(replica.execution);
    }
  }

  /** Where everyone is, for the one who looks for the reason. */
  describe(): string {
    return this.group.hosts
      .map((host) => {
        const view = host.view();
        const inside = this.core.includes(host) ? 'core' : 'outside';
        return view === undefined
          ? `replica ${host.self} (${inside}) is down`
          : `replica ${host.self} (${inside}) ${view.status} view ${view.viewNumber} ` +
              `op ${view.opNumber} commit ${view.commitNumber} executed ${view.executedNumber}`;
      })
      .join('; ');
  }

  private breakOutside(outside: ReadonlyMap<number, Outside>): void {
    const { network, hosts } = this.group;
    network.mendAll();
    network.plan = { ...network.plan, loss: 0, delayMeanMs: 1 };
    network.drops = ({ from, to }) => {
      const sender = outside.get(from) ?? 'well';
      const receiver = outside.get(to) ?? 'well';
      return (
        sender === 'mute' || receiver === 'deaf' || sender === 'cut off' || receiver === 'cut off'
      );
    };
    for (const host of hosts) {
      if (outside.get(host.self) === 'dead') host.crash();
      else if (outside.has(host.self)) heal(host);
    }
  }

  private tellCore(): void {
    for (const host of this.chosen) {
      for (const other of this.chosen) {
        if (other !== host) host.take({ kind: 'peer-found', replicaNumber: other.self });
      }
    }
  }

  private highestView(): number {
    return Math.max(...this.core.map((host) => host.disk.durable.promise.viewNumber));
  }
}

/** It holds no more than it must, and executes nothing. (VRR §6.1) */
function isWitnessOf({ epoch, replicaNumber }: ReplicaView): boolean {
  return isWitness(epoch.configuration, replicaNumber);
}

function heal(host: SimulatedHost): void {
  host.resume();
  host.disk.plan = { ...host.disk.plan, syncMeanMs: Math.min(host.disk.plan.syncMeanMs, 5) };
  host.clock.goOn(host.time.nowMs);
  host.clock.setRate(host.time.nowMs, 1);
  host.start();
}
