import { HandDrivenGroup } from './hand-driven-group';
import type { Substitution } from '../simulation/source-loader';
import { answerOf, groupOf, reconfigure, standings, times, upTo } from './reconfigurations';

const OLD = [0, 1, 2];
const RECONFIGURATION = 'libs/vr-core/src/reconfiguration';

describe('VRR §7.1: a change of the group', () => {
  it('begins a new epoch, with a member more', () => {
    const group = groupOf(3, 1);
    reconfigure(group, 0, [0, 1, 2, 3]);
    group.run(300, upTo(4));
    expect(answerOf(group)).toBe('accepted');
    expect(standings(group, upTo(4))).toEqual(times(4, '1.0 normal'));
    group.add(3, 'b');
    group.run(50, upTo(4));
    expect(group.acknowledged('b')).toBe(true);
    expect(upTo(4).map((number) => group.valueAt(number, 'b'))).toEqual([1, 1, 1, 1]);
  });

  it('ends with a member less, which retires', () => {
    const group = groupOf(4, 0);
    reconfigure(group, 2, [1, 2, 3]);
    group.run(300, upTo(4));
    expect(answerOf(group)).toBe('accepted');
    expect(standings(group, upTo(4))).toEqual(['1.0 retired', ...times(3, '1.0 normal')]);
  });

  it('may replace every member at once', () => {
    const group = groupOf(3, 3);
    reconfigure(group, 1, [3, 4, 5]);
    group.run(300, upTo(6));
    expect(standings(group, OLD)).toEqual(times(3, '1.0 retired'));
    for (const number of OLD) group.crash(number);
    group.add(4, 'b');
    group.run(50, [3, 4, 5]);
    expect(group.acknowledged('b')).toBe(true);
    expect([3, 4, 5].map((number) => group.valueAt(number, 'a'))).toEqual([1, 1, 1]);
  });

  it('may be followed by another, and another', () => {
    const group = groupOf(3, 3);
    reconfigure(group, 0, [0, 1, 3], { name: 'first' });
    group.run(300, upTo(6));
    reconfigure(group, 0, [0, 3, 4], { name: 'second' });
    group.run(300, upTo(6));
    reconfigure(group, 4, [3, 4, 5], { name: 'third' });
    group.run(300, upTo(6));
    expect(standings(group, [3, 4, 5])).toEqual(times(3, '3.0 normal'));
    expect(standings(group, [0])).toEqual(['3.0 retired']);
    group.add(5, 'b');
    group.run(50, [3, 4, 5]);
    expect(group.acknowledged('b')).toBe(true);
  });
});

