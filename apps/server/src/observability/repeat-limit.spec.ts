import { RepeatLimit } from './repeat-limit';

describe('lines that repeat', () => {
  it('are let through ten times in ten seconds, whatever their numbers, then counted', () => {
    const limit = new RepeatLimit();
    const told = Array.from({ length: 15 }, (_, n) => limit.admit(`frame ${n} is damaged`, n));
    expect(told.filter((each) => each === 0)).toHaveLength(10);
    expect(told.slice(10)).toEqual(Array(5).fill(undefined));
    expect(limit.suppressed).toBe(5);
    expect(limit.admit('frame 99 is damaged', 10_000)).toBe(5);
    expect(limit.admit('frame 99 is damaged', 10_001)).toBe(0);
  });

  it('keep no line of another kind back', () => {
    const limit = new RepeatLimit();
    for (let n = 0; n < 20; n += 1) limit.admit('one', 0);
    expect(limit.admit('another', 0)).toBe(0);
  });

  it('take no more memory the more kinds there are', () => {
    const limit = new RepeatLimit();
    const told = Array.from({ length: 5_000 }, (_, n) => limit.admit('x'.repeat(n), 0));
    expect(told.filter((each) => each === undefined).length).toBeGreaterThan(4_000);
  });
});
