import { LeaseDeadline, momentOf, type Clocks } from './lease-deadline';

function handClocks(): Clocks & { advance(ms: Partial<Record<keyof Clocks, number>>): void } {
  const at = { monotonicMs: 1000, sinceBootMs: 50_000, wallMs: 1_700_000_000_000 };
  return {
    monotonicMs: () => at.monotonicMs,
    sinceBootMs: () => at.sinceBootMs,
    wallMs: () => at.wallMs,
    advance(ms) {
      for (const clock of Object.keys(at) as (keyof Clocks)[]) at[clock] += ms[clock] ?? 0;
    },
  };
}
const everyClock = (ms: number) => ({ monotonicMs: ms, sinceBootMs: ms, wallMs: ms });

describe('the deadline of a session at its client (decision 21)', () => {
  it('comes before the ttl is over, counted from the sending of the renewal', () => {
    const clocks = handClocks();
    const deadline = new LeaseDeadline(10_000, momentOf(clocks), clocks);
    clocks.advance(everyClock(9_800));
    expect(deadline.remainingMs()).toBeGreaterThan(0);
    clocks.advance(everyClock(150));
    expect(deadline.remainingMs()).toBe(0);
  });

  it('moves by the moment a renewal was sent, not by that of its answer', () => {
    const clocks = handClocks();
    const deadline = new LeaseDeadline(10_000, momentOf(clocks), clocks);
    clocks.advance(everyClock(3_000));
    const sentAt = momentOf(clocks);
    clocks.advance(everyClock(4_000));
    deadline.renewed(sentAt);
    expect(deadline.remainingMs()).toBe(10_000 * 0.99 - 30 - 4_000);
  });

  it('does not move back for an acknowledgement that comes late', () => {
    const clocks = handClocks();
    const early = momentOf(clocks);
    const deadline = new LeaseDeadline(10_000, early, clocks);
    clocks.advance(everyClock(3_000));
    deadline.renewed(momentOf(clocks));
    const before = deadline.remainingMs();
    deadline.renewed(early);
    expect(deadline.remainingMs()).toBe(before);
  });

  it.each(['monotonicMs', 'sinceBootMs', 'wallMs'] as const)(
    'has passed when %s alone says so',
    (clock) => {
      const clocks = handClocks();
      const deadline = new LeaseDeadline(10_000, momentOf(clocks), clocks);
      clocks.advance({ [clock]: 10_000 });
      expect(deadline.remainingMs()).toBe(0);
    },
  );

  it('is not put off by a wall clock that is set back', () => {
    const clocks = handClocks();
    const deadline = new LeaseDeadline(10_000, momentOf(clocks), clocks);
    clocks.advance({ monotonicMs: 10_000, sinceBootMs: 10_000, wallMs: -3_600_000 });
    expect(deadline.remainingMs()).toBe(0);
  });
});
