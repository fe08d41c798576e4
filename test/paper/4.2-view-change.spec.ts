import type { Substitution } from '../simulation/source-loader';
import { HandDrivenGroup } from './hand-driven-group';

const VIEW_CHANGE = 'libs/vr-core/src/view-change';

/** Replicas `among` see the primary's connection close and change to the next view without anyone else. */
function changeView(group: HandDrivenGroup, primary: number, among: readonly number[]): void {
  for (const number of among) group.seeLost(number, primary);
  group.settle(among);
}

describe('VRR §4.2 view change', () => {
  it('keeps a committed op, in its place, when the primary dies before telling anyone', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.add(0, 'a');
    group.deliver({ kind: 'Prepare', to: 1 });
    group.deliver({ kind: 'PrepareOk', from: 1 });
    expect(group.acknowledged('a')).toBe(true);
    group.crash(0);
    group.drop();
    changeView(group, 0, [1, 2]);
    expect(group.view(1)).toMatchObject({ status: 'normal', viewNumber: 1, serving: true });
    expect(group.valueAt(1, 'a')).toBe(1);
    expect(group.valueAt(2, 'a')).toBe(1);
  });

  it('answers a request that the old primary had committed, and does not execute it again', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.add(0, 'a');
    group.settle([0, 1, 2]);
    group.crash(0);
    group.drop();
    changeView(group, 0, [1, 2]);
    group.answers.clear();
    group.add(2, 'a');
    group.settle([1, 2]);
    expect(group.answers.get('a')).toMatchObject({ kind: 'outcome', replayed: true });
    expect(group.valueAt(1, 'a')).toBe(1);
  });

  it('forgets a request that only the dead primary held, and takes its retry (E22, D21)', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.add(1, 'a');
    group.deliver({ kind: 'Forward' });
    group.crash(0);
    group.drop();
    changeView(group, 0, [1, 2]);
    group.run(100, [1, 2]);
    expect(group.answers.get('a')).toMatchObject({ kind: 'outcome', replayed: false });
    expect(group.valueAt(2, 'a')).toBe(1);
  });

  it('has the same primary for the same view everywhere, in turn', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    changeView(group, 0, [1, 2]);
    expect([group.view(1).primary, group.view(2).primary]).toEqual([1, 1]);
    changeView(group, 1, [0, 2]);
    group.run(200, [0, 2]);
    expect([group.view(0).primary, group.view(2).primary]).toEqual([2, 2]);
  });

  it('takes along a deposed primary that comes back, and drops what it had not committed', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.add(0, 'lost');
    group.drop();
    changeView(group, 0, [1, 2]);
    group.run(200, [0, 1, 2]);
    expect(group.view(0)).toMatchObject({ status: 'normal', viewNumber: 1 });
    // Its client still waited there, so the request went on to the new primary under the same name.
    expect(group.answers.get('lost')).toMatchObject({ kind: 'outcome', replayed: false });
    for (const number of [0, 1, 2]) expect(group.valueAt(number, 'lost')).toBe(1);
  });
});

describe('D5: a view change needs a quorum that wants it', () => {
  it('lets one replica that hears nobody disturb nobody', () => {
    const group = new HandDrivenGroup(3);
    group.run(100, [0, 1, 2]);
    for (let step = 0; step < 300; step += 1) {
      group.tick(10, [0, 1, 2]);
      group.drop({ to: 2 });
      group.settle([0, 1, 2]);
      group.drop();
    }
    expect(group.view(0)).toMatchObject({ status: 'normal', viewNumber: 0, serving: true });
    expect(group.view(1)).toMatchObject({ status: 'normal', viewNumber: 0 });
  });

  it('does not move a normal replica by a vote for the view it is in (E15)', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.seeLost(1, 0);
    const votes = group.hold({ kind: 'StartViewChange', from: 1 });
    changeView(group, 0, [1, 2]);
    group.run(100, [1, 2]);
    for (const letter of votes) group.hand(letter);
    expect(group.view(2)).toMatchObject({ status: 'normal', viewNumber: 1 });
  });

  it('follows the vote of the primary itself at once: it steps down', () => {
    const group = new HandDrivenGroup(3);
    group.run(100, [0, 1, 2]);
    group.input(0, { kind: 'step-down' });
    group.settle([0, 1, 2]);
    for (const number of [0, 1, 2]) {
      expect(group.view(number)).toMatchObject({ status: 'normal', viewNumber: 1 });
    }
  });
});

