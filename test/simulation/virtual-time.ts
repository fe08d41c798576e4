interface Planned {
  readonly atMs: number;
  /** Equal times happen in the order in which they were planned. */
  readonly sequence: number;
  readonly action: () => void;
}

/** The time of the simulated world, in milliseconds, and what is yet to happen: a binary heap by (time, sequence). */
export class VirtualTime {
  nowMs = 0;
  private readonly heap: Planned[] = [];
  private planned = 0;

  after(delayMs: number, action: () => void): void {
    this.push({ atMs: this.nowMs + delayMs, sequence: (this.planned += 1), action });
  }

  /** Lets everything happen until `endMs`, or until `stop` says so after something happened. */
  run(endMs: number, stop: () => boolean): void {
    for (let first = this.heap[0]; first !== undefined; first = this.heap[0]) {
      if (first.atMs > endMs) break;
      this.pop();
      this.nowMs = first.atMs;
      first.action();
      if (stop()) return;
    }
    this.nowMs = endMs;
  }

  private push(entry: Planned): void {
    const { heap } = this;
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Planned;
      if (isBefore(above, entry)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  /** Takes the first away: the last one sinks from the top to its place. */
  private pop(): void {
    const { heap } = this;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, heap[child] as Planned)) child += 1;
      const below = heap[child] as Planned;
      if (isBefore(last, below)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence);
}
