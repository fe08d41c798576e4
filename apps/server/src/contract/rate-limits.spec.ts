import { RateLimits } from './rate-limits';

describe('how much one principal may ask', () => {
  it('is nothing to count when nobody has said', () => {
    const rates = new RateLimits(undefined, () => 0);
    for (let n = 0; n < 1_000; n += 1) expect(rates.take('ann')).toBeUndefined();
  });

  it('is a burst, then a rate, and each has their own', () => {
    let nowMs = 0;
    const rates = new RateLimits({ operationsPerSecond: 10, burst: 3 }, () => nowMs);
    for (let n = 0; n < 3; n += 1) expect(rates.take('ann')).toBeUndefined();
    expect(rates.take('ann')).toBe(100);
    expect(rates.take('bob')).toBeUndefined();
    nowMs += 99;
    expect(rates.take('ann')).toBeLessThan(3);
    nowMs += 2;
    expect(rates.take('ann')).toBeUndefined();
    expect(rates.take('ann')).toBeGreaterThan(90);
  });

  it('gives no more than a burst after a long time', () => {
    let nowMs = 0;
    const rates = new RateLimits({ operationsPerSecond: 10, burst: 3 }, () => nowMs);
    rates.take('ann');
    nowMs += 1e9;
    for (let n = 0; n < 3; n += 1) expect(rates.take('ann')).toBeUndefined();
    expect(rates.take('ann')).toBeDefined();
  });
});
