/**
 * A named stream of pseudo-random numbers (sfc32: Doty-Humphrey's small fast chaotic generator). Every part of a
 * simulation draws from a stream of its own, so that a new draw in one part does not disturb the others.
 */
export class Chance {
  private readonly name: string;
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(name: string) {
    this.name = name;
    this.a = fnv32(`${name}/a`);
    this.b = fnv32(`${name}/b`);
    this.c = fnv32(`${name}/c`);
    for (let round = 0; round < 12; round += 1) this.next();
  }

  /** The stream of this name below this one. Asked for twice, it starts over. */
  stream(name: string): Chance {
    return new Chance(`${this.name}/${name}`);
  }

  /** 0 <= value < 1. */
  fraction(): number {
    return this.next() / 0x1_0000_0000;
  }

  /** An integer, 0 <= value < end. */
  below(end: number): number {
    return Math.floor(this.fraction() * end);
  }

  /** low <= value < high. */
  between(low: number, high: number): number {
    return low + this.fraction() * (high - low);
  }

  /** True as often as `probability` says. Draws nothing for 0. */
  happens(probability: number): boolean {
    return probability > 0 && this.fraction() < probability;
  }

  /** Waiting time until the next of many independent events that come every `mean` on average. */
  exponential(mean: number): number {
    return -Math.log(1 - this.fraction()) * mean;
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('nothing to pick from');
    return items[this.below(items.length)] as T;
  }

  /** The same items in an order of their own. */
  shuffled<T>(items: readonly T[]): T[] {
    const rest = [...items];
    const order: T[] = [];
    while (rest.length > 0) order.push(...rest.splice(this.below(rest.length), 1));
    return order;
  }

  private next(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
}

/** FNV-1a of 32 bits over the char codes of a text. */
export function fnv32(text: string): number {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193);
  }
  return hash >>> 0;
}