describe('VRR §7.1: a reconfiguration request (§1.8, R1)', () => {
  it.each([
    ['another-epoch', [0, 1, 2, 3], { epoch: 7 }],
    ['group-size', [0, 1], {}],
    ['group-size', [0], {}],
    ['witness-count', [0, 1, 2, 3], { witnesses: [3] }],
    ['repeated-node', [0, 1, 2, 3], { changed: { 3: { peerUrl: 'x' }, 2: { peerUrl: 'x' } } }],
    ['changed-number', [0, 1, 3], { changed: { 3: { nodeId: 'node-2' } } }],
    ['changed-number', [0, 1, 2], { changed: { 2: { nodeId: 'another' } } }],
  ])('is refused and not logged: %s', (objection, numbers, how) => {
    const group = groupOf(3, 1);
    const { opNumber } = group.view(0);
    reconfigure(group, 0, numbers, how);
    expect(answerOf(group)).toBe(objection);
    expect(group.view(0)).toMatchObject({ opNumber, epochNumber: 0 });
  });

  it('is refused while another one waits', () => {
    const group = groupOf(3, 0);
    reconfigure(group, 0, [0, 1, 2, 3]);
    reconfigure(group, 0, [0, 1, 2, 4], { name: 'other' });
    expect(answerOf(group)).toBeUndefined();
    expect(answerOf(group, 'other')).toBe('under-way');
  });

  it('is answered again, and not done again, when it is repeated', () => {
    const group = groupOf(3, 1);
    reconfigure(group, 0, [0, 1, 2, 3]);
    group.run(300, upTo(4));
    group.answers.clear();
    reconfigure(group, 3, [0, 1, 2, 3], { epoch: 0 });
    group.run(50, upTo(4));
    expect(answerOf(group)).toBe('accepted');
    expect(group.view(0).epochNumber).toBe(1);
  });

  it('ends its epoch: what comes after it waits for the next one', () => {
    const group = groupOf(3, 1);
    reconfigure(group, 0, [0, 1, 2, 3]);
    const { opNumber } = group.view(0);
    group.add(0, 'b');
    group.add(1, 'c');
    expect(group.view(0)).toMatchObject({ opNumber, epochNumber: 0 });
    group.run(300, upTo(4));
    expect(group.view(0).epoch).toMatchObject({ startOp: opNumber });
    expect([group.acknowledged('b'), group.acknowledged('c')]).toEqual([true, true]);
    expect(upTo(4).map((number) => group.valueAt(number, 'c'))).toEqual([1, 1, 1, 1]);
  });

  it('puts the primary that stays first, and who is silent last', () => {
    const group = groupOf(3, 2);
    group.crash(1);
    group.drop();
    group.run(1_100, [0, 2, 3, 4]);
    reconfigure(group, 0, [1, 3, 0, 4]);
    group.run(300, [0, 2, 3, 4]);
    const { members } = group.view(0).epoch.configuration;
    expect(members.map((member) => member.replicaNumber)).toEqual([0, 3, 4, 1]);
    expect(standings(group, [0, 3, 4])).toEqual(times(3, '1.0 normal'));
  });
});

describe('VRR §7.1.1: processing in the group', () => {
  it('tells the old group of the commit in its own epoch, and the new one to start', () => {
    const group = groupOf(3, 3);
    reconfigure(group, 0, [3, 4, 5]);
    group.deliver({ kind: 'Prepare', to: 1 });
    group.drop();
    group.tick(20, [0]);
    group.deliver({ kind: 'Commit', from: 0, to: 1 });
    group.deliver({ kind: 'CommitOk', from: 1, to: 0 });
    const ofEpoch = (kind: string): number[] =>
      group.letters
        .filter(({ from, message }) => from === 0 && message.kind === kind)
        .map(({ message }) => message.epochNumber);
    expect(ofEpoch('Commit').slice(-2)).toEqual([0, 0]);
    expect(ofEpoch('StartEpoch')).toEqual([1, 1, 1]);
    group.deliver({ kind: 'StartEpoch', from: 0, to: 4 });
    expect(standings(group, [4])).toEqual(['1.0 transitioning']);
  });

  it('says nothing of the new epoch before it is on the disk (R4)', () => {
    const group = groupOf(3, 3);
    reconfigure(group, 0, [3, 4, 5]);
    group.holdDisk(0);
    group.settle(OLD);
    expect(standings(group, [0])).toEqual(['1.0 transitioning']);
    const said = (): boolean =>
      group.letters.some(({ from, message }) => from === 0 && message.epochNumber > 0);
    group.tick(200, [0]);
    expect(said()).toBe(false);
    group.releaseDisk(0);
    group.tick(10, [0]);
    expect(said()).toBe(true);
  });

  it('begins with view 0 of the epoch, whatever view there was before (§8.3)', () => {
    const group = groupOf(3, 1);
    group.input(0, { kind: 'step-down' });
    group.run(200, upTo(4));
    expect(group.view(1).viewNumber).toBe(1);
    reconfigure(group, 1, [0, 1, 2, 3]);
    group.run(300, upTo(4));
    expect(standings(group, upTo(4))).toEqual(times(4, '1.0 normal'));
    expect(group.view(2).primary).toBe(1);
  });

  it('answers STARTEPOCH again with EPOCHSTARTED, and tells the silent again', () => {
    const group = groupOf(3, 3);
    reconfigure(group, 0, [3, 4, 5]);
    group.run(50, [0, 1, 2, 3]);
    group.drop();
    group.tick(150, OLD);
    expect(group.letters.filter(({ message }) => message.kind === 'StartEpoch')).toHaveLength(6);
    const [repeated] = group.hold({ kind: 'StartEpoch', to: 4 });
    if (repeated === undefined) throw new Error('replica 4 was told again');
    group.hand({ ...repeated, to: 3 });
    expect(group.hold({ kind: 'EpochStarted', from: 3, to: 0 })).toHaveLength(1);
  });

  it('begins the next view when the first primary of the epoch is dead (E32 c)', () => {
    const group = groupOf(3, 3);
    reconfigure(group, 0, [3, 4, 5]);
    group.settle(OLD);
    const first = group.view(0).primary;
    group.crash(first);
    const alive = [3, 4, 5].filter((number) => number !== first);
    group.run(3_000, [...OLD, ...alive]);
    expect(standings(group, alive)).toEqual(times(2, '1.1 normal'));
    expect(group.valueAt(4, 'a')).toBe(1);
  });

  it('takes members along that hear of it only from the others', () => {
    const group = groupOf(3, 1);
    reconfigure(group, 0, [0, 1, 2, 3]);
    group.run(300, [0, 1, 3]);
    group.drop();
    expect(standings(group, [2])).toEqual(['0.0 normal']);
    group.run(200, upTo(4));
    expect(standings(group, [2])).toEqual(['1.0 normal']);
  });
});

