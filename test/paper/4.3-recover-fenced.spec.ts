import type { Substitution } from '../simulation/source-loader';
import { HandDrivenGroup, type Loss } from './hand-driven-group';

/** The whole disk: log, promise and the vector of incarnations. */
const EVERYTHING: Loss = { log: true, promise: true };

const RECOVERY = 'libs/vr-core/src/recovery';

/** Recovery as §4.3 has it: an older life is believed. */
const unfenced: Substitution[] = [
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

/** A responder that answers before its own disk knows of the new life. */
const answersAtOnce: Substitution[] = [
  {
    file: `${RECOVERY}/on-recovery.ts`,
    text: 'if (isFenced(state, message)) return answer(state, message, out);',
    by: 'answer(state, message, out);',
  },
];

/** Answers of lives that have ended count like any other. */
const anyAnswers: Substitution[] = [
  {
    file: `${RECOVERY}/recovery.ts`,
    text: '.filter((response) => response.incarnation === state.incarnations[response.replicaNumber])',
    by: '',
  },
];

describe('the return of a replica that lost its whole disk (D1, D27)', () => {
  it('brings everything back, with an incarnation that the others have on their disks first', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.add(0, 'a');
    group.settle([0, 1, 2]);
    group.crash(2, EVERYTHING);
    group.restart(2);
    group.holdDisk(0);
    group.holdDisk(1);
    group.deliver({ kind: 'Recovery', to: 0 });
    group.deliver({ kind: 'Recovery', to: 1 });
    expect(group.hold({ kind: 'RecoveryResponse' })).toEqual([]);
    group.releaseDisk(0);
    group.releaseDisk(1);
    group.settle([0, 1, 2]);
    expect(group.view(2)).toMatchObject({ status: 'normal', viewNumber: 0 });
    group.run(50, [0, 1, 2]);
    expect(group.valueAt(2, 'a')).toBe(1);
  });

  it('answers once for each question, however often it is asked while the disk is busy', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.crash(2, EVERYTHING);
    group.restart(2);
    group.holdDisk(1);
    const [question] = group.hold({ kind: 'Recovery', to: 1 });
    const before = group.storesOf(1);
    for (let time = 0; time < 3; time += 1) if (question) group.hand(question);
    group.releaseDisk(1);
    expect(group.storesOf(1)).toBe(before + 1);
    expect(group.hold({ kind: 'RecoveryResponse', from: 1 })).toHaveLength(1);
  });

  /**
   * Replica 2 leaves for view 1, tells, loses everything, and comes back into view 0, where replica 0 commits an operation
   * with it; then its old DOVIEWCHANGE arrives. `forget` is done to replica 1 after it has answered.
   */
  function forgottenPromise(
    substitutions: Substitution[],
    forget: (group: HandDrivenGroup) => void = () => undefined,
  ): HandDrivenGroup {
    const group = new HandDrivenGroup(3, substitutions);
    group.settle([0, 1, 2]);
    group.seeLost(1, 0);
    group.seeLost(2, 0);
    group.deliver({ kind: 'StartViewChange', from: 1, to: 2 });
    const old = group.hold({ kind: 'DoViewChange', from: 2, to: 1 });
    expect(old).toHaveLength(1);
    group.drop();
    group.crash(2, EVERYTHING);
    group.restart(2);
    group.deliver({ kind: 'Recovery', from: 2, to: 0 });
    group.deliver({ kind: 'RecoveryResponse', from: 0, to: 2 });
    group.holdDisk(1);
    group.deliver({ kind: 'Recovery', from: 2, to: 1 });
    forget(group);
    group.releaseDisk(1);
    group.settleOnly([1, 2], ['RecoveryResponse']);
    group.settleOnly([0, 2], ['GetLog', 'LogSegment']);
    group.drop();
    group.add(0, 'a');
    group.settle([0, 2]);
    group.drop();
    for (const letter of old) group.hand(letter);
    group.run(300, [1]);
    return group;
  }

  function expectLost(group: HandDrivenGroup): void {
    expect(group.acknowledged('a')).toBe(true);
    expect(group.view(1)).toMatchObject({ status: 'normal', viewNumber: 1 });
    expect(group.valueAt(1, 'a')).toBe(0);
    expect(group.view(1).opNumber).toBeLessThan(3);
  }

  it('makes what the earlier life promised count for nothing (E1)', () => {
    const group = forgottenPromise([]);
    expect(group.acknowledged('a')).toBe(true);
    expect(group.view(1).status).toBe('normal');
    expect(group.view(1).viewNumber).toBe(0);
    group.run(400, [0, 1, 2]);
    for (const number of [0, 1, 2]) expect(group.valueAt(number, 'a')).toBe(1);
  });

  it('loses an acknowledged operation when older lives are believed, as in the paper (E1)', () => {
    expectLost(forgottenPromise(unfenced));
  });

  /** Replica 1 loses power before its disk has taken the fence. */
  function powerCut(group: HandDrivenGroup): void {
    group.crash(1);
    group.restart(1);
  }

  it('does not end by an answer that its sender may forget', () => {
    const group = forgottenPromise([], powerCut);
    expect(group.acknowledged('a')).toBe(false);
    expect(group.view(2).status).toBe('recovering');
  });

  it('loses an acknowledged operation when the fence is not on the disk of who answers', () => {
    expectLost(forgottenPromise(answersAtOnce, powerCut));
  });

  /**
   * Five replicas. 4 leaves for view 1 and loses everything. 3 answers it, and then loses everything too; it comes back by
   * 0, 1 and 2, which have not heard of 4's new life yet, so nobody of 1 and 3 knows of it any more. Then 0 and 2 answer 4.
   */
  function forgottenFence(substitutions: Substitution[]): HandDrivenGroup {
    const group = new HandDrivenGroup(5, substitutions);
    const all = [0, 1, 2, 3, 4];
    group.settle(all);
    for (const number of [1, 2, 4]) group.seeLost(number, 0);
    group.deliver({ kind: 'StartViewChange', from: 1, to: 4 });
    group.deliver({ kind: 'StartViewChange', from: 2, to: 4 });
    const old = group.hold({ kind: 'DoViewChange', from: 4, to: 1 });
    expect(old).toHaveLength(1);
    group.drop();
    for (const number of [1, 2]) group.seeFound(number, 0);
    group.tick(20, [0]);
    group.settleOnly([0, 1, 2, 3], ['Commit', 'CommitOk']);
    group.drop();
    group.crash(4, EVERYTHING);
    group.restart(4);
    group.deliver({ kind: 'Recovery', from: 4, to: 3 });
    const early = group.hold({ kind: 'RecoveryResponse', from: 3, to: 4 });
    const questions = group.hold({ kind: 'Recovery', from: 4 });
    group.crash(3, EVERYTHING);
    group.restart(3);
    group.settleOnly(
      [0, 1, 2, 3],
      ['Recovery', 'RecoveryResponse', 'GetLog', 'LogSegment', 'PrepareOk'],
    );
    expect(group.view(3).status).toBe('normal');
    for (const letter of [...early, ...questions.filter(({ to }) => to === 0 || to === 2)]) {
      group.hand(letter);
    }
    group.settleOnly([0, 2, 4], ['RecoveryResponse', 'GetLog', 'LogSegment', 'PrepareOk']);
    group.add(0, 'a');
    group.settleOnly([0, 2, 4], ['Prepare', 'PrepareOk']);
    group.drop();
    // Then 1 and 3 leave for view 1, with the DOVIEWCHANGE that 4 has forgotten.
    for (const letter of old) group.hand(letter);
    group.settleOnly([1, 3], ['DoViewChange']);
    group.run(200, [1, 3]);
    return group;
  }

  it('needs answers of which none is of a life that another knows to be over', () => {
    const group = forgottenFence([]);
    expect(group.view(4).status).toBe('recovering');
    group.run(600, [0, 1, 2, 3, 4]);
    expect(group.acknowledged('a')).toBe(true);
    for (const number of [0, 1, 2, 3, 4]) {
      expect(group.view(number).status).toBe('normal');
      expect(group.valueAt(number, 'a')).toBe(1);
    }
  });

  it('loses an acknowledged operation when answers of ended lives count', () => {
    const group = forgottenFence(anyAnswers);
    expect(group.acknowledged('a')).toBe(true);
    expect(group.view(1)).toMatchObject({ status: 'normal', viewNumber: 1 });
    expect(group.valueAt(1, 'a')).toBe(0);
  });

  it('ends when those that answered have restarted in between, with their new answers', () => {
    const group = new HandDrivenGroup(5);
    const all = [0, 1, 2, 3, 4];
    group.settle(all);
    group.add(0, 'a');
    group.settle(all);
    group.crash(4, EVERYTHING);
    group.restart(4);
    group.deliver({ kind: 'Recovery', from: 4, to: 1 });
    group.deliver({ kind: 'RecoveryResponse', from: 1, to: 4 });
    group.crash(1);
    group.restart(1);
    group.deliver({ kind: 'Recovery', from: 4, to: 2 });
    group.deliver({ kind: 'RecoveryResponse', from: 2, to: 4 });
    group.crash(2);
    group.restart(2);
    group.drop();
    group.run(400, all);
    expect(group.view(4).status).toBe('normal');
    expect(group.valueAt(4, 'a')).toBe(1);
  });

  it('goes through every replica of a group, one after the other', () => {
    const group = new HandDrivenGroup(3);
    const all = [0, 1, 2];
    group.settle(all);
    for (const round of [0, 1]) {
      for (const number of all) {
        const name = `${round}/${number}`;
        group.add((number + 1) % 3, name);
        group.run(700, all);
        expect(group.acknowledged(name)).toBe(true);
        group.crash(number, EVERYTHING);
        group.restart(number);
        group.run(2_000, all);
        expect(group.view(number).status).toBe('normal');
        for (const each of all) expect(group.valueAt(each, name)).toBe(1);
      }
    }
  });

  it('goes on beside a replica that has only lost its log, as after a crash in mode `replicated`', () => {
    const group = new HandDrivenGroup(5);
    const all = [0, 1, 2, 3, 4];
    group.settle(all);
    group.add(0, 'a');
    group.settle(all);
    group.crash(3, { log: true });
    group.crash(4, EVERYTHING);
    group.restart(3);
    group.restart(4);
    group.run(300, all);
    for (const number of all) {
      expect(group.view(number).status).toBe('normal');
      expect(group.valueAt(number, 'a')).toBe(1);
    }
  });

  it('brings back the primary too: the others begin the next view (D3)', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.add(0, 'a');
    group.settle([0, 1, 2]);
    group.crash(0, EVERYTHING);
    group.restart(0);
    group.run(400, [0, 1, 2]);
    for (const number of [0, 1, 2]) {
      expect(group.view(number)).toMatchObject({ status: 'normal', viewNumber: 1 });
      expect(group.valueAt(number, 'a')).toBe(1);
    }
  });

  it('does not end when more than f have lost everything: nobody makes up a group (E41)', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.crash(1, EVERYTHING);
    group.crash(2, EVERYTHING);
    group.restart(1);
    group.restart(2);
    group.run(3_000, [0, 1, 2]);
    expect(group.view(1).status).toBe('recovering');
    expect(group.view(2).status).toBe('recovering');
  });

  it('stops when the group knows a later life than this one', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.crash(2, { ...EVERYTHING, incarnation: 1_000 });
    group.restart(2);
    group.run(200, [0, 1, 2]);
    expect(group.view(2).incarnation).toBe(1_001);
    // The clock was set back before the disk was lost again.
    group.crash(2, { ...EVERYTHING, incarnation: 500 });
    group.restart(2);
    group.settle([0, 1, 2]);
    const halts = group.notes.filter((note) => note.startsWith('2: halt'));
    expect(halts).toHaveLength(1);
    expect(halts[0]).toContain('the group knows incarnation 1001 of this replica, this one is 501');
    expect(() => group.view(2)).toThrow('is down');
  });

  it('does not stop for a late RECOVERY of its own earlier life', () => {
    const group = new HandDrivenGroup(3);
    group.settle([0, 1, 2]);
    group.crash(2, EVERYTHING);
    group.restart(2);
    const old = group.hold({ kind: 'Recovery', from: 2 });
    group.crash(2, EVERYTHING);
    group.restart(2);
    group.run(200, [0, 1, 2]);
    for (const letter of old) group.hand(letter);
    group.settle([0, 1, 2]);
    expect(group.view(2)).toMatchObject({ status: 'normal', incarnation: 3 });
  });
});
