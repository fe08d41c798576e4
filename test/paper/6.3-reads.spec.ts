import type { Limits } from '@lockstep/vr-core';
import type { Substitution } from '../simulation/source-loader';
import { HandDrivenGroup } from './hand-driven-group';

const LEASE = 'libs/vr-core/src/reads/lease.ts';
const GRANT = 'libs/vr-core/src/reads/lease-grant.ts';
const CLOCK = 'libs/vr-core/src/clock/lease-clock.ts';

/** Without looking at the wall clock, as the paper does. */
const oneClock: Substitution = {
  file: CLOCK,
  text: 'wallMs: now.wallSeconds * 1000 + now.wallNanos / 1_000_000,',
  by: 'wallMs: now.monotonicMs,',
};

/** Three replicas, and the first, their primary, holds a lease from both others. */
function leasedGroup(
  substitutions: readonly Substitution[] = [],
  limits: Partial<Limits> = {},
): HandDrivenGroup {
  const group = new HandDrivenGroup(3, substitutions, { limits: { leaseMs: 80, ...limits } });
  group.settle([0, 1, 2]);
  group.run(400, [0, 1, 2]);
  expect(group.view(0).lease.valid).toBe(true);
  return group;
}

/** The primary ticks and talks, and nobody hears it. */
function passAlone(group: HandDrivenGroup, ms: number): void {
  for (let passed = 0; passed < ms; passed += 5) group.tick(5, [0]);
  group.drop({ from: 0 });
}

/** The others see the connection to the primary close, and change to the next view without it. */
function changeView(group: HandDrivenGroup, oldPrimaryTicks = true): void {
  group.drop();
  for (const number of [1, 2]) {
    group.seeLost(number, 0);
    if (oldPrimaryTicks) group.tick(0, [0]);
  }
  group.drop({ from: 0 });
  group.settle([1, 2]);
  expect(group.view(1)).toMatchObject({ status: 'normal', viewNumber: 1 });
}

/** What the old primary answers from its lease once the next one has acknowledged an `add`. */
function readAfterAnAdd(group: HandDrivenGroup): unknown {
  group.add(1, 'a');
  group.settle([1, 2]);
  for (let waited = 0; waited < 1_000 && !group.acknowledged('a'); waited += 1) {
    group.tick(1, [0, 1, 2]);
    group.settle([1, 2]);
  }
  expect(group.acknowledged('a')).toBe(true);
  group.read(0, 'a', 'lease');
  return group.reads.at(-1) ?? group.served.at(-1);
}

const STALE = 0;

describe('VRR §6.3.1 leases', () => {
  it('lets the primary answer a read at once, and alone, while a quorum grants it', () => {
    const group = leasedGroup();
    group.add(0, 'a');
    group.settle([0, 1, 2]);
    group.drop();
    group.read(0, 'a');
    group.read(0, 'a', 'lease');
    expect(group.reads).toEqual([1, 1]);
    expect(group.served).toEqual(['lease', 'lease']);
    expect(group.letters).toEqual([]);
  });

  it('runs out without echoes: a linearizable read asks the group, one by lease is refused', () => {
    const group = leasedGroup();
    passAlone(group, 70);
    group.read(0, 'a', 'lease');
    expect(group.served).toEqual(['no-lease']);
    expect(group.view(0).lease).toEqual({ valid: false, refused: 'run out' });
    group.read(0, 'a');
    expect(group.served).toEqual(['no-lease']);
    for (const letter of group.hold({ kind: 'Commit' })) group.hand(letter);
    for (const letter of group.hold({ kind: 'CommitOk' })) group.hand(letter);
    expect(group.served).toEqual(['no-lease', 'index']);
  });

  it('answers a read at a backup by one message to the primary and back', () => {
    const group = leasedGroup();
    group.add(0, 'a');
    group.settle([0, 1, 2]);
    group.read(2, 'a', 'lease');
    group.deliver({ kind: 'ReadIndex', to: 0 });
    group.deliver({ kind: 'ReadIndexOk', to: 2 });
    expect(group.reads).toEqual([1]);
    expect(group.served).toEqual(['lease']);
  });

  it('tells a backup that there is none, for reads that want a lease or nothing', () => {
    const group = leasedGroup();
    passAlone(group, 70);
    group.read(2, 'a', 'lease');
    group.deliver({ kind: 'ReadIndex', to: 0 });
    group.deliver({ kind: 'ReadIndexOk', to: 2 });
    expect(group.served).toEqual(['no-lease']);
  });

  it('is always held by a group of one, which never waits for one either', () => {
    const group = new HandDrivenGroup(1);
    group.add(0, 'a');
    group.crash(0);
    group.restart(0);
    expect(group.view(0)).toMatchObject({ viewNumber: 1, serving: true, lease: { valid: true } });
    group.read(0, 'a', 'lease');
    expect(group.reads).toEqual([1]);
  });

  it('makes a new primary wait until what was granted has run out, and not longer', () => {
    const group = leasedGroup();
    changeView(group);
    group.add(1, 'a');
    group.settle([1, 2]);
    expect(group.view(1)).toMatchObject({ serving: false, lease: { valid: false } });
    expect(group.acknowledged('a')).toBe(false);
    group.run(90, [1, 2]);
    expect(group.acknowledged('a')).toBe(true);
    expect(group.view(0).lease.valid).toBe(false);
  });

  it('costs nothing when the primary was silent for longer than a lease before it was suspected', () => {
    const group = leasedGroup();
    group.drop();
    for (let passed = 0; passed < 100; passed += 10) group.tick(10, [1, 2]);
    changeView(group);
    expect(group.view(1).serving).toBe(true);
  });
});

