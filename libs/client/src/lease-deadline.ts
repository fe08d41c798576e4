import { uptime } from 'node:os';

/**
 * Three clocks, because each misses something: the monotonic one stops while a laptop sleeps, the one since boot does
 * not on Linux, the wall clock sees both but can be set. The deadline has passed if any of them says so. (decision 21)
 */
export interface Clocks {
  readonly monotonicMs: () => number;
  readonly sinceBootMs: () => number;
  readonly wallMs: () => number;
}

export const SYSTEM_CLOCKS: Clocks = {
  monotonicMs: () => performance.now(),
  sinceBootMs: () => uptime() * 1000,
  wallMs: () => Date.now(),
};

/** A moment on all three clocks. */
export interface Moment {
  readonly monotonicMs: number;
  readonly sinceBootMs: number;
  readonly wallMs: number;
}

/** How far a clock's rate may be off. (decision 7, ρ) */
const RATE_ERROR = 0.01;
/** What the granularity of the clocks may hide. */
const MARGIN_MS = 30;

/**
 * Until when a session is surely alive, without asking. Counted from the moment a renewal was *sent*: the group's
 * clock stamps it later and never runs faster than real time, so the group ends the session after this and not
 * before. It shortens the window of two holders and does not close it: a process can be stopped right after it
 * looked. The fence is the guarantee. (locks.md, decision 21)
 */
export class LeaseDeadline {
  readonly #clocks: Clocks;
  readonly #lastsMs: number;
  #from: Moment;

  constructor(ttlMs: number, sentAt: Moment, clocks: Clocks = SYSTEM_CLOCKS) {
    this.#clocks = clocks;
    this.#lastsMs = ttlMs * (1 - RATE_ERROR) - MARGIN_MS;
    this.#from = sentAt;
  }

  /** The renewal sent at this moment was acknowledged. */
  renewed(sentAt: Moment): void {
    if (sentAt.monotonicMs > this.#from.monotonicMs) this.#from = sentAt;
  }

  /** Milliseconds until the session may be over; 0 when it may be now. */
  remainingMs(): number {
    const now = momentOf(this.#clocks);
    const elapsedMs = Math.max(
      now.monotonicMs - this.#from.monotonicMs,
      now.sinceBootMs - this.#from.sinceBootMs,
      now.wallMs - this.#from.wallMs,
    );
    return Math.max(0, this.#lastsMs - elapsedMs);
  }
}

export const momentOf = (clocks: Clocks = SYSTEM_CLOCKS): Moment => ({
  monotonicMs: clocks.monotonicMs(),
  sinceBootMs: clocks.sinceBootMs(),
  wallMs: clocks.wallMs(),
});