describe('D6: hearing of a later view changes nothing', () => {
  /** §5.2: cut the log to the commit-number, adopt the view, then ask. */
  const cutAndAdopt: Substitution = {
    file: 'libs/vr-core/src/replica/gate.ts',
    text: 'askForView(state, message.viewNumber, now, out);',
    by: `if (state.status === 'normal') {
      state.log.truncateAfter(state.execution.executed);
      state.stores.storedNumber = state.execution.executed;
      state.stores.logVersion += 1;
      state.viewNumber = message.viewNumber;
      state.lastNormalView = { epochNumber: state.epochNumber, viewNumber: message.viewNumber };
      state.stores.promised = state.lastNormalView;
    }`,
  };

  /** Replica 2 holds committed `a` and does not know that it is; it hears of view 1 from a PREPARE. */
  function hearOfLaterView(group: HandDrivenGroup): HandDrivenGroup {
    group.settle([0, 1, 2]);
    group.add(0, 'a');
    group.deliver({ kind: 'Prepare', to: 2 });
    group.deliver({ kind: 'PrepareOk', from: 2 });
    expect(group.acknowledged('a')).toBe(true);
    group.drop();
    // View 1 begins from the logs of 0 and 1, with `a`.
    group.seeLost(1, 0);
    group.input(0, { kind: 'step-down' });
    group.settle([0, 1]);
    expect(group.valueAt(1, 'a')).toBe(1);
    group.drop();
    group.add(1, 'b');
    group.deliver({ kind: 'Prepare', from: 1, to: 2 });
    group.drop();
    group.crash(1);
    return group;
  }

  it('keeps log, view and last normal view until the new log is here', () => {
    const group = hearOfLaterView(new HandDrivenGroup(3));
    expect(group.view(2)).toMatchObject({ viewNumber: 0, opNumber: 2, status: 'normal' });
    expect(group.notes).toContain('2: Prepare <- 1: newer view');
  });

  it('cuts a committed op out of the log by the rule of §5.2', () => {
    const group = hearOfLaterView(new HandDrivenGroup(3, [cutAndAdopt]));
    expect(group.view(2)).toMatchObject({ viewNumber: 1, opNumber: 1 });
  });

  /** The whole way to the loss: the short log, of the latest view by name, wins against the full one. */
  function nextViewWithTheShortLog(group: HandDrivenGroup): HandDrivenGroup {
    group.settle([0, 1, 2]);
    group.add(0, 'a');
    group.deliver({ kind: 'Prepare', to: 1 });
    group.deliver({ kind: 'Prepare', to: 2 });
    group.deliver({ kind: 'PrepareOk', from: 2 });
    expect(group.acknowledged('a')).toBe(true);
    group.drop();
    // View 1 begins at replica 1, by the votes and logs of 0 and 1; replica 2 hears only its first PREPARE.
    group.input(0, { kind: 'step-down' });
    group.seeLost(1, 0);
    group.deliver({ kind: 'StartViewChange', from: 1, to: 0 });
    group.deliver({ kind: 'StartViewChange', from: 0, to: 1 });
    group.hold({ kind: 'DoViewChange', to: 2 });
    group.hold({ kind: 'StartViewChange', to: 2 });
    group.deliver({ kind: 'DoViewChange', from: 0, to: 1 });
    group.hold({ kind: 'StartView' });
    group.deliver({ kind: 'Prepare', from: 1, to: 2 });
    group.drop();
    group.crash(1);
    // Replica 0 holds `a` and v' = 0; replica 2 cut it off and calls its log one of view 1.
    group.seeLost(2, 1);
    group.seeLost(0, 1);
    for (let round = 0; round < 40; round += 1) group.run(100, [0, 2]);
    return group;
  }

  it('so every later view holds what was acknowledged', () => {
    const group = nextViewWithTheShortLog(new HandDrivenGroup(3));
    expect(group.view(2)).toMatchObject({ status: 'normal' });
    expect(group.view(2).viewNumber).toBeGreaterThan(1);
    expect(group.valueAt(2, 'a')).toBe(1);
    expect(group.valueAt(0, 'a')).toBe(1);
  });

  it('while the rule of §5.2 begins a later view without it', () => {
    expect(() => nextViewWithTheShortLog(new HandDrivenGroup(3, [cutAndAdopt]))).toThrow(
      /the chosen log holds every committed op/,
    );
  });
});

