import type { Substitution } from '../simulation/source-loader';
import { HandDrivenGroup, type Loss } from './hand-driven-group';

/** A replica's older lives are believed: there is no crash vector in the paper. */
const believeOlderLives: Substitution[] = [
  {
    file: 'libs/vr-core/src/replica/gate.ts',
    text: "if (!learnIncarnation(state, message, out)) return 'fenced incarnation';",
    by: 'learnIncarnation(state, message, out);',
  },
  {
    file: 'libs/vr-core/src/view-change/on-do-view-change.ts',
    text: '.filter((offer) => offer.incarnation === state.incarnations[offer.replicaNumber])',
    by: '',
  },
];

describe('VRR §4.3 recovery', () => {
  it('brings back the log of a replica that lost it, from the primary of the latest view', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.add(0, 'a');
    group.settle([0, 1, 2]);
    group.crash(2, { log: true });
    group.restart(2);
    expect(group.view(2).status).toBe('recovering');
    group.settle([0, 1, 2]);
    group.run(100, [0, 1, 2]);
    expect(group.view(2)).toMatchObject({ status: 'normal', viewNumber: 0, executedNumber: 2 });
    expect(group.valueAt(2, 'a')).toBe(1);
  });

  it('does not end before a quorum of others has answered', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.crash(2, { log: true });
    group.restart(2);
    group.settle([0, 2]);
    expect(group.view(2).status).toBe('recovering');
  });

  it('takes no part in a view change while it recovers', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.crash(2, { log: true });
    group.restart(2);
    group.drop();
    group.seeLost(1, 0);
    group.settle([1, 2]);
    expect(group.view(1).viewNumber).toBe(0);
    expect(group.letters.filter(({ from }) => from === 2)).toEqual([]);
  });

  it('ignores an answer to an earlier life (D2)', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.crash(2, { log: true });
    group.restart(2);
    group.deliver({ kind: 'Recovery', to: 0 });
    group.deliver({ kind: 'Recovery', to: 1 });
    const old = group.hold({ kind: 'RecoveryResponse' });
    expect(old).toHaveLength(2);
    group.crash(2);
    group.restart(2);
    for (const letter of old) group.hand(letter);
    expect(group.view(2).status).toBe('recovering');
    expect(group.notes).toContain('2: RecoveryResponse <- 0: another nonce');
  });

  it('starts a view change instead of answering when the primary itself has lost its log (D3)', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.add(0, 'a');
    group.settle([0, 1, 2]);
    group.run(50, [0, 1, 2]);
    group.crash(0, { log: true });
    group.restart(0);
    group.settle([0, 1, 2]);
    group.run(300, [0, 1, 2]);
    expect(group.view(1)).toMatchObject({ status: 'normal', viewNumber: 1 });
    expect(group.view(0)).toMatchObject({ status: 'normal', viewNumber: 1 });
    expect(group.valueAt(0, 'a')).toBe(1);
  });

  it('lets an old RECOVERY of the primary end no healthy view (D3)', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.crash(0, { log: true });
    group.restart(0);
    const old = group.hold({ kind: 'Recovery' });
    // View 1 begins, then view 3, whose primary is replica 0 in the very life that sent RECOVERY.
    group.run(300, [0, 1, 2]);
    group.seeLost(0, 1);
    group.seeLost(2, 1);
    group.run(300, [0, 2]);
    group.seeLost(0, 2);
    group.seeLost(1, 2);
    group.run(600, [0, 1]);
    const { viewNumber, primary } = group.view(0);
    expect(primary).toBe(0);
    for (const letter of old) group.hand(letter);
    group.run(300, [0, 1]);
    expect(group.view(1).viewNumber).toBe(viewNumber);
  });

  it('needs an answer from the primary of the latest view that it has heard of (D4)', () => {
    const group = new HandDrivenGroup(5);
    group.settle([0, 1, 2, 3, 4]);
    group.crash(4, { log: true });
    // The others move to view 1 but for replica 3, which has not heard of it.
    for (const one of [1, 2, 3]) group.seeLost(one, 0);
    group.run(200, [1, 2, 3]);
    group.restart(4);
    group.deliver({ kind: 'Recovery', from: 4, to: 2 });
    group.deliver({ kind: 'Recovery', from: 4, to: 3 });
    group.deliver({ kind: 'Recovery', from: 4, to: 0 });
    group.settle([0, 4]);
    group.settle([2, 4]);
    group.settle([3, 4]);
    expect(group.view(4).status).toBe('recovering');
    group.run(200, [1, 2, 3, 4]);
    expect(group.view(4)).toMatchObject({ status: 'normal', viewNumber: 1 });
  });

  /**
   * Replica 2 leaves for view 1, tells, crashes, and recovers into view 0, where replica 0 commits an operation with it;
   * then its old DOVIEWCHANGE arrives.
   */
  function forgottenPromise(group: HandDrivenGroup, loss: Loss): HandDrivenGroup {
    group.settle([0, 1, 2]);
    group.seeLost(1, 0);
    group.seeLost(2, 0);
    group.deliver({ kind: 'StartViewChange', from: 1, to: 2 });
    const old = group.hold({ kind: 'DoViewChange', from: 2, to: 1 });
    expect(old).toHaveLength(1);
    group.drop();
    group.crash(2, loss);
    group.restart(2);
    group.settle([0, 2]);
    group.deliver({ kind: 'Recovery', from: 2, to: 1 });
    group.deliver({ kind: 'RecoveryResponse', from: 1, to: 2 });
    group.settle([0, 2]);
    group.drop({ kind: 'DoViewChange' });
    group.add(0, 'a');
    group.settle([0, 2]);
    group.drop();
    for (const letter of old) group.hand(letter);
    group.run(100, [1]);
    return group;
  }

  it('never works below a view that it promised before the crash (D1)', () => {
    const group = forgottenPromise(new HandDrivenGroup(3, believeOlderLives), { log: true });
    expect(group.acknowledged('a')).toBe(false);
    expect(group.view(2).viewNumber).toBe(1);
  });

  it('loses an acknowledged operation when nothing is on disk, as in the paper (D1)', () => {
    const loss = { log: true, promise: true };
    const group = forgottenPromise(new HandDrivenGroup(3, believeOlderLives), loss);
    expect(group.acknowledged('a')).toBe(true);
    expect(group.view(1)).toMatchObject({ status: 'normal', viewNumber: 1 });
    expect(group.valueAt(1, 'a')).toBe(0);
    expect(group.view(1).opNumber).toBeLessThan(3);
  });

  /** Replica 1 acknowledges an operation, crashes, and is given the answers to its recovery before that one. */
  function repeatedAnswers(group: HandDrivenGroup, sameNonce: boolean): HandDrivenGroup {
    group.settle([0, 1, 2]);
    group.crash(1, { log: true });
    group.restart(1);
    group.deliver({ kind: 'Recovery', from: 1, to: 0 });
    group.deliver({ kind: 'Recovery', from: 1, to: 2 });
    const answers = group.hold({ kind: 'RecoveryResponse', to: 1 });
    for (const letter of answers) group.hand(letter);
    group.settle([0, 1]);
    group.add(0, 'a');
    group.deliver({ kind: 'Prepare', from: 0, to: 1 });
    const acknowledgement = group.hold({ kind: 'PrepareOk', from: 1, to: 0 });
    group.crash(1, { log: true, sameNonce });
    group.restart(1);
    for (const letter of answers) group.hand(letter);
    group.settle([0, 1]);
    for (const letter of acknowledgement) group.hand(letter);
    group.drop();
    return group;
  }

  it('takes only answers to its own nonce, and acknowledges nothing through an older life (D2)', () => {
    const group = repeatedAnswers(new HandDrivenGroup(3), false);
    expect(group.acknowledged('a')).toBe(false);
    expect(group.view(1).status).toBe('recovering');
  });

  it('loses an acknowledged operation when a nonce is used twice (D2)', () => {
    const group = repeatedAnswers(new HandDrivenGroup(3, believeOlderLives), true);
    expect(group.acknowledged('a')).toBe(true);
    group.seeLost(1, 0);
    group.seeLost(2, 0);
    group.settle([1, 2]);
    expect(group.view(1)).toMatchObject({ status: 'normal', viewNumber: 1 });
    expect(group.valueAt(1, 'a')).toBe(0);
  });
});

