import { PairMemo } from './pair-memo';

/** Sets of small numbers, each set known by a number of its own. 0 is the empty set. */
export class GrowingSets {
  private readonly sets: Int32Array[] = [new Int32Array(0)];
  private readonly byMembers = new Map<string, number>([['', 0]]);
  private readonly unions = new PairMemo<number>();

  of(members: Iterable<number>): number {
    const rising = Int32Array.from(new Set(members)).sort();
    const key = rising.join();
    const known = this.byMembers.get(key);
    if (known !== undefined) return known;
    this.byMembers.set(key, this.sets.length);
    return this.sets.push(rising) - 1;
  }

  /** What is in either. */
  union(a: number, b: number): number {
    if (b === 0 || a === b) return a;
    if (a === 0) return b;
    return (
      this.unions.get(a, b) ??
      this.unions.set(a, b, this.of([...this.membersOf(a), ...this.membersOf(b)]))
    );
  }

  /** Nothing of `part` is missing in `whole`. */
  includes(whole: number, part: number): boolean {
    return this.union(whole, part) === whole;
  }

  /** Rising. */
  membersOf(set: number): Int32Array {
    const members = this.sets[set];
    if (members === undefined) throw new RangeError(`there is no set ${set}`);
    return members;
  }

  get size(): number {
    return this.sets.length;
  }
}
