import type { SessionId } from '@lockstep/vr-core';

/** A session as its client has it: the numbers of its requests, and what it was granted. */
export class OpenSession {
  readonly id: SessionId;
  lastNumber = 0;
  readonly grants: { readonly lock: string; readonly owner: string; readonly fence: bigint }[] = [];
  /** Names of acquires that had to wait. */
  readonly queued: string[] = [];
  private readonly unanswered = new Set<number>();

  constructor(id: SessionId) {
    this.id = id;
  }

  nextNumber(): number {
    this.lastNumber += 1;
    this.unanswered.add(this.lastNumber);
    return this.lastNumber;
  }

  answered(requestNumber: number): void {
    this.unanswered.delete(requestNumber);
  }

  /** Every answer below this number has been seen. */
  get ackedBelow(): number {
    let lowest = this.lastNumber + 1;
    for (const number of this.unanswered) lowest = Math.min(lowest, number);
    return lowest;
  }
}