describe('E37 a: a lease is counted from the sending of what is echoed', () => {
  const fromTheAnswer: Substitution = {
    file: 'libs/vr-core/src/normal-operation/on-prepare-ok.ts',
    text: 'noteClock(state, ok, now, out);',
    by: `for (const mark of state.leases.marks) {
      if (mark.beat <= ok.beat) Object.assign(mark, {
        monotonicMs: now.monotonicMs,
        wallMs: now.wallSeconds * 1000 + now.wallNanos / 1_000_000,
      });
    }`,
  };

  function lateEcho(group: HandDrivenGroup): unknown {
    group.drop();
    group.tick(20, [0]);
    group.deliver({ kind: 'Commit', from: 0, to: 1 });
    const echoes = group.hold({ kind: 'CommitOk', from: 1 });
    expect(echoes).toHaveLength(1);
    passAlone(group, 40);
    changeView(group);
    for (const echo of echoes) group.hand(echo);
    return readAfterAnAdd(group);
  }

  it('so a late answer prolongs nothing', () => {
    expect(lateEcho(leasedGroup())).toBe('no-lease');
  });

  it('or, counted from the answer, an old primary reads what is no longer true', () => {
    expect(lateEcho(leasedGroup([fromTheAnswer]))).toBe(STALE);
  });
});

describe('E37 b: the rates of clocks differ', () => {
  const limits = { leaseMs: 400, clockDrift: 0.2, leaseMarginMs: 12 };

  /** The old primary's clock is as slow, the others' as fast as they may be; `ms` after a beat the view changes. */
  function apart(group: HandDrivenGroup, ms: number): unknown {
    group.setClockRate(0, 0.8);
    group.setClockRate(1, 1.2);
    group.setClockRate(2, 1.2);
    for (let passed = 0; passed < 30; passed += 5) group.tick(5, [0]);
    group.settle([0, 1, 2]);
    for (let passed = 0; passed < ms; passed += 5) group.tick(5, [0, 1, 2]);
    changeView(group);
    return readAfterAnAdd(group);
  }

  it('as far as the bound says, and no read is stale', () => {
    for (const ms of [320, 380]) expect(apart(leasedGroup([], limits), ms)).toBe('no-lease');
  });

  it('which a holder that ignores it pays for', () => {
    const ignored: Substitution = {
      file: LEASE,
      text: 'leaseMs * (1 - clockDrift)',
      by: 'leaseMs + 0 * clockDrift',
    };
    expect(apart(leasedGroup([ignored], limits), 380)).toBe(STALE);
  });

  it('and so does a replica that grants', () => {
    const ignored: Substitution = {
      file: GRANT,
      text: 'limits.leaseMs * (1 + limits.clockDrift)',
      by: 'limits.leaseMs',
    };
    expect(apart(leasedGroup([ignored], limits), 320)).toBe(STALE);
  });

  /** Only replica 2 has granted, by a clock of this rate; the new primary's clock is fast, the old one's slow. */
  function grantedBy(rate: number, group: HandDrivenGroup): unknown {
    group.setClockRate(0, 0.8);
    group.setClockRate(1, 1.2);
    group.setClockRate(2, rate);
    for (let passed = 0; passed < 300; passed += 10) {
      group.tick(10, [0, 1, 2]);
      group.settle([0, 2]);
      group.drop();
    }
    changeView(group);
    return readAfterAnAdd(group);
  }

  it('and a new primary waits long enough by its own clock, whatever the one did that granted', () => {
    for (const rate of [0.8, 1, 1.2]) {
      const group = leasedGroup([], { ...limits, suspicionMs: 2_000 });
      expect(grantedBy(rate, group)).toBe('no-lease');
    }
  });

  it('more than the bound says: a primary that sees it uses no lease, and says so', () => {
    const group = leasedGroup();
    group.setClockRate(2, 1.1);
    group.run(5_000, [0, 1, 2]);
    expect(group.view(0).lease).toEqual({ valid: false, refused: 'a clock drifts' });
    expect(group.notes).toContain(
      '0: the clock of replica 2 and ours run at different rates: no leases',
    );
    group.setClockRate(2, 1);
    group.run(5_000, [0, 1, 2]);
    expect(group.view(0).lease.valid).toBe(true);
  });

  it('within the bound, and nobody is accused', () => {
    const group = leasedGroup();
    group.setClockRate(0, 0.99);
    group.setClockRate(2, 1.01);
    group.run(10_000, [0, 1, 2]);
    expect(group.view(0).lease.valid).toBe(true);
  });
});

