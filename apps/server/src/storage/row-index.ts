import type { OpNumber } from '@lockstep/vr-core';
import type { LogSegment } from './flush-row';

/** Which row brought which entry: from `firstOps[i]` on up to the next of them, row `rows[i]` did. */
export class RowIndex {
  private readonly firstOps: number[] = [];
  private readonly rows: number[] = [];
  private lastRow = 0;

  add(row: number, segments: readonly LogSegment[]): void {
    this.lastRow = row;
    for (const { afterOp, entries } of segments) {
      while ((this.firstOps.at(-1) ?? 0) > afterOp) {
        this.firstOps.pop();
        this.rows.pop();
      }
      if (entries.length === 0) continue;
      this.firstOps.push(afterOp + 1);
      this.rows.push(row);
    }
  }

  /** The oldest row that a log which begins after op `base` needs: the one with its first entry, or else the newest. */
  firstNeeded(base: OpNumber): number {
    let covered = 0;
    while (covered + 1 < this.rows.length && (this.firstOps[covered + 1] as number) <= base + 1)
      covered += 1;
    this.firstOps.splice(0, covered);
    this.rows.splice(0, covered);
    return this.rows[0] ?? this.lastRow;
  }
}
