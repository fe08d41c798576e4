import type { OpNumber } from '@lockstep/vr-core';
import type { LogSegment } from './flush-row';

/** What is dropped at once. */
const ROWS_PER_DROP = 32;
const BYTES_PER_DROP = 1 << 20;

/** Which row brought which entry, and which rows no start will need. */
export class RowIndex {
  /** From `firstOps[i]` on up to the next of them, row `bringers[i]` brought the entries. */
  private readonly firstOps: number[] = [];
  private readonly bringers: number[] = [];
  /** The rows that are there, the oldest first; those that are damaged not among them. */
  private readonly rows: { readonly id: number; readonly bytes: number }[] = [];
  private firstNeeded = 0;
  private dropsAll = false;

  add(row: number, segments: readonly LogSegment[], bytes: number): void {
    this.rows.push({ id: row, bytes });
    for (const { afterOp, entries } of segments) {
      while ((this.firstOps.at(-1) ?? 0) > afterOp) {
        this.firstOps.pop();
        this.bringers.pop();
      }
      if (entries.length === 0) continue;
      this.firstOps.push(afterOp + 1);
      this.bringers.push(row);
    }
  }

  /** The log begins after this op: the row with its first entry is the first that is needed, or else the newest. */
  moveBase(op: OpNumber): void {
    let covered = 0;
    while (covered + 1 < this.bringers.length && (this.firstOps[covered + 1] as number) <= op + 1)
      covered += 1;
    this.firstOps.splice(0, covered);
    this.bringers.splice(0, covered);
    this.firstNeeded = this.bringers[0] ?? this.rows.at(-1)?.id ?? 0;
  }

  /** The first row that a start would need. */
  get firstRow(): number {
    return Math.max(this.firstNeeded, this.rows[0]?.id ?? 0);
  }

  /** The last of the rows from `first` on that together have no more than so many bytes; at least `first` itself. */
  lastWithin(first: number, bytesMax: number, rowsMax: number): number {
    let last = first;
    let room = bytesMax;
    for (const { id, bytes } of this.rows) {
      if (id < first) continue;
      room -= bytes;
      if (room < 0 || id >= first + rowsMax) break;
      last = id;
    }
    return last;
  }

  /** All that are not needed are to go: some of them are damaged. */
  dropAll(): void {
    this.dropsAll = true;
  }

  /** Enough to be worth a write. */
  get hasGarbage(): boolean {
    const last = this.rows[this.dropsAll ? 0 : ROWS_PER_DROP - 1];
    this.dropsAll &&= last !== undefined && last.id < this.firstNeeded;
    return last !== undefined && last.id < this.firstNeeded;
  }

  /** Forgets some of the rows that are not needed: all before the one that is returned may be dropped. */
  dropSome(): number {
    let count = 0;
    let bytes = 0;
    while (count < ROWS_PER_DROP && bytes < BYTES_PER_DROP && this.isDroppable(count)) {
      bytes += this.rows[count]?.bytes ?? 0;
      count += 1;
    }
    this.rows.splice(0, count);
    return this.rows[0]?.id ?? this.firstNeeded;
  }

  private isDroppable(at: number): boolean {
    const row = this.rows[at];
    return row !== undefined && row.id < this.firstNeeded;
  }
}
