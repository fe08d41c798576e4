import { decodeMessage, encodeMessage, type Message, type ReplicaNumber } from '@lockstep/vr-core';
import type { Chance } from './chance';
import type { VirtualTime } from './virtual-time';

export interface NetworkPlan {
  readonly delayMinMs: number;
  /** Added to the shortest delay, exponentially distributed: this is what reorders messages. */
  readonly delayMeanMs: number;
  readonly loss: number;
  readonly duplication: number;
  /** Every n-th message travels as bytes, the others as the objects they are. */
  readonly encodeEvery: number;
}

/** So many of the copies of messages come so much later: views and lives later. */
const LATE_PART = 0.1;
const LATE_MEAN_MS = 1000;

export interface Envelope {
  readonly from: ReplicaNumber;
  readonly to: ReplicaNumber;
  readonly message: Message;
}

export type Deliver = (envelope: Envelope) => void;

/** Between the replicas: nothing is promised but that bytes arrive as they were sent. (VRR §2) */
export class SimulatedNetwork {
  plan: NetworkPlan;
  /** Messages for which this is true wait until they are let go. */
  holds: ((envelope: Envelope) => boolean) | undefined;
  /** Messages for which this is true are lost. */
  drops: ((envelope: Envelope) => boolean) | undefined;
  readonly counts = { sent: 0, lost: 0, duplicated: 0, cut: 0 };
  private readonly time: VirtualTime;
  private readonly chance: Chance;
  private readonly deliver: Deliver;
  private readonly cuts = new Set<string>();
  private held: Envelope[] = [];

  constructor(time: VirtualTime, chance: Chance, plan: NetworkPlan, deliver: Deliver) {
    this.time = time;
    this.chance = chance;
    this.plan = plan;
    this.deliver = deliver;
  }

  send(envelope: Envelope): void {
    this.counts.sent += 1;
    const { plan, chance } = this;
    if (this.cuts.size > 0 && this.isCut(envelope.from, envelope.to)) {
      this.counts.cut += 1;
    } else if (this.drops?.(envelope) === true || chance.happens(plan.loss)) {
      this.counts.lost += 1;
    } else if (this.holds?.(envelope) === true) {
      this.held.push(envelope);
    } else {
      this.carry(envelope);
      if (chance.happens(plan.duplication)) {
        this.counts.duplicated += 1;
        this.carry(envelope, chance.happens(LATE_PART) ? chance.exponential(LATE_MEAN_MS) : 0);
      }
    }
  }

  /** Nothing gets from `from` to `to` any more; the other direction is another cut. */
  cut(from: number, to: number): void {
    this.cuts.add(`${from}>${to}`);
  }

  mend(from: number, to: number): void {
    this.cuts.delete(`${from}>${to}`);
  }

  mendAll(): void {
    this.cuts.clear();
  }

  isCut(from: number, to: number): boolean {
    return this.cuts.has(`${from}>${to}`);
  }

  heldMessages(): readonly Envelope[] {
    return this.held;
  }

  /** Sends on the held messages that match, in the order in which they were sent. */
  release(matches: (envelope: Envelope) => boolean): void {
    const released = this.held.filter(matches);
    this.held = this.held.filter((envelope) => !matches(envelope));
    for (const envelope of released) this.carry(envelope);
  }

  private carry(envelope: Envelope, lateMs = 0): void {
    const { plan, chance } = this;
    const delayMs = lateMs + plan.delayMinMs + chance.exponential(plan.delayMeanMs);
    const travels = this.counts.sent % plan.encodeEvery === 0 ? throughTheWire(envelope) : envelope;
    this.time.after(delayMs, () => {
      // A link that was cut meanwhile loses what was on its way.
      if (this.cuts.size > 0 && this.isCut(envelope.from, envelope.to)) this.counts.cut += 1;
      else this.deliver(travels);
    });
  }
}

function throughTheWire(envelope: Envelope): Envelope {
  return { ...envelope, message: decodeMessage(encodeMessage(envelope.message)) };
}
