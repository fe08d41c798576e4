import type { Substitution } from '../simulation/source-loader';
import type { HandDrivenGroup } from './hand-driven-group';
import { answerOf, groupOf, reconfigure, standings, times, upTo } from './reconfigurations';

const OLD = [0, 1, 2];
const CORE = 'libs/vr-core/src';

describe('D15 (E27): quorums of even groups', () => {
  const faultsAndOne: Substitution = {
    file: `${CORE}/state/configuration.ts`,
    text: 'return Math.floor(configuration.members.length / 2) + 1;',
    by: 'return Math.floor((configuration.members.length - 1) / 2) + 1;',
  };

  /** Four members in two halves; `b` at the half of the primary. */
  function halves(substitutions: readonly Substitution[] = []): HandDrivenGroup {
    const group = groupOf(3, 1, substitutions);
    reconfigure(group, 0, upTo(4));
    group.run(300, upTo(4));
    group.add(0, 'b');
    group.settle([0, 1]);
    group.crash(0);
    group.crash(1);
    group.drop();
    for (const number of [2, 3]) group.seeLost(number, 0);
    for (const number of [2, 3]) group.seeLost(number, 1);
    for (let round = 0; round < 50; round += 1) group.run(100, [2, 3]);
    return group;
  }

  it('never lets two halves go on apart', () => {
    const group = halves();
    expect(group.acknowledged('b')).toBe(false);
    expect(standings(group, [2]).concat(standings(group, [3]))).not.toContain('1.2 normal');
  });

  it('loses what was acknowledged with quorums of f + 1', () => {
    const group = halves([faultsAndOne]);
    expect(group.acknowledged('b')).toBe(true);
    expect(standings(group, [2])[0]).toMatch('normal');
    expect(group.valueAt(2, 'b')).toBe(0);
  });
});

/** 3 and 4 are to join 0; they lack `b` and the end of the epoch, and reach nobody but each other. */
function newMembersAlone(substitutions: readonly Substitution[] = []): HandDrivenGroup {
  const group = groupOf(3, 2, substitutions);
  group.add(0, 'b');
  group.settle(OLD);
  reconfigure(group, 0, [0, 3, 4]);
  group.settle(OLD);
  group.settleOnly(upTo(5), ['StartEpoch']);
  group.drop();
  group.run(100, [3, 4]);
  for (const number of [3, 4]) group.seeLost(number, 0);
  for (let round = 0; round < 30; round += 1) group.run(100, [3, 4]);
  return group;
}

describe('D30 (E29): between two epochs', () => {
  const votesAtOnce: Substitution = {
    file: `${CORE}/reconfiguration/enter-epoch.ts`,
    text: "return isRecovering ? 'recovering' : 'transitioning';",
    by: "return isRecovering ? 'recovering' : 'view-change';",
  };

  it('has no vote before it holds everything', () => {
    const group = newMembersAlone();
    expect(standings(group, [3, 4])).toEqual(times(2, '1.0 transitioning'));
    group.run(1_000, [1, 3, 4]);
    expect(standings(group, [3, 4])).toEqual(times(2, '1.1 normal'));
    expect([3, 4].map((number) => group.valueAt(number, 'b'))).toEqual([1, 1]);
  });

  it('loses what the old epoch committed when it votes at once', () => {
    const group = newMembersAlone([votesAtOnce]);
    expect(group.acknowledged('b')).toBe(true);
    expect(standings(group, [3, 4]).join(' ')).toMatch('normal');
    expect([3, 4].map((number) => group.valueAt(number, 'b'))).toEqual([0, 0]);
  });

  it('remembers a later view and goes there when it may', () => {
    const group = groupOf(3, 3);
    reconfigure(group, 0, [3, 4, 5]);
    group.settle(OLD);
    group.run(100, [...OLD, 4, 5]);
    group.hold({ to: 3 });
    for (const number of [4, 5]) group.seeLost(number, 3);
    group.run(1_000, [4, 5]);
    expect(standings(group, [4, 5])).toEqual(times(2, '1.1 normal'));
    group.run(500, upTo(6));
    expect(standings(group, [3])).toEqual(['1.1 normal']);
  });

  it('goes on with its way after a restart', () => {
    const group = newMembersAlone();
    group.crash(3);
    group.restart(3);
    expect(standings(group, [3])).toEqual(['1.0 transitioning']);
    group.run(1_500, upTo(5));
    expect(standings(group, [0, 3, 4]).join(' ')).toMatch(/(1\.\d normal ?){3}/);
    expect(group.valueAt(3, 'b')).toBe(1);
  });
});