describe('restart with a whole disk', () => {
  it('is no recovery: a group that stopped as a whole goes on with everything (D1)', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.add(0, 'a');
    group.settle([0, 1, 2]);
    for (const number of [0, 1, 2]) group.crash(number);
    group.drop();
    for (const number of [0, 1, 2]) group.restart(number);
    group.run(300, [0, 1, 2]);
    expect(group.view(1)).toMatchObject({ status: 'normal', viewNumber: 1, serving: true });
    for (const number of [0, 1, 2]) expect(group.valueAt(number, 'a')).toBe(1);
  });

  it('makes the primary leave its view: it may have sent what its disk has not kept (D11)', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.holdDisk(0);
    group.add(0, 'a');
    group.deliver({ kind: 'Prepare', from: 0, to: 1 });
    group.crash(0);
    group.restart(0);
    expect(group.view(0)).toMatchObject({ status: 'view-change', viewNumber: 1 });
    group.drop();
    group.run(400, [0, 1, 2]);
    for (const number of [0, 1, 2]) expect(group.valueAt(number, 'a')).toBe(1);
  });

  it('goes on as primary, alone, in the next view (D11)', () => {
    const group = new HandDrivenGroup(1);
    group.add(0, 'a');
    expect(group.acknowledged('a')).toBe(true);
    group.crash(0);
    group.restart(0);
    expect(group.view(0)).toMatchObject({ status: 'normal', viewNumber: 1, serving: true });
    expect(group.valueAt(0, 'a')).toBe(1);
  });

  it('says again what it said, when it had left for a view that has not begun (VRR §4.2)', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.add(0, 'a');
    group.settle([0, 1, 2]);
    group.seeLost(1, 0);
    group.seeLost(2, 0);
    group.deliver({ kind: 'StartViewChange', from: 1, to: 2 });
    const [before] = group.hold({ kind: 'DoViewChange', from: 2, to: 1 });
    group.crash(2);
    group.restart(2);
    const [after] = group.hold({ kind: 'DoViewChange', from: 2, to: 1 });
    expect({ ...after?.message, incarnation: 1, incarnations: [] }).toEqual({
      ...before?.message,
      incarnations: [],
    });
  });
});
