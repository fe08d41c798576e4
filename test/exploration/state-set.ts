/** True when whatever can follow from row `less` can follow from row `more` too; both begin with the same local states. */
type Covers = (rows: Int32Array, more: number, less: number) => boolean;

/**
 * Global states in the order in which they were found: rows of whole numbers of which the first ones name local states.
 * A row of which another one has the same local states and more possibilities is not kept, or not looked at again.
 */
export class StateSet {
  private readonly width: number;
  private readonly locals: number;
  private readonly covers: Covers;
  private rows: Int32Array;
  /** For each row, the one found before it with the same local states, + 1. */
  private next: Int32Array;
  /** 1 when a row found later covers this one. */
  private covered: Uint8Array;
  /** Number + 1 of the newest row of these local states, at the place that their hash names or after it; 0 is free. */
  private places: Int32Array;
  private usedPlaces = 0;
  private count = 0;

  constructor(width: number, locals: number, covers: Covers) {
    this.width = width;
    this.locals = locals;
    this.covers = covers;
    this.rows = new Int32Array(width * 1024);
    this.next = new Int32Array(1024);
    this.covered = new Uint8Array(1024);
    this.places = new Int32Array(4096);
  }

  get size(): number {
    return this.count;
  }

  /** True when the row is new and nothing covers it. */
  add(row: Int32Array): boolean {
    this.grow();
    this.rows.set(row, this.count * this.width);
    const place = this.placeOf(this.count);
    const newest = this.places[place]!;
    if (newest === 0) this.usedPlaces += 1;
    else if (!this.offer(newest)) return false;
    this.next[this.count] = newest;
    this.count += 1;
    this.places[place] = this.count;
    return true;
  }

  /** Row `index` need not be looked at: all that can follow from it follows from another one. */
  isCovered(index: number): boolean {
    return this.covered[index] === 1;
  }

  /** Copies row `index` to `into`. */
  read(index: number, into: Int32Array): void {
    const first = index * this.width;
    for (let at = 0; at < this.width; at += 1) into[at] = this.rows[first + at]!;
  }

  /** Compares the row that stands behind the last one with all of its local states; false when one covers it. */
  private offer(newest: number): boolean {
    const offset = this.count * this.width;
    for (let at = newest; at !== 0; at = this.next[at - 1]!) {
      if (this.covers(this.rows, (at - 1) * this.width, offset)) return false;
    }
    for (let at = newest; at !== 0; at = this.next[at - 1]!) {
      if (this.covers(this.rows, offset, (at - 1) * this.width)) this.covered[at - 1] = 1;
    }
    return true;
  }

  private placeOf(index: number): number {
    const mask = this.places.length - 1;
    let place = this.hashOf(index) & mask;
    for (;;) {
      const found = this.places[place]!;
      if (found === 0 || this.isSameGroup(found - 1, index)) return place;
      place = (place + 1) & mask;
    }
  }

  private hashOf(index: number): number {
    const first = index * this.width;
    let hash = 0x9e3779b9;
    for (let at = 0; at < this.locals; at += 1) {
      hash = Math.imul(hash ^ this.rows[first + at]!, 0x85ebca6b);
      hash ^= hash >>> 13;
    }
    return (hash ^ (hash >>> 16)) >>> 0;
  }

  private isSameGroup(a: number, b: number): boolean {
    for (let at = 0; at < this.locals; at += 1) {
      if (this.rows[a * this.width + at] !== this.rows[b * this.width + at]) return false;
    }
    return true;
  }

  private grow(): void {
    if ((this.count + 1) * this.width > this.rows.length) {
      this.rows = doubled(this.rows, new Int32Array(this.rows.length * 2));
    }
    if (this.count >= this.next.length) {
      this.next = doubled(this.next, new Int32Array(this.next.length * 2));
      this.covered = doubled(this.covered, new Uint8Array(this.covered.length * 2));
    }
    if (this.usedPlaces * 2 >= this.places.length) this.growPlaces();
  }

  private growPlaces(): void {
    const heads = this.places.filter((found) => found !== 0);
    this.places = new Int32Array(this.places.length * 2);
    for (const head of heads) this.places[this.placeOf(head - 1)] = head;
  }
}

function doubled<T extends Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
