import { Chance } from './chance';

describe('a stream of chance', () => {
  const draws = (chance: Chance): number[] => Array.from({ length: 5 }, () => chance.below(1000));

  it('is the same for the same name, and another for another', () => {
    expect(draws(new Chance('a'))).toEqual(draws(new Chance('a')));
    expect(draws(new Chance('a'))).not.toEqual(draws(new Chance('b')));
  });

  it('does not disturb the streams below it', () => {
    const parent = new Chance('a');
    const before = draws(parent.stream('disk'));
    draws(parent);
    expect(draws(parent.stream('disk'))).toEqual(before);
  });

  it('spreads its fractions evenly', () => {
    const chance = new Chance('even');
    const tenths = new Array<number>(10).fill(0);
    for (let at = 0; at < 10_000; at += 1) {
      const tenth = chance.below(10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    expect(Math.min(...tenths)).toBeGreaterThan(850);
    expect(Math.max(...tenths)).toBeLessThan(1150);
  });

  it('shuffles without losing anything', () => {
    expect(new Chance('cards').shuffled([1, 2, 3, 4]).sort()).toEqual([1, 2, 3, 4]);
  });
});