describe('E37 b: clocks stand still and jump', () => {
  /** The monotonic clock of the old primary has not counted the time it was suspended. */
  function suspended(group: HandDrivenGroup): unknown {
    group.drop();
    group.tick(100, [1, 2]);
    group.jumpClock(0, 'monotonicMs', -100);
    changeView(group);
    return readAfterAnAdd(group);
  }

  it('a primary whose two clocks disagree holds no lease', () => {
    expect(suspended(leasedGroup())).toBe('no-lease');
    expect(suspended(leasedGroup([oneClock]))).toBe(STALE);
  });

  /** The monotonic clock of a replica that has granted runs ahead. */
  function jumped(group: HandDrivenGroup): unknown {
    group.drop();
    for (const number of [1, 2]) group.jumpClock(number, 'monotonicMs', 1_000);
    changeView(group);
    return readAfterAnAdd(group);
  }

  it('a replica whose two clocks disagree takes its grant to be whole', () => {
    expect(jumped(leasedGroup())).toBe('no-lease');
    expect(jumped(leasedGroup([oneClock]))).toBe(STALE);
  });

  it('and a new primary that was to wait waits again, but not for ever', () => {
    const group = leasedGroup();
    changeView(group);
    group.jumpClock(1, 'wallMs', -86_400_000);
    expect(readAfterAnAdd(group)).toBe('no-lease');
  });

  it('voids the lease of a primary that was away for a few ticks, until it is heard again', () => {
    const group = leasedGroup();
    group.run(20, [0, 1, 2]);
    group.tick(30, [0]);
    expect(group.view(0).lease).toEqual({ valid: false, refused: 'no quorum has echoed' });
    group.run(20, [0, 1, 2]);
    expect(group.view(0).lease.valid).toBe(true);
  });
});

describe('E37 c: the new view waits for everyone who takes part in it', () => {
  /** Only replica 2 still hears the old primary; replica 1 leads the next view. */
  function grantOfOne(group: HandDrivenGroup): unknown {
    for (let passed = 0; passed < 200; passed += 10) {
      group.tick(10, [0, 1, 2]);
      group.settle([0, 2]);
      group.drop();
    }
    expect(group.view(0).lease.valid).toBe(true);
    changeView(group);
    return readAfterAnAdd(group);
  }

  it('also for those whom another has taken along', () => {
    expect(grantOfOne(leasedGroup())).toBe('no-lease');
  });

  it('or a read is stale', () => {
    const ownGrantOnly: Substitution = {
      file: 'libs/vr-core/src/view-change/on-do-view-change.ts',
      text: 'noteLeaseRemaining(state, message.leaseRemainingMs, now);',
      by: '',
    };
    expect(grantOfOne(leasedGroup([ownGrantOnly]))).toBe(STALE);
  });
});

describe('E37 d: a replica that starts has forgotten what it granted', () => {
  function restarted(group: HandDrivenGroup): unknown {
    for (const number of [1, 2]) {
      group.crash(number);
      group.restart(number);
    }
    changeView(group);
    return readAfterAnAdd(group);
  }

  it('so it behaves as if it had just granted a lease', () => {
    expect(restarted(leasedGroup())).toBe('no-lease');
  });

  it('or a read is stale', () => {
    const forgets: Substitution = {
      file: 'libs/vr-core/src/replica/on-start.ts',
      text: 'grantAtStart(state, now);',
      by: '',
    };
    expect(restarted(leasedGroup([forgets]))).toBe(STALE);
  });
});

describe('E37 e: the lease is looked at when the read is executed', () => {
  /** The whole process stands still, and takes a read before its next tick. */
  function paused(group: HandDrivenGroup): unknown {
    group.drop();
    group.tick(100, [1, 2]);
    changeView(group, false);
    group.add(1, 'a');
    group.settle([1, 2]);
    expect(group.acknowledged('a')).toBe(true);
    group.read(0, 'a', 'lease');
    return group.reads.at(-1) ?? group.served.at(-1);
  }

  it('and not when a timer last looked', () => {
    expect(paused(leasedGroup())).toBe('no-lease');
  });

  it('or a read is stale', () => {
    const atTheTick: Substitution = {
      file: LEASE,
      text: 'return leaseOf(state, now).valid;',
      by: 'return leaseOf(state, { ...now, monotonicMs: state.lastTickMs }).valid;',
    };
    expect(paused(leasedGroup([atTheTick, oneClock]))).toBe(STALE);
  });
});