describe('VRR §7.1.2: who has been replaced', () => {
  /** Members 3 and 4 have not followed `b`, and replica 5 is out of reach: only 0, 1 and 2 have it all. */
  function lateStart(substitutions: readonly Substitution[] = []) {
    const group = groupOf(3, 3, substitutions);
    group.add(0, 'b');
    group.settle(OLD);
    reconfigure(group, 0, [3, 4, 5]);
    group.settle(OLD);
    group.drop();
    return group;
  }

  it('serves what it holds until a quorum of the new group has it', () => {
    const group = lateStart();
    group.run(100, [0, 1, 2, 3]);
    expect(standings(group, [0, 1, 2, 3])).toEqual([
      ...times(3, '1.0 transitioning'),
      '1.0 normal',
    ]);
    expect(group.valueAt(3, 'b')).toBe(1);
    group.run(200, [0, 1, 2, 3, 4]);
    expect(standings(group, OLD)).toEqual(times(3, '1.0 retired'));
  });

  it('fetches what it lacks itself, so that it can serve it', () => {
    const group = groupOf(3, 3);
    group.add(0, 'b');
    group.settle([0, 1]);
    reconfigure(group, 0, [3, 4, 5]);
    group.settle([0, 1]);
    group.drop();
    group.run(1_000, [0, 2]);
    expect(standings(group, [2])).toEqual(['1.0 transitioning']);
    expect(group.valueAt(2, 'b')).toBe(1);
    for (const gone of [0, 1]) group.crash(gone);
    group.run(500, [2, 3, 4]);
    expect([3, 4].map((number) => group.valueAt(number, 'b'))).toEqual([1, 1]);
  });

  it('goes on serving after a restart in the middle (D35, E35)', () => {
    const group = lateStart();
    for (const number of OLD) group.crash(number);
    group.restart(2);
    group.run(1_000, [2, 3, 4]);
    expect(standings(group, [2, 3, 4])).toEqual(['1.0 retired', ...times(2, '1.0 normal')]);
    expect(group.valueAt(3, 'b')).toBe(1);
  });

  it('loses the state when it stops on hearing of the epoch (D35, E35)', () => {
    const stopsAtOnce = {
      file: `${RECONFIGURATION}/enter-epoch.ts`,
      text: "return isRecovering ? 'retired' : 'transitioning';",
      by: "return 'retired';",
    };
    const group = lateStart([stopsAtOnce]);
    for (const number of OLD) if (group.view(number).status === 'retired') group.crash(number);
    group.run(3_000, [0, 1, 2, 3, 4]);
    expect(standings(group, [3, 4])).not.toContain('1.0 normal');
  });

  it('tells everyone where the group is once it has retired, also after a restart', () => {
    const group = groupOf(3, 3);
    group.crash(2);
    group.drop();
    reconfigure(group, 0, [3, 4, 5]);
    group.run(300, [0, 1, 3, 4, 5]);
    for (const number of [3, 4, 5]) group.drop({ from: number });
    group.crash(0);
    group.restart(0);
    group.restart(2);
    group.run(2_000, [0, 2]);
    expect(standings(group, [2])).toEqual(['1.0 transitioning']);
    expect(standings(group, [0])).toEqual(['1.0 transitioning']);
    group.run(200, upTo(6));
    expect(standings(group, [0, 2])).toEqual(times(2, '1.0 retired'));
  });
});

