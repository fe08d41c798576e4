import type { Sample } from './sample';

/** Counts by two words, in maps: what happens often is counted without a hash over labels. */
export class LabelCounts {
  private readonly names: readonly [string, string];
  private readonly counts = new Map<string, Map<string, number>>();

  constructor(first: string, second: string) {
    this.names = [first, second];
  }

  add(first: string, second: string): void {
    let inner = this.counts.get(first);
    if (inner === undefined) this.counts.set(first, (inner = new Map<string, number>()));
    inner.set(second, (inner.get(second) ?? 0) + 1);
  }

  *samples(): Iterable<Sample> {
    const [first, second] = this.names;
    for (const [outer, inner] of this.counts)
      for (const [word, count] of inner) yield [{ [first]: outer, [second]: word }, count];
  }
}

/** Counts by one word of a closed list. */
export class WordCounts {
  private readonly name: string;
  private readonly counts = new Map<string, number>();

  constructor(name: string) {
    this.name = name;
  }

  add(word: string): void {
    this.counts.set(word, (this.counts.get(word) ?? 0) + 1);
  }

  *samples(): Iterable<Sample> {
    for (const [word, count] of this.counts) yield [{ [this.name]: word }, count];
  }
}
