import type { Chance } from '../chance';
import type { Envelope } from '../network';
import type { SimulatedGroup } from '../simulated-group';
import type { SimulatedHost } from '../simulated-host';

/** Between two attempts to drive a primary out. */
const GUST_MEAN_MS = 60;

const WAYS = ['asked to leave', 'believed dead', 'cut off'] as const;

/**
 * One primary after the other is driven out, as quickly as views can change: logs grow apart here, and what was begun
 * in one view is still under way three views later.
 */
export class Storm {
  private readonly group: SimulatedGroup;
  private readonly chance: Chance;
  private readonly endMs: number;
  private readonly way: (typeof WAYS)[number];
  /** Without acknowledgements nothing is committed: what clients ask stays in queues and in logs. */
  private readonly silent: boolean;
  private cutOff: SimulatedHost | undefined;

  constructor(group: SimulatedGroup, chance: Chance, lastsMs: number) {
    this.group = group;
    this.chance = chance;
    this.endMs = group.time.nowMs + chance.exponential(lastsMs);
    this.way = chance.pick(WAYS);
    this.silent = chance.happens(0.4);
  }

  blow(isOver: () => boolean): void {
    if (isOver()) return;
    const { network, time } = this.group;
    const over = time.nowMs > this.endMs;
    network.drops = this.silent && !over ? isAcknowledgement : undefined;
    if (over) return this.isolate(undefined);
    this.driveOut();
    time.after(this.chance.exponential(GUST_MEAN_MS), () => this.blow(isOver));
  }

  private driveOut(): void {
    const { hosts } = this.group;
    const primary = hosts.find((host) => host !== this.cutOff && host.view()?.serving === true);
    if (primary === undefined) return;
    if (this.way === 'asked to leave') return primary.take({ kind: 'step-down' });
    // The one before comes back just then, with whatever it has done alone.
    if (this.way === 'cut off') this.isolate(primary);
    for (const other of hosts) {
      if (other === primary) continue;
      other.take({ kind: 'peer-lost', replicaNumber: primary.self });
      this.group.time.after(this.chance.exponential(GUST_MEAN_MS), () =>
        other.take({ kind: 'peer-found', replicaNumber: primary.self }),
      );
    }
  }

  private isolate(host: SimulatedHost | undefined): void {
    const { network, hosts } = this.group;
    for (const other of hosts) {
      if (this.cutOff) {
        network.mend(this.cutOff.self, other.self);
        network.mend(other.self, this.cutOff.self);
      }
    }
    this.cutOff = host;
    if (host === undefined) return;
    for (const other of hosts) {
      network.cut(host.self, other.self);
      network.cut(other.self, host.self);
    }
  }
}

function isAcknowledgement({ message }: Envelope): boolean {
  return message.kind === 'PrepareOk' || message.kind === 'CommitOk';
}
