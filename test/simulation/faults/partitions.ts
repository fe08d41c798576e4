import type { Chance } from '../chance';
import type { SimulatedGroup } from '../simulated-group';

type Link = readonly [from: number, to: number];

/** Cuts the network in the ways networks are cut, and mends what it has cut. */
export class Partitions {
  private readonly group: SimulatedGroup;
  private readonly chance: Chance;

  constructor(group: SimulatedGroup, chance: Chance) {
    this.group = group;
    this.chance = chance;
  }

  /** Two sides that hear nothing of each other, or only one side of the other; or one replica cut off somehow. */
  split(lastsMs: number): void {
    const numbers = this.group.hosts.map((host) => host.self);
    if (numbers.length < 2) return;
    const order = this.chance.shuffled(numbers);
    const alone = this.chance.happens(0.5);
    const size = alone ? 1 : 1 + this.chance.below(numbers.length - 1);
    const [some, others] = [order.slice(0, size), order.slice(size)];
    const there = some.flatMap((from) => others.map((to): Link => [from, to]));
    const back = there.map(([from, to]): Link => [to, from]);
    const links = this.chance.pick([[...there, ...back], [...there, ...back], there, back]);
    // Asymmetric: some links of a cut may be whole all the same.
    const leaky = this.chance.happens(0.2);
    this.cut(leaky ? links.filter(() => this.chance.happens(0.7)) : links, lastsMs);
  }

  /** One direction of one link, gone for a moment. */
  flap(lastsMs: number): void {
    const { hosts } = this.group;
    if (hosts.length < 2) return;
    const [from, to] = this.chance.shuffled(hosts);
    if (from && to) this.cut([[from.self, to.self]], lastsMs);
  }

  /** Nothing reaches this replica, and, when it is cut off, nothing leaves it. */
  isolate(number: number, lastsMs: number, how: 'deaf' | 'cut off'): void {
    const others = this.group.hosts.map((host) => host.self).filter((other) => other !== number);
    const back = others.map((other): Link => [other, number]);
    const there = others.map((other): Link => [number, other]);
    this.cut(how === 'deaf' ? back : [...there, ...back], lastsMs);
  }

  private cut(links: readonly Link[], lastsMs: number): void {
    const { network, time } = this.group;
    for (const [from, to] of links) network.cut(from, to);
    time.after(this.chance.exponential(lastsMs), () => {
      for (const [from, to] of links) network.mend(from, to);
    });
  }
}