describe('D31 (E30): a witness holds no state', () => {
  const countsAll: Substitution = {
    file: `${CORE}/reconfiguration/started.ts`,
    text: 'return !isWitnessHere(state) && stateWhole && execution.executed >= epoch.startOp;',
    by: 'return isWitnessHere(state) || (stateWhole && execution.executed >= epoch.startOp);',
  };

  /** Actives 3 and 4 and witness 5 are to take over; 4 is out of reach, then 3 dies, and old members that have retired stop. */
  function activeDies(substitutions: readonly Substitution[] = []): HandDrivenGroup {
    const group = groupOf(3, 3, substitutions);
    group.add(0, 'b');
    group.settle(OLD);
    reconfigure(group, 0, [3, 4, 5], { witnesses: [5] });
    group.settle(OLD);
    group.run(500, [0, 1, 2, 3, 5]);
    expect(standings(group, [3, 5])).toEqual(times(2, '1.0 normal'));
    for (const old of OLD) if (group.view(old).status === 'retired') group.crash(old);
    group.crash(3);
    group.drop();
    group.seeLost(4, 3);
    group.seeLost(5, 3);
    for (let round = 0; round < 40; round += 1) group.run(100, [0, 1, 2, 4, 5]);
    return group;
  }

  it('keeps the old group until so many hold the state that one survives', () => {
    const group = activeDies();
    expect(group.valueAt(4, 'b')).toBe(1);
    group.add(4, 'c');
    group.run(500, [0, 1, 2, 4, 5]);
    expect(group.acknowledged('c')).toBe(true);
  });

  it('loses the service with one failure when witnesses are counted', () => {
    const group = activeDies([countsAll]);
    expect(standings(group, [4])[0]).toMatch('transitioning');
    expect(group.valueAt(4, 'b')).toBe(0);
  });

  it('tells where the group is after a restart, epochs after it was a member', () => {
    const group = groupOf(3, 2, [], { witnesses: 1 });
    const old = [0, 1, 2];
    group.run(2_000, old);
    group.add(0, 'b');
    group.run(500, old);
    expect(group.view(2).baseNumber).toBeGreaterThan(0);
    reconfigure(group, 0, [0, 1, 3], { witnesses: [3] });
    group.run(500, upTo(5));
    reconfigure(group, 0, [0, 1, 4], { name: 'next', witnesses: [4] });
    group.run(500, upTo(5));
    group.crash(2);
    group.restart(2);
    group.run(500, upTo(5));
    expect(standings(group, [0, 1, 2, 4])).toEqual([
      ...times(2, '2.0 normal'),
      '2.0 retired',
      '2.0 normal',
    ]);
    for (const life of [1, 2]) {
      group.crash(2);
      group.restart(2);
      expect([life, ...standings(group, [2])]).toEqual([life, '2.0 retired']);
    }
  });
});

