import {
  GENESIS,
  GENESIS_HASH,
  type ByteString,
  type LogEntry,
  type LogPlace,
  type Store,
} from '@lockstep/vr-core';

/** A log as its stores make it: entries after a base, some of them perhaps unreadable. */
export class LogImage {
  base: LogPlace = GENESIS;
  /** Undefined where the medium no longer gives the entry back. */
  private entries: (LogEntry | undefined)[] = [];
  /** What stood where nothing can be read, by op. */
  private damaged = new Map<number, LogEntry>();

  get opNumber(): number {
    return this.base.opNumber + this.entries.length;
  }

  get headHash(): ByteString {
    return this.hashAt(this.opNumber) ?? GENESIS_HASH;
  }

  at(op: number): LogEntry | undefined {
    return this.entries[op - this.base.opNumber - 1];
  }

  hashAt(op: number): ByteString | undefined {
    return op === this.base.opNumber ? this.base.hash : this.at(op)?.hash;
  }

  /**
   * True for what lies below the base, too: that is in the state, or another's to keep; and for what is damaged: it is
   * never denied.
   */
  holds(op: number, hash: ByteString): boolean {
    const own = this.damaged.get(op)?.hash ?? this.hashAt(op);
    return op < this.base.opNumber || own === hash;
  }

  get isDamaged(): boolean {
    return this.damaged.size > 0;
  }

  /** The last op before the first that is damaged, of those after `base`. */
  wholeAfter(base: number): number {
    const ops = [...this.damaged.keys()].filter((op) => op > base);
    return ops.length === 0 ? this.opNumber : Math.min(...ops) - 1;
  }

  take({ log, base }: Pick<Store, 'log' | 'base'>): void {
    if (base.opNumber > this.opNumber || this.conflicts(base)) this.restart(base);
    if (log !== undefined) this.replaceAfter(log.afterOp, log.entries);
    if (base.opNumber > this.base.opNumber) {
      this.entries.splice(0, base.opNumber - this.base.opNumber);
      this.base = base;
      this.forgetDamage((op) => op <= base.opNumber);
    }
  }

  restart(base: LogPlace): void {
    this.base = base;
    this.entries = [];
    this.damaged.clear();
  }

  copy(): LogImage {
    const image = new LogImage();
    image.base = this.base;
    image.entries = [...this.entries];
    image.damaged = new Map(this.damaged);
    return image;
  }

  /** All entries that can be read, by rising op. */
  readable(): LogEntry[] {
    return this.entries.filter((entry) => entry !== undefined);
  }

  damage(op: number): void {
    const entry = this.at(op);
    if (entry !== undefined) this.damaged.set(op, entry);
    this.entries[op - this.base.opNumber - 1] = undefined;
  }

  private forgetDamage(isGone: (op: number) => boolean): void {
    for (const op of this.damaged.keys()) if (isGone(op)) this.damaged.delete(op);
  }

  private conflicts(base: LogPlace): boolean {
    const own = this.hashAt(base.opNumber);
    return own !== undefined && own !== base.hash;
  }

  private replaceAfter(afterOp: number, entries: readonly LogEntry[]): void {
    if (afterOp > this.opNumber || afterOp < this.base.opNumber)
      throw new RangeError(`a store does not join: ${this.opNumber}..${afterOp}`);
    this.entries.length = afterOp - this.base.opNumber;
    this.forgetDamage((op) => op > afterOp);
    for (const entry of entries) this.entries.push(entry);
  }
}