describe('VRR §7.4: who has missed the change (D33)', () => {
  it('learns of it from the refusal of what it says (E32 b)', () => {
    const group = groupOf(3, 2);
    reconfigure(group, 0, [0, 3, 4]);
    group.run(300, [0, 1, 3, 4]);
    group.crash(1);
    group.drop();
    expect(standings(group, [2])).toEqual(['0.0 normal']);
    group.run(2_000, [0, 2, 3]);
    expect(standings(group, [2])).toEqual(['1.0 retired']);
  });

  it('is told of the newest group, however many epochs later, by one that has retired (E28)', () => {
    const group = groupOf(3, 2);
    group.drop({ to: 2 });
    reconfigure(group, 0, [0, 1, 2, 3], { name: 'first' });
    group.run(300, [0, 1, 3, 4]);
    reconfigure(group, 0, [0, 1, 3], { name: 'second' });
    group.run(300, [0, 1, 3, 4]);
    reconfigure(group, 0, [2, 3, 4], { name: 'third' });
    expect(answerOf(group, 'third')).toBe('used-number');
    reconfigure(group, 0, [1, 3, 4], { name: 'fourth' });
    group.run(300, [0, 1, 3, 4]);
    group.add(3, 'b');
    group.run(100, [1, 3, 4]);
    expect(standings(group, [0])).toEqual(['3.0 retired']);
    group.drop();
    group.run(3_000, [0, 2]);
    expect(standings(group, [2])).toEqual(['3.0 retired']);
  });

  it('takes part again, with everything, in an epoch that it is still a member of (E28)', () => {
    const group = groupOf(3, 3);
    group.drop({ to: 2 });
    reconfigure(group, 0, [0, 2, 3], { name: 'first' });
    group.run(300, [0, 1, 3, 4, 5]);
    reconfigure(group, 0, [2, 3, 4], { name: 'second' });
    group.run(500, [0, 1, 3, 4, 5]);
    group.add(3, 'b');
    group.run(100, [0, 1, 3, 4, 5]);
    expect(group.acknowledged('b')).toBe(true);
    for (const gone of [0, 1]) group.crash(gone);
    group.drop();
    group.run(3_000, [2, 3, 4]);
    expect(standings(group, [2])[0]).toMatch('normal');
    expect(group.view(2).epochNumber).toBe(2);
    expect(group.valueAt(2, 'b')).toBe(1);
  });

  it('is turned away at the door of a replica that is not a member', () => {
    const group = groupOf(3, 4);
    reconfigure(group, 0, [3, 4, 5]);
    group.run(300, upTo(7));
    for (const [door, name] of [
      [0, 'old'],
      [6, 'new'],
    ] as const) {
      group.add(door, name);
      expect(answerOf(group, name)).toBe('moved');
      group.read(door, 'a');
      expect(group.served.at(-1)).toBe('moved');
    }
  });

  it('is told to go elsewhere when it waits at a door that closes, and was not executed', () => {
    const group = groupOf(3, 3);
    reconfigure(group, 0, [3, 4, 5]);
    group.add(2, 'b');
    group.settle(OLD);
    group.run(300, upTo(6));
    expect(answerOf(group, 'b')).toBe('moved');
    expect(group.valueAt(3, 'b')).toBe(0);
    group.add(3, 'b');
    group.run(50, upTo(6));
    expect(group.valueAt(3, 'b')).toBe(1);
  });
});

