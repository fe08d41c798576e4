import { faultsTolerated, isMember } from '@lockstep/vr-core';
import type { Chance } from '../chance';
import type { SimulatedGroup } from '../simulated-group';
import type { SimulatedHost } from '../simulated-host';
import { newestEpoch } from './operator';
import type { CrashPlan } from './plan';

/** What disks lose while their replicas are down: never more at a time than the group promises to survive. */
export class DiskFaults {
  private readonly group: SimulatedGroup;
  private readonly plan: CrashPlan;
  private readonly chance: Chance;
  /** The group is on its way from one epoch to the next. */
  private readonly isChanging: () => boolean;
  private readonly count: (name: string) => void;
  /** Replicas whose log is gone and not yet recovered. */
  private readonly lost = new Set<SimulatedHost>();
  /** Replicas of which an entry is damaged and not yet fetched. */
  private readonly damaged = new Set<SimulatedHost>();

  constructor(
    group: SimulatedGroup,
    plan: CrashPlan,
    chance: Chance,
    isChanging: () => boolean,
    count: (name: string) => void,
  ) {
    this.group = group;
    this.plan = plan;
    this.chance = chance;
    this.isChanging = isChanging;
    this.count = count;
  }

  /** Needs others to have all of its log again. */
  needsOthers(host: SimulatedHost): boolean {
    return this.lost.has(host) || this.damaged.has(host);
  }

  stepped(host: SimulatedHost): void {
    if (this.lost.size === 0 && this.damaged.size === 0) return;
    const { condition, log } = host.disk.durable;
    if (condition === 'intact' && host.view()?.status === 'normal') this.lost.delete(host);
    if (!log.isDamaged) this.damaged.delete(host);
  }

  /** A crash in mode `replicated` is the loss of a log. */
  crashed(host: SimulatedHost): void {
    if (host.disk.durable.condition === 'lost') this.lost.add(host);
  }

  /**
   * Of the members at most as many at a time as the group tolerates, and none while the group is changing, or while another
   * waits for an entry that this one may be the last to have.
   */
  mayLose(host: SimulatedHost): boolean {
    if (this.lost.has(host)) return true;
    const { configuration } = newestEpoch(this.group);
    if (this.isChanging() || !isMember(configuration, host.self)) return false;
    return this.damaged.size === 0 && this.lost.size < faultsTolerated(configuration);
  }

  /** Perhaps something is gone when this host starts again. */
  strike(host: SimulatedHost, chance: Chance): void {
    if (this.mayLose(host)) {
      if (chance.happens(this.plan.loseLog)) return this.loseLog(host);
      if (this.chance.happens(this.plan.loseDisk)) return this.loseDisk(host);
    }
    if (this.chance.happens(this.plan.damageEntry)) this.damageEntry(host);
  }

  private loseLog(host: SimulatedHost): void {
    if (host.disk.durable.condition !== 'intact') return;
    this.count('lost log');
    host.disk.loseLog();
    this.lost.add(host);
  }

  private loseDisk(host: SimulatedHost): void {
    if (host.disk.durable.condition === 'fresh') return;
    this.count('lost disk');
    host.disk.wipe(newestEpoch(this.group));
    this.lost.add(host);
  }

  private damageEntry(host: SimulatedHost): void {
    const { log } = host.disk.durable;
    const { configuration } = newestEpoch(this.group);
    if (this.lost.size > 0 || this.isChanging() || !isMember(configuration, host.self)) return;
    // The head is not among them: without it a disk does not know how far its log went, which is a lost log.
    const between = log.opNumber - log.base.opNumber - 1;
    if (between <= 0) return;
    const op = log.base.opNumber + 1 + this.chance.below(between);
    if (!this.isSpared(host, op)) return;
    this.count('damaged entry');
    host.disk.damageEntry(op);
    this.damaged.add(host);
  }

  /** Another disk has this entry, and nobody else misses it. */
  private isSpared(host: SimulatedHost, op: number): boolean {
    const hash = host.disk.durable.log.hashAt(op);
    const others = this.group.hosts.filter((other) => other !== host);
    const misses = [...this.damaged].some(
      ({ disk }) => disk.durable.log.opNumber >= op && disk.durable.log.at(op) === undefined,
    );
    return (
      hash !== undefined &&
      !misses &&
      others.some(({ disk }) => disk.durable.log.hashAt(op) === hash)
    );
  }
}