describe('D7: STARTVIEW only for a later view or the one waited for', () => {
  const noGuard: Substitution[] = [
    {
      file: `${VIEW_CHANGE}/on-start-view.ts`,
      text: "if (viewNumber < state.viewNumber) return out.ignore(message, 'older view');",
      by: '',
    },
    {
      file: `${VIEW_CHANGE}/on-start-view.ts`,
      text: "if (state.status !== 'view-change') return out.ignore(message, 'duplicate');",
      by: '',
    },
  ];

  /** A second STARTVIEW of a view in which something has been prepared and acknowledged since. */
  function lateStartView(group: HandDrivenGroup): HandDrivenGroup {
    group.settle([0, 1, 2]);
    group.seeLost(1, 0);
    group.seeLost(2, 0);
    group.deliver({ kind: 'StartViewChange', from: 2, to: 1 });
    group.deliver({ kind: 'DoViewChange', from: 1, to: 2 });
    group.deliver({ kind: 'DoViewChange', from: 2, to: 1 });
    const [late] = group.hold({ kind: 'StartView', from: 1, to: 2 });
    if (late === undefined) throw new Error('view 1 has not begun');
    group.hand(late);
    group.deliver({ kind: 'PrepareOk', from: 2 });
    group.add(1, 'a');
    group.settleOnly([1, 2], ['Prepare']);
    group.settleOnly([1, 2], ['PrepareOk']);
    expect(group.acknowledged('a')).toBe(true);
    group.drop();
    group.hand(late);
    return group;
  }

  it('ignores a delayed STARTVIEW', () => {
    const group = lateStartView(new HandDrivenGroup(3));
    expect(group.notes).toContain('2: StartView <- 1: duplicate');
    expect(group.view(2).opNumber).toBe(group.view(1).opNumber);
  });

  it('without the condition a delayed one takes away what was acknowledged', () => {
    const group = lateStartView(new HandDrivenGroup(3, noGuard));
    expect(group.view(2).opNumber).toBeLessThan(group.view(1).opNumber);
    group.crash(1);
    group.drop();
    group.seeLost(0, 1);
    group.seeLost(2, 1);
    for (let round = 0; round < 10; round += 1) group.run(100, [0, 2]);
    expect(group.view(2).status).toBe('normal');
    expect(group.valueAt(2, 'a')).toBe(0);
  });
});