describe('D32 (E31): a group that could not begin', () => {
  const acceptsAnything: Substitution = {
    file: `${CORE}/reconfiguration/reconfigure.ts`,
    text: 'if (obstacles.length === 0) return propose(',
    by: 'if (obstacles.length < 9) return propose(',
  };

  /** Of five, the three that are to stay are dead but one. */
  function towardsTheDead(substitutions: readonly Substitution[] = []): HandDrivenGroup {
    const group = groupOf(5, 0, substitutions);
    group.crash(3);
    group.crash(4);
    group.drop();
    group.run(1_200, OLD);
    reconfigure(group, 0, [0, 3, 4]);
    group.run(500, OLD);
    group.add(0, 'b');
    group.run(1_000, OLD);
    return group;
  }

  it('is not begun', () => {
    const group = towardsTheDead();
    expect(answerOf(group)).toBeUndefined();
    expect(group.acknowledged('b')).toBe(true);
    group.restart(3);
    group.run(500, [0, 1, 2, 3]);
    expect(answerOf(group)).toBe('accepted');
    expect(standings(group, [0, 3])).toEqual(times(2, '1.0 normal'));
  });

  it('is not begun either when its members have just fallen silent', () => {
    const group = groupOf(5, 0);
    group.crash(3);
    group.crash(4);
    group.drop();
    group.run(300, OLD);
    reconfigure(group, 0, [0, 3, 4]);
    group.run(500, OLD);
    expect(answerOf(group)).toBeUndefined();
    expect(standings(group, OLD)).toEqual(times(3, '0.0 normal'));
  });

  it('stops the service for good when it is', () => {
    const group = towardsTheDead([acceptsAnything]);
    expect(answerOf(group)).toBe('accepted');
    expect(group.acknowledged('b')).toBe(false);
  });

  it('waits until the last change is finished, so that hearing of the next proves that (D31)', () => {
    const group = groupOf(3, 4);
    reconfigure(group, 0, [0, 3, 4], { name: 'first' });
    group.run(200, [0, 1, 2]);
    reconfigure(group, 0, [0, 1, 2], { name: 'back', epoch: 1 });
    expect(answerOf(group, 'back')).toBe('used-number');
    group.run(200, [0, 1, 2, 5, 6]);
    reconfigure(group, 0, [0, 5, 6], { name: 'second' });
    group.run(300, [0, 1, 2, 5, 6]);
    expect(answerOf(group, 'second')).toBeUndefined();
    group.run(500, upTo(7));
    expect(answerOf(group, 'second')).toBe('accepted');
    expect(standings(group, [0, 5, 6])).toEqual(times(3, '2.0 normal'));
  });
});

describe('D29 (E32): a change of view at the end of an epoch', () => {
  const ownEntryAlways: readonly Substitution[] = [
    {
      file: `${CORE}/view-change/begin-view.ts`,
      text: 'const isLast = epochEndsHere(state);',
      by: 'const isLast = false;',
    },
    {
      file: `${CORE}/state/log.ts`,
      text: 'head?.endsEpoch !== true || entry.epochNumber > head.epochNumber,',
      by: 'true || head === undefined,',
    },
  ];

  /** Replica 0 has committed the change with 1 and works in epoch 1; 1 and 2 do not know, and hear only each other. */
  function leftBehind(substitutions: readonly Substitution[] = []): HandDrivenGroup {
    const group = groupOf(3, 2, substitutions);
    reconfigure(group, 0, [0, 3, 4]);
    group.deliver({ kind: 'Prepare', from: 0, to: 1 });
    group.deliver({ kind: 'PrepareOk', from: 1, to: 0 });
    group.drop({ to: 1 });
    group.drop({ to: 2 });
    group.run(300, [0, 3, 4]);
    expect(standings(group, [0, 3, 4])).toEqual(times(3, '1.0 normal'));
    group.drop();
    group.seeLost(1, 0);
    group.seeLost(2, 0);
    group.run(1_000, [1, 2]);
    group.add(1, 'x');
    group.add(3, 'y');
    for (let round = 0; round < 10; round += 1) {
      group.run(100, [1, 2]);
      group.run(100, [0, 3, 4]);
    }
    return group;
  }

  it('commits the last entry again, and nothing after it (E32 a)', () => {
    const group = leftBehind();
    expect(group.acknowledged('y')).toBe(true);
    expect(answerOf(group, 'x')).toBe('moved');
    expect(standings(group, [1])).toEqual(['1.0 transitioning']);
    const { opNumber, epoch } = group.view(1);
    expect(opNumber).toBe(epoch.startOp);
  });

  it('has two groups at once when a new view appends an entry of its own', () => {
    const group = leftBehind(ownEntryAlways);
    expect(group.acknowledged('x')).toBe(true);
    expect(group.acknowledged('y')).toBe(true);
    expect(group.valueAt(3, 'x')).toBe(0);
    expect(group.valueAt(1, 'y')).toBe(0);
  });

  it('forgets a reconfiguration that only its primary had, and takes it anew', () => {
    const group = groupOf(3, 1);
    reconfigure(group, 0, upTo(4));
    group.crash(0);
    group.drop();
    group.seeLost(1, 0);
    group.seeLost(2, 0);
    group.run(500, [1, 2, 3]);
    expect(standings(group, [1, 2])).toEqual(times(2, '0.1 normal'));
    reconfigure(group, 1, [1, 2, 3], { name: 'other' });
    group.run(300, [1, 2, 3]);
    group.restart(0);
    group.run(1_000, upTo(4));
    expect(standings(group, upTo(4))).toEqual(['1.0 retired', ...times(3, '1.0 normal')]);
  });

  it('leaves no lease behind (R9)', () => {
    const group = groupOf(3, 2, [], { limits: { leaseMs: 80 } });
    group.run(400, upTo(5));
    group.read(0, 'a', 'lease');
    expect(group.served.at(-1)).toBe('lease');
    reconfigure(group, 0, [0, 3, 4]);
    group.settle(OLD);
    expect(standings(group, [0])).toEqual(['1.0 normal']);
    group.read(0, 'a', 'lease');
    expect(group.served.at(-1)).toBe('no-lease');
  });
});

