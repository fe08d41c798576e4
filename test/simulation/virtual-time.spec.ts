import { Chance } from './chance';
import { VirtualTime } from './virtual-time';

describe('virtual time', () => {
  it('lets things happen in the order of their times, and equal times in the order of planning', () => {
    const time = new VirtualTime();
    const chance = new Chance('times');
    const planned = Array.from({ length: 500 }, (_, number) => ({
      atMs: chance.below(50),
      number,
    }));
    const happened: typeof planned = [];
    for (const one of planned) time.after(one.atMs, () => happened.push(one));
    time.run(50, () => false);
    expect(happened).toEqual(planned.sort((a, b) => a.atMs - b.atMs || a.number - b.number));
  });

  it('stops at the end, and leaves what comes later for later', () => {
    const time = new VirtualTime();
    let happened = 0;
    time.after(10, () => (happened += 1));
    time.after(30, () => (happened += 1));
    time.run(20, () => false);
    expect([time.nowMs, happened]).toEqual([20, 1]);
    time.run(40, () => false);
    expect([time.nowMs, happened]).toEqual([40, 2]);
  });

  it('stops as soon as it is told to', () => {
    const time = new VirtualTime();
    time.after(10, () => undefined);
    time.run(100, () => true);
    expect(time.nowMs).toBe(10);
  });
});
