/**
 * Page numbers that are free between those in use, the lowest given first: a binary heap. Which number comes next is
 * told by the set alone, so a table made again from its pages goes on with the same ones. (decision 12)
 */
export class FreePages {
  private readonly heap: number[];

  /** Numbers in rising order, which is a heap. */
  constructor(rising: number[] = []) {
    this.heap = rising;
  }

  add(page: number): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(page);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if ((heap[parent] as number) < page) break;
      heap[at] = heap[parent] as number;
      at = parent;
    }
    heap[at] = page;
  }

  /** The lowest number, which is then no longer free; undefined when there is none. */
  take(): number | undefined {
    const lowest = this.heap[0];
    const last = this.heap.pop();
    if (this.heap.length > 0) this.sink(last as number);
    return lowest;
  }

  private sink(page: number): void {
    const { heap } = this;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number))
        child += 1;
      if ((heap[child] as number) > page) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = page;
  }
}
