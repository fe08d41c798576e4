import { monotonicMs, type Now } from '@lockstep/vr-core';

/** The wall clock of the simulated world starts here: 2026-01-01 UTC, in seconds since 1970. */
const WALL_START_SECONDS = 1_767_225_600;

/**
 * The clocks of one host. They drift, jump and stand still; the monotonic one never goes back, the wall clock goes
 * where it likes.
 */
export class HostClock {
  private monotonic: number;
  private lastWorldMs: number;
  private rate = 1;
  private wallOffsetMs = 0;

  constructor(worldMs: number, startsAtMs: number) {
    this.lastWorldMs = worldMs;
    this.monotonic = startsAtMs;
  }

  /** Milliseconds of this clock for each millisecond of the world's; 0 stands still. */
  setRate(worldMs: number, rate: number): void {
    this.advance(worldMs);
    this.rate = rate;
  }

  /** Forwards only. */
  jump(byMs: number): void {
    this.monotonic += Math.max(0, byMs);
  }

  /** Anywhere. */
  jumpWall(byMs: number): void {
    this.wallOffsetMs += byMs;
  }

  read(worldMs: number): Now {
    this.advance(worldMs);
    const wallMs = Math.max(0, WALL_START_SECONDS * 1000 + worldMs + this.wallOffsetMs);
    const wallSeconds = Math.floor(wallMs / 1000);
    const wallNanos = Math.floor((wallMs - wallSeconds * 1000) * 1_000_000);
    return { monotonicMs: monotonicMs(this.monotonic), wallSeconds, wallNanos };
  }

  private advance(worldMs: number): void {
    this.monotonic += (worldMs - this.lastWorldMs) * this.rate;
    this.lastWorldMs = worldMs;
  }
}
