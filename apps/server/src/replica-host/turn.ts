/**
 * Work to be done once at the end of the turn of the event loop in which it is first asked for: frames to sockets,
 * events to waiters.
 */
export class Turn {
  private ends: (() => void)[] = [];
  /** Counts the turns that had an end. */
  number = 0;
  private scheduled: NodeJS.Immediate | undefined;

  atEnd(work: () => void): void {
    this.ends.push(work);
    this.scheduled ??= setImmediate(this.end);
  }

  /** Ends the turn now. Work that asks for the end of the turn meanwhile is done as well. */
  readonly end = (): void => {
    while (this.ends.length > 0) {
      const ends = this.ends;
      this.ends = [];
      for (const work of ends) work();
    }
    if (this.scheduled !== undefined) clearImmediate(this.scheduled);
    this.scheduled = undefined;
    this.number += 1;
  };
}
