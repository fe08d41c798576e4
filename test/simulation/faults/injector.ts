import type { Chance } from '../chance';
import type { Observer } from '../observer';
import type { SimulatedGroup } from '../simulated-group';
import type { SimulatedHost } from '../simulated-host';
import { DiskFaults } from './disk-faults';
import { LeaseTrap } from './lease-trap';
import { Partitions } from './partitions';
import type { FaultPlan, Spell } from './plan';
import { Storm } from './storm';

const LAST_STORM_MS = 600;

/** A supervisor starts a process again at once. */
const RESTART_MEAN_MS = 10;

const JUMP_WALL_MAX_MS = 86_400_000;

/** Does to the group what the plan says, until it is told to stop. */
export class FaultInjector implements Observer {
  readonly counts: Record<string, number> = {};
  private readonly group: SimulatedGroup;
  private readonly plan: FaultPlan;
  private readonly chance: Chance;
  private readonly partitions: Partitions;
  private readonly disks: DiskFaults;
  private readonly trap: LeaseTrap;
  private stopped = false;

  constructor(group: SimulatedGroup, plan: FaultPlan, chance: Chance, isChanging: () => boolean) {
    this.group = group;
    this.plan = plan;
    this.chance = chance;
    this.partitions = new Partitions(group, chance.stream('partitions'));
    const { partitions } = this;
    const { drift } = plan.clocks;
    this.trap = new LeaseTrap(
      { group, chance: chance.stream('traps'), partitions, drift },
      (host) => this.crashOne(host, RESTART_MEAN_MS),
    );
    const count = (name: string): void => this.count(name);
    this.disks = new DiskFaults(group, plan.crash, chance.stream('disks'), isChanging, count);
  }

  /** The faults will be stopped after `lastsMs`. */
  start(lastsMs: number): void {
    const { plan, group } = this;
    // What is half done when the faults end must come to an end without them.
    if (plan.storm.everyMs > 0) {
      group.time.after(Math.max(0, lastsMs - LAST_STORM_MS), () => this.storm(LAST_STORM_MS));
    }
    for (const host of group.hosts) host.clock.setRate(0, this.anyRate());
    this.spells('crash', plan.crash, (lastsMs) => this.crash(lastsMs));
    this.spells('partition', plan.partition, (lastsMs) => this.partitions.split(lastsMs));
    this.spells('flapping link', plan.flap, (lastsMs) => this.partitions.flap(lastsMs));
    this.spells('pause', plan.pause, (lastsMs) => this.pause(lastsMs));
    this.spells('storm of view changes', plan.storm, (lastsMs) => this.storm(lastsMs));
    this.often('lease trap', plan.leaseTrapEveryMs, () => this.trap.spring());
    this.spells('slow disk', plan.slowDisk, (lastsMs) => this.slowDisk(lastsMs));
    this.spells('clock stands still', plan.clocks.standStill, (lastsMs) =>
      this.standStill(lastsMs),
    );
    this.often('clock jump', plan.clocks.jumpEveryMs, () => this.jump());
    this.often('false hint', plan.hints.falseEveryMs, () => this.falseHint());
    this.often('step down', plan.stepDownEveryMs, () => this.anyHost().take({ kind: 'step-down' }));
  }

  /** Nothing new happens from now on; what is broken stays so until somebody mends it. */
  stop(): void {
    this.stopped = true;
  }

  /** A replica that cannot have all of its log again without others. */
  needsOthers(host: SimulatedHost): boolean {
    return this.disks.needsOthers(host);
  }

  stepped(host: SimulatedHost): void {
    this.disks.stepped(host);
  }

  /** Those who had a connection notice that it closed, or not; a restart opens it again. */
  crashed(host: SimulatedHost): void {
    this.tellOthers(host, 'peer-lost');
    this.disks.crashed(host);
  }

  started(host: SimulatedHost): void {
    this.tellOthers(host, 'peer-found');
  }

