import type { Now } from '../boundary/input';

/**
 * One reading of both clocks of this host. Spans that leases depend on are measured by both: either may stand still or
 * jump (a suspended machine, an operator's hand), both together in the same way hardly. (VRR §6.3.1; E37 b; decision 7)
 */
export interface ClockReading {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export function readingOf(now: Now): ClockReading {
  return {
    monotonicMs: now.monotonicMs,
    wallMs: now.wallSeconds * 1000 + now.wallNanos / 1_000_000,
  };
}

/** The two clocks tell of spans that differ by more than `marginMs`: neither is believed. */
export function clocksDisagree(since: ClockReading, now: Now, marginMs: number): boolean {
  const { monotonicMs, wallMs } = readingOf(now);
  const monotonic = monotonicMs - since.monotonicMs;
  return Math.abs(monotonic - (wallMs - since.wallMs)) > marginMs;
}

/** The longer of the two spans: for what must not be used too long. */
export function elapsedAtMostMs(since: ClockReading, now: Now): number {
  const { monotonicMs, wallMs } = readingOf(now);
  return Math.max(monotonicMs - since.monotonicMs, wallMs - since.wallMs);
}

/** The shorter of the two spans: for what must be waited for long enough. */
export function elapsedAtLeastMs(since: ClockReading, now: Now): number {
  const { monotonicMs, wallMs } = readingOf(now);
  return Math.min(monotonicMs - since.monotonicMs, wallMs - since.wallMs);
}

/** A span that must be over for certain. */
export interface Countdown {
  readonly since: ClockReading;
  readonly lastsMs: number;
}

/** What may be left of it, at most: all of it when the clocks disagree. */
export function countdownLeftMs(countdown: Countdown, now: Now, marginMs: number): number {
  if (clocksDisagree(countdown.since, now, marginMs)) return countdown.lastsMs;
  return Math.max(0, countdown.lastsMs - Math.max(0, elapsedAtLeastMs(countdown.since, now)));
}

/** The same countdown, undefined when it is over, begun anew when the clocks disagree: no jump can make it last. */
export function pollCountdown(
  countdown: Countdown | undefined,
  now: Now,
  marginMs: number,
): Countdown | undefined {
  if (countdown === undefined || countdownLeftMs(countdown, now, marginMs) <= 0) return undefined;
  const { since, lastsMs } = countdown;
  return clocksDisagree(since, now, marginMs) ? { since: readingOf(now), lastsMs } : countdown;
}
