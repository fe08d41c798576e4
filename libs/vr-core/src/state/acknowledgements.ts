import { opNumber, type OpNumber, type ReplicaNumber } from '../numbers/numbers';

/** What a primary has heard from each backup in this view: one slot a sender, never its own. (E15) */
export class Acknowledgements {
  private readonly heldUpTo: OpNumber[];
  private readonly beats: number[];
  private readonly heardAt: (number | undefined)[];

  constructor(replicaCount: number) {
    this.heldUpTo = new Array<OpNumber>(replicaCount).fill(opNumber(0));
    this.beats = new Array<number>(replicaCount).fill(0);
    this.heardAt = new Array<number | undefined>(replicaCount).fill(undefined);
  }

  record(from: ReplicaNumber, held: OpNumber, beat: number, nowMs: number): void {
    this.heldUpTo[from] = opNumber(Math.max(held, this.heldBy(from)));
    this.beats[from] = Math.max(beat, this.beats[from] ?? 0);
    this.heardAt[from] = nowMs;
  }

  heardFrom(from: ReplicaNumber): boolean {
    return this.heardAt[from] !== undefined;
  }

  heldBy(from: ReplicaNumber): OpNumber {
    return this.heldUpTo[from] ?? opNumber(0);
  }

  /** The highest op that at least `count` others hold. */
  heldByAtLeast(count: number): OpNumber {
    return count === 0
      ? opNumber(Number.MAX_SAFE_INTEGER)
      : opNumber(nthLargest(this.heldUpTo, count));
  }

  /** The highest beat that at least `count` others have echoed. */
  beatOfAtLeast(count: number): number {
    return count === 0 ? Number.MAX_SAFE_INTEGER : nthLargest(this.beats, count);
  }

  /** When the `count`-th most recently heard of the others was heard. */
  heardFromAtLeast(count: number): number {
    return count === 0
      ? Number.MAX_SAFE_INTEGER
      : nthLargest(
          this.heardAt.map((at) => at ?? Number.NEGATIVE_INFINITY),
          count,
        );
  }

  all(): readonly OpNumber[] {
    return [...this.heldUpTo];
  }
}

/** By counting, not by sorting: groups are small, and this is asked at every acknowledgement. */
function nthLargest(values: readonly number[], n: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    let atLeast = 0;
    for (const other of values) if (other >= value) atLeast += 1;
    if (atLeast >= n && value > largest) largest = value;
  }
  return largest;
}