describe("D8: v' is a field of its own", () => {
  const viewOfLastEntry: Substitution = {
    file: `${VIEW_CHANGE}/send-do-view-change.ts`,
    text: 'lastNormalView: state.lastNormalView,',
    by: `lastNormalView: {
      epochNumber: state.epochNumber,
      viewNumber: state.log.head?.viewNumber ?? state.lastNormalView.viewNumber,
    },`,
  };

  /**
   * Replica 0 prepares `a` in view 0, alone. Replica 1 begins view 1 without it and prepares, alone. Replica 2 begins
   * view 2 with the log of 0 and commits `a`. Then 0 and 1 are left to begin the next view.
   */
  function inheritedEntry(group: HandDrivenGroup): HandDrivenGroup {
    group.settle([0, 1, 2]);
    group.add(0, 'a');
    group.tick(70_000, [0]); // Its client has given up, so nobody sends it again.
    group.drop();
    group.seeLost(1, 0);
    group.seeLost(2, 0);
    group.deliver({ kind: 'StartViewChange', from: 2, to: 1 });
    group.deliver({ kind: 'DoViewChange', from: 1, to: 2 });
    group.deliver({ kind: 'DoViewChange', from: 2, to: 1 });
    expect(group.view(1)).toMatchObject({ status: 'normal', viewNumber: 1 });
    group.drop();
    // View 1 does not begin for replica 2; with replica 0 it goes on to view 2.
    group.seeLost(2, 1);
    group.seeLost(0, 1);
    group.input(0, { kind: 'step-down' });
    for (let round = 0; round < 20 && group.view(2).status !== 'normal'; round += 1) {
      group.tick(100, [0, 2]);
      group.settleOnly([0, 2], ['StartViewChange', 'DoViewChange']);
    }
    expect(group.view(2)).toMatchObject({ status: 'normal', viewNumber: 2 });
    group.deliver({ kind: 'StartView', from: 2, to: 0 });
    group.deliver({ kind: 'PrepareOk', from: 0, to: 2 });
    expect(group.valueAt(2, 'a')).toBe(1);
    group.crash(2);
    group.drop();
    for (const number of [0, 1]) group.seeLost(number, 2);
    for (let round = 0; round < 40; round += 1) group.run(100, [0, 1]);
    return group;
  }

  it('keeps an inherited entry that was committed in a view with nothing new', () => {
    const group = inheritedEntry(new HandDrivenGroup(3));
    expect(group.view(0).status).toBe('normal');
    expect(group.valueAt(0, 'a')).toBe(1);
    expect(group.valueAt(1, 'a')).toBe(1);
  });

  it('loses it when logs are compared by the view of their last entry', () => {
    const group = inheritedEntry(new HandDrivenGroup(3, [viewOfLastEntry]));
    expect(group.view(0).status).toBe('normal');
    expect(group.valueAt(0, 'a')).toBe(0);
  });
});

describe('D10: the last normal view moves with the log', () => {
  it('writes both, and the promise, in one store before anything is said', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.seeLost(1, 0);
    group.seeLost(2, 0);
    group.deliver({ kind: 'StartViewChange', from: 2, to: 1 });
    group.deliver({ kind: 'DoViewChange', from: 1, to: 2 });
    group.holdDisk(1);
    group.deliver({ kind: 'DoViewChange', from: 2, to: 1 });
    expect(group.view(1)).toMatchObject({
      status: 'view-change',
      lastNormalView: { viewNumber: 1 },
    });
    expect(group.hold({ kind: 'StartView' })).toEqual([]);
    group.releaseDisk(1);
    expect(group.hold({ kind: 'StartView' })).toHaveLength(2);
  });
});

describe('D12: reads wait for the first op of the view', () => {
  const noWait: Substitution = {
    file: 'libs/vr-core/src/reads/read-index.ts',
    text: 'state.commitNumber < state.primary.newViewOp',
    by: 'false',
  };

  /** `a` was acknowledged by the old primary; the new one holds it and does not know that it is committed. */
  function readInNewView(group: HandDrivenGroup): HandDrivenGroup {
    group.settle([0, 1, 2]);
    group.add(0, 'a');
    group.deliver({ kind: 'Prepare', to: 1 });
    group.deliver({ kind: 'PrepareOk', from: 1 });
    expect(group.acknowledged('a')).toBe(true);
    group.crash(0);
    group.drop();
    group.seeLost(1, 0);
    group.seeLost(2, 0);
    group.settleOnly([1, 2], ['StartViewChange', 'DoViewChange', 'StartView']);
    expect(group.view(1).status).toBe('normal');
    group.read(1, 'a');
    // Echoes of its heartbeats reach the new primary; acknowledgements of entries do not.
    group.tick(30, [1]);
    group.deliver({ kind: 'Commit', from: 1, to: 2 });
    const echo = group.hold({ kind: 'CommitOk', from: 2, to: 1 });
    for (const { message, ...letter } of echo) {
      if (message.kind !== 'CommitOk') continue;
      const held = { opNumber: 0 as never, entryHash: '' as never };
      group.hand({ ...letter, message: { ...message, ...held } });
    }
    return group;
  }

  it('answers no read before everything acknowledged is executed', () => {
    const group = readInNewView(new HandDrivenGroup(3));
    expect(group.reads).toEqual([]);
    group.run(200, [1, 2]);
    expect(group.reads).toEqual([1]);
  });

  it('would otherwise show a state older than an acknowledged operation', () => {
    const group = readInNewView(new HandDrivenGroup(3, [noWait]));
    expect(group.reads).toEqual([0]);
  });
});

