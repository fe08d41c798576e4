import fc from 'fast-check';
import type { Incarnation, ReplicaNumber } from '../numbers/numbers';
import { ClockRates, ratesDiffer, type ClockSample } from './clock-rates';

const DRIFT = 0.01;
const incarnation = 1 as Incarnation;
const peer = 2 as ReplicaNumber;

/** Their clock is read at real time `atMs`, between a sending and a receipt here. */
function sample(atMs: number, [ours, theirs]: readonly [number, number], path: number[]) {
  const [out = 0, back = 0] = path;
  return {
    incarnation,
    fromMs: (atMs - out) * ours,
    toMs: (atMs + back) * ours,
    theirsMs: Math.floor(5_000 + atMs * theirs),
  };
}

const rate = fc.double({ min: 1 - DRIFT, max: 1 + DRIFT, noNaN: true });
const path = fc.array(fc.double({ min: 0, max: 500, noNaN: true }), { minLength: 2, maxLength: 2 });

describe('rates of clocks', () => {
  it('never accuses a clock that is within its bound, whatever the network does', () => {
    fc.assert(
      fc.property(
        fc.tuple(rate, rate),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        fc.tuple(path, path),
        (rates, start, lasts, [first, second]) => {
          const [a, b] = [sample(start, rates, first), sample(start + lasts, rates, second)];
          expect(ratesDiffer(a, b, DRIFT)).toBe(false);
        },
      ),
    );
  });

  function watch(theirs: number, oneWayMs: number): ClockRates {
    const rates = new ClockRates();
    for (let at = 0; at < 30_000; at += 20) {
      const seen: ClockSample = sample(at, [1, theirs], [oneWayMs, oneWayMs]);
      if (rates.isDue(peer, seen.toMs)) rates.note(peer, seen, DRIFT);
    }
    return rates;
  }

  it('notices one that is outside, also through a slow network', () => {
    for (const oneWayMs of [0.2, 5, 40]) {
      expect(watch(1.05, oneWayMs).someDrift).toBe(true);
      expect(watch(0.95, oneWayMs).someDrift).toBe(true);
      expect(watch(1.005, oneWayMs).someDrift).toBe(false);
    }
  });

  it('begins anew with a new life, whose clock may count from anywhere', () => {
    const rates = new ClockRates();
    rates.note(peer, sample(0, [1, 1], [0, 0]), DRIFT);
    const later = { ...sample(10_000, [1, 1], [0, 0]), theirsMs: 3, incarnation: 2 as Incarnation };
    expect(rates.note(peer, later, DRIFT)).toBe(false);
    expect(rates.someDrift).toBe(false);
  });
});
