import type { Chance } from '../chance';
import type { SimulatedGroup } from '../simulated-group';
import type { SimulatedHost } from '../simulated-host';
import type { Partitions } from './partitions';

/** Long enough for a view change that the old primary knows nothing of. */
const APART_MS = 500;

const WAYS = ['leaves deaf', 'is forgotten', 'is left behind', 'is left behind'] as const;

export interface TrapParts {
  readonly group: SimulatedGroup;
  readonly chance: Chance;
  readonly partitions: Partitions;
  readonly drift: number;
}

/** Situations that chance alone finds once in a thousand seeds: a primary that still reads alone while others move on. */
export class LeaseTrap {
  private readonly group: SimulatedGroup;
  private readonly chance: Chance;
  private readonly partitions: Partitions;
  /** How far rates may be from 1. */
  private readonly drift: number;
  private readonly restart: (host: SimulatedHost) => void;

  constructor(
    { group, chance, partitions, drift }: TrapParts,
    restart: (host: SimulatedHost) => void,
  ) {
    this.group = group;
    this.chance = chance;
    this.partitions = partitions;
    this.drift = drift;
    this.restart = restart;
  }

  spring(): void {
    const primary = this.group.hosts.find((host) => host.view()?.serving === true);
    if (primary === undefined) return;
    switch (this.chance.pick(WAYS)) {
      case 'leaves deaf':
        return this.leaveDeaf(primary);
      case 'is forgotten':
        return this.forgetTogether(primary);
      case 'is left behind':
        return this.leaveBehind(primary);
    }
  }

  /** It gives up its view, everyone hears that, and it hears nobody. */
  private leaveDeaf(primary: SimulatedHost): void {
    this.partitions.isolate(primary.self, APART_MS, 'deaf');
    primary.take({ kind: 'step-down' });
  }

  /** Everyone else starts anew, and finds the primary gone. */
  private forgetTogether(primary: SimulatedHost): void {
    this.partitions.isolate(primary.self, APART_MS, 'cut off');
    for (const host of this.group.hosts) if (host !== primary) this.restart(host);
    this.tellOthers(primary, this.chance.between(20, 60));
  }

  /** Everyone else takes it for dead; maybe its clock, or one of theirs, does not count that time as it should. */
  private leaveBehind(primary: SimulatedHost): void {
    const { time, hosts } = this.group;
    this.partitions.isolate(primary.self, 2 * APART_MS, 'cut off');
    const fault = this.chance.pick(['none', 'apart', 'stands still', 'jumps']);
    if (fault === 'apart') {
      for (const { clock } of hosts) clock.setRate(time.nowMs, 1 + this.drift);
      primary.clock.setRate(time.nowMs, 1 - this.drift);
    }
    if (fault === 'stands still') {
      primary.clock.standStill(time.nowMs);
      time.after(APART_MS, () => primary.clock.goOn(time.nowMs));
    }
    if (fault === 'jumps') {
      this.chance.pick(hosts).clock.jump(this.chance.between(0, APART_MS));
    }
    this.tellOthers(primary, this.chance.between(0, APART_MS));
  }

  private tellOthers(primary: SimulatedHost, afterMs: number): void {
    this.group.time.after(afterMs, () => {
      for (const host of this.group.hosts) {
        if (host !== primary) host.take({ kind: 'peer-lost', replicaNumber: primary.self });
      }
    });
  }
}