  private crash(lastsMs: number): void {
    const { chance, plan, group } = this;
    const all = chance.happens(plan.crash.all);
    const primary = group.hosts.find((host) => host.view()?.serving === true);
    const one = primary && chance.happens(plan.crash.primary) ? primary : this.anyHost();
    for (const host of all ? group.hosts : [one]) this.crashOne(host, lastsMs);
  }

  private crashOne(host: SimulatedHost, lastsMs: number): void {
    const { disk } = host;
    // Mode `replicated` promises to survive f lost logs at a time, and a crash there is one.
    if (disk.plan.mode === 'replicated' && !this.disks.mayLose(host)) return;
    if (!host.running) return;
    this.count('crashed replica');
    host.crash();
    this.group.time.after(this.chance.exponential(lastsMs), () => {
      if (host.running || this.stopped) return;
      this.disks.strike(host, this.chance);
      host.start();
    });
  }

  private pause(lastsMs: number): void {
    const host = this.anyHost();
    if (host.paused) return;
    host.pause();
    this.group.time.after(this.chance.exponential(lastsMs), () => host.resume());
  }

  private storm(lastsMs: number): void {
    new Storm(this.group, this.chance, lastsMs).blow(() => this.stopped);
  }

  private slowDisk(lastsMs: number): void {
    const { disk } = this.anyHost();
    const before = disk.plan;
    if (before.syncMeanMs === this.plan.slowDisk.syncMeanMs) return;
    disk.plan = { ...before, syncMeanMs: this.plan.slowDisk.syncMeanMs };
    this.group.time.after(this.chance.exponential(lastsMs), () => (disk.plan = before));
  }

  private standStill(lastsMs: number): void {
    const { time } = this.group;
    const { clock } = this.anyHost();
    clock.standStill(time.nowMs);
    time.after(this.chance.exponential(lastsMs), () => {
      clock.goOn(time.nowMs);
      clock.setRate(time.nowMs, this.anyRate());
    });
  }

  /** As slow or as fast as may be, as often as anything between. */
  private anyRate(): number {
    const { drift } = this.plan.clocks;
    const edge = this.chance.pick([1 - drift, 1 + drift]);
    return this.chance.happens(0.5) ? edge : this.chance.between(1 - drift, 1 + drift);
  }

  private jump(): void {
    const { clock } = this.anyHost();
    if (this.chance.happens(0.5)) clock.jump(this.chance.between(0, this.plan.clocks.jumpMaxMs));
    else clock.jumpWall(this.chance.between(-JUMP_WALL_MAX_MS, JUMP_WALL_MAX_MS));
  }

  private falseHint(): void {
    const host = this.anyHost();
    const peer = this.anyHost();
    if (host === peer) return;
    host.take({ kind: 'peer-lost', replicaNumber: peer.self });
    this.later(this.plan.hints.lateMeanMs, () =>
      host.take({ kind: 'peer-found', replicaNumber: peer.self }),
    );
  }

  private tellOthers(host: SimulatedHost, kind: 'peer-lost' | 'peer-found'): void {
    const { hints } = this.plan;
    for (const other of this.group.hosts) {
      if (other === host || (kind === 'peer-lost' && !this.chance.happens(hints.told))) continue;
      this.later(hints.lateMeanMs, () => other.take({ kind, replicaNumber: host.self }));
    }
  }

  private spells(
    name: string,
    { everyMs, lastsMs }: Spell,
    begin: (lastsMs: number) => void,
  ): void {
    this.often(name, everyMs, () => begin(lastsMs));
  }

  private often(name: string, everyMs: number, happen: () => void): void {
    if (everyMs === 0) return;
    this.later(everyMs, () => {
      if (this.stopped) return;
      this.count(name);
      happen();
      this.often(name, everyMs, happen);
    });
  }

  private later(meanMs: number, action: () => void): void {
    this.group.time.after(this.chance.exponential(meanMs), action);
  }

  private anyHost(): SimulatedHost {
    return this.chance.pick(this.group.hosts);
  }

  private count(name: string): void {
    this.counts[name] = (this.counts[name] ?? 0) + 1;
  }
}
