/** Equal to no generation. */
const UNTOUCHED = -1;

/**
 * Which pages of a table were touched since the last freeze. A freeze begins another generation, so it costs the same
 * however many pages there are; pages of the generation before it that are not yet encoded are waiting, and each is
 * handed to `beforeChange` before its first change. (VRR §5.1)
 */
export class DirtyPages {
  private generation = 1;
  /** By page: the generation that touched it last, as far as it is of interest. */
  private readonly touchedIn: number[] = [];
  private touched: number[] = [];
  private beforeChange: ((page: number) => void) | undefined;

  /** Pages touched since the last freeze, each once. */
  get pages(): readonly number[] {
    return this.touched;
  }

  /** Called before a page is changed, made or given up: always first, as it may have to be encoded as it is. */
  touch(page: number): void {
    if (this.touchedIn[page] !== this.generation) this.touchFirst(page);
  }

  /** The pages touched so far, which are waiting from now on. */
  freeze(beforeChange: (page: number) => void): number[] {
    const waiting = this.touched;
    this.touched = [];
    this.generation += 1;
    this.beforeChange = beforeChange;
    return waiting;
  }

  isWaiting(page: number): boolean {
    return this.touchedIn[page] === this.generation - 1;
  }

  /** It has been encoded as it was at the freeze. */
  stopWaiting(page: number): void {
    this.touchedIn[page] = UNTOUCHED;
  }

  /** No page waits any more. */
  endFreeze(): void {
    this.beforeChange = undefined;
  }

  /** What was encoded since the freeze is given up: those pages count as touched again. */
  undoFreeze(frozen: readonly number[]): void {
    this.beforeChange = undefined;
    for (const page of frozen) this.touch(page);
  }

  /** These pages are now what is kept elsewhere. */
  forget(pages: ReadonlyMap<number, unknown>): void {
    for (const page of pages.keys()) this.touchedIn[page] = UNTOUCHED;
    this.touched = this.touched.filter((page) => !pages.has(page));
  }

  private touchFirst(page: number): void {
    if (this.isWaiting(page)) this.beforeChange?.(page);
    while (this.touchedIn.length <= page) this.touchedIn.push(UNTOUCHED);
    this.touchedIn[page] = this.generation;
    this.touched.push(page);
  }
}
