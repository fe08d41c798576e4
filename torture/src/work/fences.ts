import type { Findings } from '../findings';

/** Fences of all locks are one row that rises: no two grants have one, and a later grant has a higher one. */
export class Fences {
  readonly #findings: Findings;
  #highest = 0n;
  grants = 0;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** Taken when a lock is asked for. */
  get floor(): bigint {
    return this.#highest;
  }

  granted(lock: string, floor: bigint, fence: bigint): void {
    this.grants += 1;
    if (fence > this.#highest) this.#highest = fence;
    if (fence <= floor) {
      const what = `${lock} is granted under ${fence}, though ${floor} was granted before it was asked for`;
      this.#findings.add('fences rise', what);
    }
  }
}
