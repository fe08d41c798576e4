import { Admission } from './admission';

const TARGET_MS = 500;

class Clock {
  ms = 0;
  readonly now = (): number => this.ms;
}

function begin(): { clock: Clock; admission: Admission } {
  const clock = new Clock();
  return { clock, admission: new Admission({ targetMs: TARGET_MS, now: clock.now }) };
}

/** Keeps the door full while `perSecond` are answered. */
function saturate({ clock, admission }: ReturnType<typeof begin>, perSecond: number, ms: number) {
  for (let at = 0; at < ms; at += 1) {
    clock.ms += 1;
    while (admission.enter('ann'));
    const due = Math.round(((at + 1) * perSecond) / 1_000) - Math.round((at * perSecond) / 1_000);
    for (let n = 0; n < due; n += 1) admission.leave('ann');
  }
}

describe('what a door takes on', () => {
  it('is what is answered within the target, by the rate at which answers come', () => {
    const door = begin();
    saturate(door, 10_000, 5_000);
    expect(door.admission.limit).toBeGreaterThan(4_500);
    expect(door.admission.limit).toBeLessThan(5_500);
    saturate(door, 2_000, 5_000);
    expect(door.admission.limit).toBeGreaterThan(900);
    expect(door.admission.limit).toBeLessThan(1_100);
  });

  it('is never less than what waits out a view change', () => {
    const door = begin();
    saturate(door, 20, 20_000);
    expect(door.admission.limit).toBe(256);
  });

  it('is not learnt from an idle time, in which nothing was asked', () => {
    const { clock, admission } = begin();
    const before = admission.limit;
    for (let n = 0; n < 1_000; n += 1) {
      clock.ms += 50;
      expect(admission.enter('ann')).toBe(true);
      admission.leave('ann');
    }
    expect(admission.limit).toBe(before);
  });

  it('turns away what is above it, and takes again what one has left', () => {
    const { admission } = begin();
    for (let n = admission.limit; n > 0; n -= 1) expect(admission.enter('ann')).toBe(true);
    expect(admission.isFull).toBe(true);
    expect(admission.enter('ann')).toBe(false);
    expect(admission.enter('bob')).toBe(false);
    admission.leave('ann');
    expect(admission.enter('ann')).toBe(true);
    expect(admission.refused).toBe(2);
  });

  it('leaves room for others when one asks for all of it', () => {
    const { admission } = begin();
    while (admission.enter('greedy') && admission.waiting < admission.limit - 10);
    expect(admission.enter('bob')).toBe(true);
    expect(admission.enter('greedy')).toBe(false);
    expect(admission.enter('bob')).toBe(true);
  });
});