describe('E37 f: a lease ends with the leadership', () => {
  /** The primary's vote reaches the others, and nothing reaches the primary. */
  function steppedDown(group: HandDrivenGroup): unknown {
    group.drop();
    group.input(0, { kind: 'step-down' });
    for (const letter of group.hold({ kind: 'StartViewChange', from: 0 })) group.hand(letter);
    group.settle([1, 2]);
    expect(group.view(1)).toMatchObject({ status: 'normal', viewNumber: 1, serving: true });
    return readAfterAnAdd(group);
  }

  it('a primary that steps down reads by itself no more, so nobody needs to wait for it', () => {
    const group = leasedGroup();
    expect(steppedDown(group)).toBe('no-lease');
    expect(group.view(0).lease).toEqual({ valid: false, refused: 'steps down' });
  });

  it('or a read is stale', () => {
    const survives: Substitution = {
      file: LEASE,
      text: "if (state.backup.abdicated) return refused('steps down');",
      by: '',
    };
    expect(steppedDown(leasedGroup([survives]))).toBe(STALE);
  });

  /**
   * Replica 0 gives up waiting for view 3, votes for view 4, and then begins view 3 after all, with a lease. Its vote
   * comes late.
   */
  function lateVote(group: HandDrivenGroup): unknown {
    const toView = (view: number, left: number, among: readonly number[]): void => {
      for (const number of among) group.seeLost(number, left);
      group.settle(among);
      group.run(200, among);
      for (const number of among) group.seeFound(number, left);
      group.run(200, [0, 1, 2]);
      expect(group.view(0)).toMatchObject({ status: 'normal', viewNumber: view });
    };
    toView(1, 0, [1, 2]);
    toView(2, 1, [0, 2]);
    for (const number of [0, 1]) group.seeLost(number, 2);
    group.settleOnly([0, 1], ['StartViewChange']);
    const offers = group.hold({ kind: 'DoViewChange', from: 1, to: 0 });
    group.drop();
    for (let passed = 0; passed < 520; passed += 10) group.tick(10, [0]);
    const votes = group.hold({ kind: 'StartViewChange', from: 0, view: 4 });
    expect(votes.length).toBeGreaterThan(0);
    group.drop();
    for (const offer of offers) group.hand(offer);
    group.settle([0, 1]);
    group.run(400, [0, 1]);
    group.drop();
    expect(group.view(0)).toMatchObject({ viewNumber: 3, lease: { valid: true } });
    for (const letter of votes) group.hand(letter);
    for (const number of [1, 2]) group.seeLost(number, 0);
    group.settle([1, 2]);
    group.tick(10, [1, 2]);
    group.settle([1, 2]);
    expect(group.view(1)).toMatchObject({ status: 'normal', viewNumber: 4 });
    return readAfterAnAdd(group);
  }

  it('but a vote from before the view does not end a lease of the view', () => {
    expect(lateVote(leasedGroup())).toBe('no-lease');
  });

  it('or a read is stale', () => {
    const anyVote: Substitution = {
      file: 'libs/vr-core/src/view-change/vote.ts',
      text: 'endGrant(state, replicaNumber, message.incarnation, servesFrom);',
      by: 'endGrant(state, replicaNumber, message.incarnation, viewNumber);',
    };
    expect(lateVote(leasedGroup([anyVote]))).toBe(STALE);
  });
});

describe('E21: fast reads right after a view change', () => {
  /** The old primary has acknowledged an op that the new one does not know to be committed; it waits for old leases. */
  function readEarly(group: HandDrivenGroup): unknown {
    group.add(0, 'a');
    group.deliver({ kind: 'Prepare', to: 1 });
    group.deliver({ kind: 'PrepareOk', from: 1 });
    expect(group.acknowledged('a')).toBe(true);
    group.crash(0);
    changeView(group);
    group.run(30, [1, 2]);
    group.read(1, 'a', 'lease');
    return group.reads.at(-1) ?? group.served.at(-1);
  }

  it('wait until the first op of the view is committed', () => {
    expect(readEarly(leasedGroup())).toBe('no-lease');
  });

  it('or a read is stale', () => {
    const tooEarly: Substitution = {
      file: LEASE,
      text: 'if (state.commitNumber < state.primary.newViewOp)',
      by: 'if (state.commitNumber > state.primary.newViewOp)',
    };
    expect(readEarly(leasedGroup([tooEarly]))).toBe(STALE);
  });
});