describe('D34 (E33): a number belongs to one node for ever', () => {
  it('is never given again, also when its node has left', () => {
    const group = groupOf(4, 1);
    reconfigure(group, 0, [0, 1, 2]);
    group.run(300, upTo(5));
    reconfigure(group, 0, [0, 1, 2, 3], { name: 'again' });
    expect(answerOf(group, 'again')).toBe('used-number');
    reconfigure(group, 0, [0, 1, 2, 3], {
      name: 'another',
      changed: { 3: { nodeId: 'node-9' } },
    });
    expect(answerOf(group, 'another')).toBe('used-number');
    expect(group.view(0).epoch.configuration.nextReplicaNumber).toBe(4);
    reconfigure(group, 0, [0, 1, 2, 4], { name: 'new' });
    group.run(300, upTo(5));
    expect(group.view(0).epoch.configuration.nextReplicaNumber).toBe(5);
  });
});

describe('D35 (E35): a replica that has lost its log while the group changes', () => {
  it('retires when it is not a member: it has nothing that anybody needs', () => {
    const group = groupOf(3, 2);
    group.crash(2, { log: true });
    group.drop();
    reconfigure(group, 0, [0, 3, 4]);
    group.run(300, [0, 1, 3, 4]);
    group.restart(2);
    group.run(300, upTo(5));
    expect(standings(group, [2])).toEqual(['1.0 retired']);
  });

  it('is brought back by the new group when it is one', () => {
    const group = groupOf(3, 2);
    group.crash(2, { log: true });
    group.drop();
    reconfigure(group, 0, [0, 2, 3]);
    group.run(300, [0, 1, 3, 4]);
    group.add(0, 'b');
    group.run(100, [0, 1, 3, 4]);
    expect(group.acknowledged('b')).toBe(true);
    group.restart(2);
    group.run(1_000, upTo(5));
    expect(standings(group, [2])).toEqual(['1.0 normal']);
    expect(group.valueAt(2, 'b')).toBe(1);
  });

  it('goes on recovering in the epoch it is told of in the middle', () => {
    const group = groupOf(3, 2);
    group.crash(2, { log: true });
    group.drop();
    group.restart(2);
    group.drop({ from: 2 });
    reconfigure(group, 0, [0, 2, 3]);
    group.run(300, [0, 1, 3, 4]);
    expect(standings(group, [2])).toEqual(['0.0 recovering']);
    group.run(1_000, upTo(5));
    expect(standings(group, [2])).toEqual(['1.0 normal']);
  });
});