describe('D13: a primary without a quorum falls silent', () => {
  it('and asks whether it has been replaced: two that are silent, in two views, find each other', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    changeView(group, 0, [1, 2]);
    group.run(100, [1, 2]);
    group.crash(2);
    for (let passed = 0; passed < 1_500; passed += 10) group.tick(10, [0, 1]);
    group.drop();
    expect(group.view(0)).toMatchObject({ status: 'normal', viewNumber: 0, serving: false });
    expect(group.view(1)).toMatchObject({ status: 'normal', viewNumber: 1, serving: false });
    group.run(1_000, [0, 1]);
    expect(group.view(0)).toMatchObject({ status: 'normal', viewNumber: 1 });
    expect(group.view(1)).toMatchObject({ status: 'normal', viewNumber: 1, serving: true });
  });

  it('sends no heartbeat when it has heard nobody for a while, and follows a vote', () => {
    const group = new HandDrivenGroup(3);
    group.run(100, [0, 1, 2]);
    for (let step = 0; step < 150; step += 1) {
      group.tick(10, [0]);
      group.drop({ to: 0 });
    }
    group.drop();
    group.tick(50, [0]);
    expect(group.hold({ kind: 'Commit', from: 0 })).toEqual([]);
    expect(group.view(0).serving).toBe(false);
    group.run(3_000, [0, 1, 2]);
    expect(group.view(0)).toMatchObject({ status: 'normal' });
    expect(group.view(0).viewNumber).toBeGreaterThan(0);
  });
});

describe('D14: what the suffix of a view change does not carry is fetched', () => {
  it('lets a primary that lacks most of the log begin the view with all of it', () => {
    const group = new HandDrivenGroup(3);
    group.run(50, [0, 1, 2]);
    // Replica 1 misses everything; the suffix of 128 KiB does not reach back to what it holds.
    for (let at = 0; at < 1_200; at += 1) {
      group.add(0, `${'n'.repeat(50)}${at}`);
      group.settle([0, 2]);
      group.drop();
    }
    group.crash(0);
    group.seeLost(1, 0);
    group.seeLost(2, 0);
    group.settle([1, 2]);
    group.run(100, [1, 2]);
    expect(group.view(1)).toMatchObject({ status: 'normal', viewNumber: 1, serving: true });
    expect(group.valueAt(1, `${'n'.repeat(50)}0`)).toBe(1);
    expect(group.notes.some((note) => note.startsWith('1: asks replica 2 for ops'))).toBe(true);
  });
});

describe('D15: quorums are more than half', () => {
  const fPlusOne: Substitution = {
    file: 'libs/vr-core/src/state/configuration.ts',
    text: 'return Math.floor(configuration.members.length / 2) + 1;',
    by: 'return Math.floor((configuration.members.length - 1) / 2) + 1;',
  };

  function splitInHalves(group: HandDrivenGroup): HandDrivenGroup {
    group.settle([0, 1, 2, 3]);
    group.add(0, 'a');
    group.settle([0, 3]);
    group.drop();
    group.seeLost(1, 0);
    group.seeLost(2, 0);
    group.settle([1, 2]);
    return group;
  }

  it('commits nothing in either half of four', () => {
    const group = splitInHalves(new HandDrivenGroup(4));
    expect(group.acknowledged('a')).toBe(false);
    expect(group.view(1).viewNumber).toBe(0);
  });

  it('loses an acknowledged operation with f + 1 of four', () => {
    const group = splitInHalves(new HandDrivenGroup(4, [fPlusOne]));
    expect(group.acknowledged('a')).toBe(true);
    expect(group.view(1)).toMatchObject({ status: 'normal', viewNumber: 1 });
    expect(group.valueAt(1, 'a')).toBe(0);
  });
});
