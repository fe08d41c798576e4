/** How the load that is taken is bounded. */
export interface AdmissionOptions {
  /** What is taken is to be answered within about this time, by the rate at which answers come. */
  readonly targetMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** As much may always wait: a group that is idle, or between two primaries, answers nothing for a while. */
const OUTSTANDING_MIN = 256;
/** More than this waits at no door, however fast answers come. */
const OUTSTANDING_MAX = 16_384;
/** Answers a second that are believed in before any was counted. */
const FIRST_RATE = 4_000;
const WINDOW_MS = 100;
/** A window that long had no primary, or nothing to do. */
const IDLE_MS = 1_000;
/** How much of what one window says is believed. */
const BELIEF = 0.2;

/**
 * Takes only as much as is answered soon, and turns the rest away at once: a queue that grows serves nobody, because those at its
 * head have given up. By Little's law what may wait is the rate of answers times the time they may take; the rate is
 * learnt while there is enough to do. When more than half of that is taken, no principal has more than an equal share.
 */
export class Admission {
  private readonly options: AdmissionOptions;
  private readonly shares = new Map<string, number>();
  private outstanding = 0;
  private rate = FIRST_RATE;
  private answered = 0;
  private windowStartMs: number;
  /** Turned away since the start. */
  refused = 0;

  constructor(options: AdmissionOptions) {
    this.options = options;
    this.windowStartMs = options.now();
  }

  /** How many requests may wait here now. */
  get limit(): number {
    const wanted = (this.rate * this.options.targetMs) / 1_000;
    return Math.min(OUTSTANDING_MAX, Math.max(OUTSTANDING_MIN, Math.floor(wanted)));
  }

  get waiting(): number {
    return this.outstanding;
  }

  /** When there may be room again. */
  get comeAgainMs(): number {
    return this.options.targetMs;
  }

  /** Nobody would be taken now: for doors that can tell before they have read a request. */
  get isFull(): boolean {
    return this.outstanding >= this.limit;
  }

  /** False: to be turned away. True: `leave` follows when it is answered. */
  enter(principal: string): boolean {
    const share = this.shares.get(principal) ?? 0;
    if (!this.mayEnter(share)) {
      this.refused += 1;
      return false;
    }
    this.shares.set(principal, share + 1);
    this.outstanding += 1;
    return true;
  }

  leave(principal: string): void {
    const share = this.shares.get(principal) ?? 0;
    if (share > 1) this.shares.set(principal, share - 1);
    else this.shares.delete(principal);
    this.count();
    this.outstanding -= 1;
  }

  private mayEnter(share: number): boolean {
    const { limit, outstanding, shares } = this;
    if (outstanding >= limit) return false;
    if (outstanding < limit / 2) return true;
    return share < Math.max(1, limit / Math.max(1, shares.size));
  }

  /** A window that had little to do says what was asked, not what could be done: it can only raise the rate. */
  private count(): void {
    this.answered += 1;
    const tookMs = this.options.now() - this.windowStartMs;
    if (tookMs < WINDOW_MS) return;
    if (tookMs < IDLE_MS) this.learn((1_000 * this.answered) / tookMs);
    this.answered = 0;
    this.windowStartMs += tookMs;
  }

  private learn(rate: number): void {
    if (rate > this.rate || this.outstanding > this.limit / 2)
      this.rate += BELIEF * (rate - this.rate);
  }
}
