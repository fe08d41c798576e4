import { monotonicMs, type Now } from '@lockstep/vr-core';

/** The wall clock of the simulated world starts here: 2026-01-01 UTC, in seconds since 1970. */
const WALL_START_SECONDS = 1_767_225_600;

/**
 * The clocks of one host, driven by one oscillator. They drift together; the monotonic one may jump ahead or stand
 * still, the wall clock jumps where it likes.
 */
export class HostClock {
  private monotonic: number;
  private lastWorldMs: number;
  private rate = 1;
  private wallMs = WALL_START_SECONDS * 1000;
  private standsStill = false;

  constructor(worldMs: number, startsAtMs: number) {
    this.lastWorldMs = worldMs;
    this.monotonic = startsAtMs;
  }

  /** Milliseconds of these clocks for each millisecond of the world's. */
  setRate(worldMs: number, rate: number): void {
    this.advance(worldMs);
    this.rate = rate;
  }

  /** The monotonic clock counts no more, as on some machines while they are suspended. */
  standStill(worldMs: number): void {
    this.advance(worldMs);
    this.standsStill = true;
  }

  goOn(worldMs: number): void {
    this.advance(worldMs);
    this.standsStill = false;
  }

  /** Forwards only. */
  jump(byMs: number): void {
    this.monotonic += Math.max(0, byMs);
  }

  /** Anywhere. */
  jumpWall(byMs: number): void {
    this.wallMs = Math.max(0, this.wallMs + byMs);
  }

  read(worldMs: number): Now {
    this.advance(worldMs);
    const { wallMs } = this;
    const wallSeconds = Math.floor(wallMs / 1000);
    const wallNanos = Math.floor((wallMs - wallSeconds * 1000) * 1_000_000);
    return { monotonicMs: monotonicMs(this.monotonic), wallSeconds, wallNanos };
  }

  private advance(worldMs: number): void {
    const passed = (worldMs - this.lastWorldMs) * this.rate;
    if (!this.standsStill) this.monotonic += passed;
    this.wallMs += passed;
    this.lastWorldMs = worldMs;
  }
}