describe('VRR §7.5: before a replica is a member', () => {
  it('executes what is committed, and nothing else', () => {
    const group = groupOf(3, 1);
    for (const gone of [1, 2]) group.crash(gone);
    group.add(0, 'b');
    group.run(500, [0, 3]);
    expect(group.acknowledged('b')).toBe(false);
    expect(group.view(3)).toMatchObject({ status: 'learner' });
    expect(group.view(3).opNumber).toBe(group.view(0).commitNumber);
    expect(group.valueAt(3, 'a')).toBe(1);
  });

  it('is not counted: neither for what is committed nor for a view', () => {
    const group = groupOf(3, 3);
    for (const gone of [1, 2]) group.crash(gone);
    group.add(0, 'b');
    group.run(3_000, [0, 3, 4, 5]);
    expect(group.acknowledged('b')).toBe(false);
    group.crash(0);
    group.run(3_000, [3, 4, 5]);
    expect(standings(group, [3, 4, 5])).toEqual(times(3, '0.0 learner'));
  });

  it('follows on after a restart, and whichever replica is the primary', () => {
    const group = groupOf(3, 1);
    group.crash(3);
    group.input(0, { kind: 'step-down' });
    group.run(200, OLD);
    group.add(2, 'b');
    group.settle(OLD);
    group.restart(3);
    group.crash(0);
    group.run(500, [1, 2, 3]);
    expect(group.view(3)).toMatchObject({ status: 'learner' });
    expect(group.valueAt(3, 'b')).toBe(1);
  });

  it('becomes a member only when it has followed up to the end', () => {
    const group = groupOf(3, 0);
    reconfigure(group, 0, [0, 1, 2, 3]);
    group.run(1_000, OLD);
    expect(answerOf(group)).toBeUndefined();
    expect(group.view(0).reconfiguration).toMatchObject({ phase: 'warming' });
    group.add(1, 'b');
    group.settle(OLD);
    expect(group.acknowledged('b')).toBe(true);
    group.join(0);
    group.run(500, upTo(4));
    expect(answerOf(group)).toBe('accepted');
    expect(standings(group, upTo(4))).toEqual(times(4, '1.0 normal'));
  });

  it('is not waited for endlessly', () => {
    const group = new HandDrivenGroup(3, [], { limits: { warmUpMs: 2_000 } });
    group.run(100, OLD);
    reconfigure(group, 1, [0, 1, 2, 3]);
    group.run(2_500, OLD);
    expect(answerOf(group)).toBe('not-warm');
    expect(group.view(0).reconfiguration.phase).toBe('done');
  });
});

describe('VRR §7.2: which replicas may be shut down (D36)', () => {
  it('is known to every member once the epoch has started', () => {
    const group = groupOf(3, 3);
    reconfigure(group, 0, [3, 4, 5]);
    expect(group.view(0).reconfiguration.phase).toBe('committing');
    group.run(50, [0, 1, 2, 3]);
    expect(group.view(3).reconfiguration).toMatchObject({ phase: 'starting', mayRetire: [] });
    group.run(300, upTo(6));
    for (const member of [3, 4, 5]) {
      const { phase, mayRetire } = group.view(member).reconfiguration;
      expect([phase, ...mayRetire]).toEqual(['done', 'node-0', 'node-1', 'node-2']);
    }
  });

  it('is known again after every member has restarted', () => {
    const group = groupOf(3, 3);
    reconfigure(group, 0, [3, 4, 5]);
    group.run(300, upTo(6));
    for (const member of [3, 4, 5]) {
      group.crash(member);
      group.restart(member);
    }
    group.run(2_000, [3, 4, 5]);
    const primary = group.view(3).primary;
    expect(group.view(primary).reconfiguration.mayRetire).toHaveLength(3);
  });
});
