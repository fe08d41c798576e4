import { opNumber, type OpNumber, type ReplicaNumber } from '../numbers/numbers';
import type { Configuration } from './configuration';

/** What a primary has heard from each other member in this view: one slot a sender, never its own. (E15) */
export class Acknowledgements {
  private readonly slots: Slot[] = [];

  constructor(configuration: Configuration, self: ReplicaNumber) {
    for (const { replicaNumber } of configuration.members) {
      if (replicaNumber === self) continue;
      this.slots.push({ replicaNumber, held: opNumber(0), beat: 0, heardAtMs: undefined });
    }
  }

  record(from: ReplicaNumber, held: OpNumber, beat: number, nowMs: number): void {
    const slot = this.slotOf(from);
    if (slot === undefined) return;
    if (held > slot.held) slot.held = held;
    if (beat > slot.beat) slot.beat = beat;
    slot.heardAtMs = nowMs;
  }

  heardFrom(from: ReplicaNumber): boolean {
    return this.heardAtMs(from) !== undefined;
  }

  /** When the member was last heard in this view. */
  heardAtMs(from: ReplicaNumber): number | undefined {
    return this.slotOf(from)?.heardAtMs;
  }

  heldBy(from: ReplicaNumber): OpNumber {
    return this.slotOf(from)?.held ?? opNumber(0);
  }

  /** The highest op that at least `count` others hold. */
  heldByAtLeast(count: number): OpNumber {
    return opNumber(nthLargest(this.slots, count, heldOf));
  }

  /** The highest beat that at least `count` others have echoed. */
  beatOfAtLeast(count: number): number {
    return nthLargest(this.slots, count, beatOf);
  }

  /** When the `count`-th most recently heard of the others was heard. */
  heardFromAtLeast(count: number): number {
    return nthLargest(this.slots, count, heardOf);
  }

  all(): readonly { readonly replicaNumber: ReplicaNumber; readonly opNumber: OpNumber }[] {
    return this.slots.map(({ replicaNumber, held }) => ({ replicaNumber, opNumber: held }));
  }

  private slotOf(from: ReplicaNumber): Slot | undefined {
    for (const slot of this.slots) if (slot.replicaNumber === from) return slot;
    return undefined;
  }
}

interface Slot {
  readonly replicaNumber: ReplicaNumber;
  held: OpNumber;
  beat: number;
  heardAtMs: number | undefined;
}

const heldOf = (slot: Slot): number => slot.held;
const beatOf = (slot: Slot): number => slot.beat;
const heardOf = (slot: Slot): number => slot.heardAtMs ?? Number.NEGATIVE_INFINITY;

/** By counting, not by sorting: groups are small, and this is asked at every acknowledgement. 0 of them need nothing. */
function nthLargest(slots: readonly Slot[], n: number, valueOf: (slot: Slot) => number): number {
  if (n === 0) return Number.MAX_SAFE_INTEGER;
  let largest = Number.NEGATIVE_INFINITY;
  for (const slot of slots) {
    const value = valueOf(slot);
    let atLeast = 0;
    for (const other of slots) if (valueOf(other) >= value) atLeast += 1;
    if (atLeast >= n && value > largest) largest = value;
  }
  return largest;
}
