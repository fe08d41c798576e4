import fc from 'fast-check';
import type { Now } from '../boundary/input';
import {
  countdownLeftMs,
  elapsedAtMostMs,
  pollCountdown,
  readingOf,
  type Countdown,
} from './lease-clock';

const MARGIN_MS = 20;
const LASTS_MS = 100;

/** Both clocks at the same moment; `wallMs` counts from some time in 2023. */
function at(monotonicMs: number, wallMs = monotonicMs): Now {
  const whole = 1_700_000_000_000 + wallMs;
  const wallSeconds = Math.floor(whole / 1000);
  return {
    monotonicMs: monotonicMs as Now['monotonicMs'],
    wallSeconds,
    wallNanos: (whole - wallSeconds * 1000) * 1_000_000,
  };
}

const begun: Countdown = { since: readingOf(at(0)), lastsMs: LASTS_MS };

describe('spans measured by two clocks', () => {
  it('are as long as both clocks say', () => {
    expect(countdownLeftMs(begun, at(30), MARGIN_MS)).toBeCloseTo(70, 3);
    expect(countdownLeftMs(begun, at(100), MARGIN_MS)).toBeCloseTo(0, 3);
    expect(pollCountdown(begun, at(101), MARGIN_MS)).toBeUndefined();
  });

  it('are waited for by the slower and used by the faster one, while they differ little', () => {
    expect(countdownLeftMs(begun, at(50, 40), MARGIN_MS)).toBeCloseTo(60, 3);
    expect(countdownLeftMs(begun, at(40, 50), MARGIN_MS)).toBeCloseTo(60, 3);
    expect(elapsedAtMostMs(begun.since, at(50, 40))).toBeCloseTo(50, 3);
    expect(elapsedAtMostMs(begun.since, at(40, 50))).toBeCloseTo(50, 3);
  });

  it('begin anew when one clock jumps, and then end', () => {
    const jumped = pollCountdown(begun, at(90, 5_000), MARGIN_MS);
    expect(jumped).toEqual({ since: readingOf(at(90, 5_000)), lastsMs: LASTS_MS });
    expect(pollCountdown(jumped, at(191, 5_101), MARGIN_MS)).toBeUndefined();
  });

  it('are never over too early while one of the clocks is right', () => {
    const span = fc.double({ min: 0, max: 300, noNaN: true });
    fc.assert(
      fc.property(span, span, fc.boolean(), (real, wrong, wallIsRight) => {
        const now = wallIsRight ? at(wrong, real) : at(real, wrong);
        const left = countdownLeftMs(begun, now, MARGIN_MS);
        expect(left).toBeGreaterThanOrEqual(LASTS_MS - real - 0.01);
        expect(left).toBeLessThanOrEqual(LASTS_MS);
      }),
    );
  });
});
