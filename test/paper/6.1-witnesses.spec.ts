import type { Limits, Message, OpNumber, ReplicaNumber } from '@lockstep/vr-core';
import type { Substitution } from '../simulation/source-loader';
import { HandDrivenGroup, type Letter } from './hand-driven-group';

const ALL = [0, 1, 2];
const WITNESS = 2;

/** Two actives, 0 and 1, and the witness 2: all started, and the witness left alone. */
function withWitness(
  substitutions: readonly Substitution[] = [],
  limits: Partial<Limits> = {},
): HandDrivenGroup {
  const group = new HandDrivenGroup(3, substitutions, { witnesses: 1, limits });
  group.run(200, ALL);
  expect(group.view(0).enlisted).toBe(false);
  return group;
}

function add(group: HandDrivenGroup, door: number, names: readonly string[], among: number[]) {
  for (const name of names) {
    group.add(door, name);
    group.run(20, among);
  }
}

/** Replicas in this list go on without the others, whose connections are seen to close. */
function isolate(group: HandDrivenGroup, lost: number, among: readonly number[]): void {
  group.drop();
  for (const other of among) group.seeLost(other, lost);
  group.drop({ to: lost });
}

function sentTo(group: HandDrivenGroup, to: number, work: () => void): Message['kind'][] {
  const kinds: Message['kind'][] = [];
  const watched = group.onSend;
  group.onSend = (letter) => {
    if (letter.to === to) kinds.push(letter.message.kind);
  };
  work();
  group.onSend = watched;
  return kinds;
}

describe('VRR §6.1 a witness in the normal case', () => {
  it('is not involved: it is sent no entry and no more than a COMMIT now and then', () => {
    const group = withWitness();
    const names = Array.from({ length: 50 }, (_, at) => `n${at}`);
    const toWitness = sentTo(group, WITNESS, () => add(group, 0, names, ALL));
    for (const name of names) expect(group.acknowledged(name)).toBe(true);
    expect(new Set(toWitness)).toEqual(new Set(['Commit']));
    expect(toWitness.length).toBeLessThanOrEqual(11);
    expect(group.view(WITNESS).opNumber).toBe(1);
    expect(group.view(WITNESS).commitNumber).toBeGreaterThan(40);
  });

  it('writes nothing, and keeps no entry that every active has', () => {
    const group = withWitness();
    const stores = group.storesOf(WITNESS);
    add(group, 0, ['a', 'b', 'c'], ALL);
    group.run(200, ALL);
    expect(group.storesOf(WITNESS)).toBe(stores);
    expect(group.view(WITNESS)).toMatchObject({ opNumber: 1, baseNumber: 1 });
  });

  it('commits nothing without every active, so that each has what is committed', () => {
    const group = withWitness([], { witnessAfterMs: 10_000 });
    group.add(0, 'a');
    group.run(100, [0, WITNESS]);
    expect(group.acknowledged('a')).toBe(false);
    group.run(200, ALL);
    expect(group.acknowledged('a')).toBe(true);
  });

  it('hears of its primary often enough not to follow the suspicion of one active', () => {
    const group = withWitness();
    group.seeLost(1, 0);
    group.run(1_000, ALL);
    expect(group.view(0)).toMatchObject({ status: 'normal', viewNumber: 0, serving: true });
  });

  it('executes nothing and has no door', () => {
    const group = withWitness();
    group.add(WITNESS, 'a');
    group.read(WITNESS, 'a');
    group.run(100, ALL);
    expect(group.answers.get('a')).toEqual({ kind: 'problem', code: 'witness' });
    expect(group.reads).toEqual([]);
    group.crash(1);
    add(group, 0, ['b', 'c'], [0, WITNESS]);
    group.run(200, [0, WITNESS]);
    expect(group.acknowledged('c')).toBe(true);
    expect(group.view(WITNESS)).toMatchObject({ executedNumber: 0, commitNumber: 3 });
    expect(group.valueAt(WITNESS, 'b')).toBe(0);
  });
});

describe('VRR §6.1 a witness that stands in', () => {
  it('is enlisted when an active is silent, and what was waiting is committed', () => {
    const group = withWitness();
    group.crash(1);
    group.add(0, 'a');
    group.settle([0, WITNESS]);
    expect(group.acknowledged('a')).toBe(false);
    group.run(100, [0, WITNESS]);
    expect(group.acknowledged('a')).toBe(true);
    expect(group.view(0).enlisted).toBe(true);
    expect(group.view(WITNESS).opNumber).toBe(2);
  });

  it('is enlisted at once when the connection to an active closes', () => {
    const group = withWitness();
    group.crash(1);
    group.seeLost(0, 1);
    group.add(0, 'a');
    group.settle([0, WITNESS]);
    group.run(20, [0, WITNESS]);
    expect(group.acknowledged('a')).toBe(true);
  });

  it('is enlisted for reads too: its echo proves that the primary is still one', () => {
    const group = withWitness();
    add(group, 0, ['a'], ALL);
    group.crash(1);
    group.read(0, 'a');
    group.run(150, [0, WITNESS]);
    expect(group.reads).toEqual([1]);
  });

  it('takes only what is above the base, however long it was left alone', () => {
    const group = withWitness();
    add(
      group,
      0,
      Array.from({ length: 30 }, (_, at) => `n${at}`),
      ALL,
    );
    group.crash(1);
    group.add(0, 'a');
    group.run(200, [0, WITNESS]);
    expect(group.acknowledged('a')).toBe(true);
    expect(group.view(WITNESS)).toMatchObject({ opNumber: 32, baseNumber: 31 });
  });

  it('is released when every active has caught up, and lets go of what it held', () => {
    const group = withWitness();
    group.crash(1);
    add(group, 0, ['a', 'b', 'c'], [0, WITNESS]);
    group.run(200, [0, WITNESS]);
    expect(group.view(WITNESS).opNumber).toBe(4);
    group.restart(1);
    group.run(300, ALL);
    expect(group.view(0).enlisted).toBe(false);
    expect(group.valueAt(1, 'c')).toBe(1);
    expect(group.view(WITNESS)).toMatchObject({ opNumber: 4, baseNumber: 4 });
    expect(sentTo(group, WITNESS, () => add(group, 0, ['d'], ALL))).not.toContain('Prepare');
  });

  it('refuses new requests once it holds all it can for an absent active, until that is back', () => {
    const group = withWitness([], { witnessLogBytesMax: 500 });
    group.crash(1);
    const names = Array.from({ length: 20 }, (_, at) => `n${at}`);
    add(group, 0, names, [0, WITNESS]);
    group.run(100, [0, WITNESS]);
    expect(group.acknowledged('n0')).toBe(true);
    group.add(0, 'late');
    expect(group.answers.get('late')).toEqual({ kind: 'problem', code: 'active-missing' });
    group.restart(1);
    group.run(500, ALL);
    group.add(0, 'back');
    group.run(100, ALL);
    expect(group.acknowledged('back')).toBe(true);
  });
});

describe('VRR §6.1 view changes with a witness', () => {
  it('need it when an active is dead, and it is never primary itself', () => {
    const group = withWitness();
    add(group, 0, ['a'], ALL);
    group.crash(0);
    isolate(group, 0, [1, WITNESS]);
    group.run(300, [1, WITNESS]);
    expect(group.view(1)).toMatchObject({ status: 'normal', serving: true, viewNumber: 1 });
    add(group, 1, ['b'], [1, WITNESS]);
    expect(group.acknowledged('b')).toBe(true);
    group.restart(0);
    group.run(300, ALL);
    group.crash(1);
    isolate(group, 1, [0, WITNESS]);
    group.run(300, [0, WITNESS]);
    expect(group.view(0)).toMatchObject({ status: 'normal', serving: true, viewNumber: 2 });
    expect(group.valueAt(0, 'b')).toBe(1);
    expect(group.view(WITNESS)).toMatchObject({ primary: 0, serving: false });
  });

  it('keep what only the primary and the witness had', () => {
    const group = withWitness();
    add(group, 0, ['a'], ALL);
    group.crash(1);
    add(group, 0, ['b', 'c', 'd'], [0, WITNESS]);
    group.run(200, [0, WITNESS]);
    expect(group.acknowledged('d')).toBe(true);
    group.crash(0, { log: true, promise: true });
    group.drop();
    group.restart(1);
    isolate(group, 0, [1, WITNESS]);
    group.run(1_500, [1, WITNESS]);
    expect(group.view(1)).toMatchObject({ status: 'normal', serving: true });
    for (const name of ['a', 'b', 'c', 'd']) expect(group.valueAt(1, name)).toBe(1);
  });

  it('are not told the end of an older log: who has only voted for the view answers no GETSTATE', () => {
    const group = withWitness();
    const [primary, next] = [0, 1];
    group.add(primary, 'lost');
    group.drop();
    const votes: Letter[] = [];
    group.onSend = (letter) => {
      if (letter.to === primary && letter.message.kind === 'StartViewChange') votes.push(letter);
    };
    isolate(group, primary, [next, WITNESS]);
    group.run(300, [next, WITNESS]);
    expect(group.view(WITNESS)).toMatchObject({ status: 'normal', viewNumber: 1 });
    // The old primary hears of the votes and nothing of the new log: its own ends with another entry.
    group.run(1_500, [primary]);
    for (const vote of votes) group.hand(vote);
    group.run(20, [primary]);
    expect(group.view(primary)).toMatchObject({
      status: 'view-change',
      viewNumber: 1,
      opNumber: 2,
    });
    group.drop();
    const { epochNumber, viewNumber, incarnation } = group.view(WITNESS);
    const header = { epochNumber, viewNumber, incarnation, replicaNumber: 2 as ReplicaNumber };
    const question = { kind: 'GetState', ...header, afterOp: 1 as OpNumber, ticket: 1 } as const;
    group.hand({ from: WITNESS, to: primary, message: question });
    expect(group.hold({ kind: 'NewState', from: primary })).toEqual([]);
  });

  it('take an active that has acknowledged more than it has executed (ADR 12)', () => {
    const group = withWitness();
    // Replica 1 holds and acknowledges everything, and never hears that it is committed.
    for (const name of ['a', 'b', 'c']) {
      group.add(0, name);
      group.settleOnly([0, 1], ['Prepare', 'PrepareOk']);
      group.drop({ to: 1 });
    }
    group.run(150, [0, WITNESS]);
    group.drop();
    expect(group.view(0).witnessBase).toBeGreaterThan(group.view(1).executedNumber);
    add(group, 0, ['d'], [0, WITNESS]);
    group.run(200, [0, WITNESS]);
    expect(group.acknowledged('d')).toBe(true);
    group.crash(0);
    isolate(group, 0, [1, WITNESS]);
    group.run(1_500, [1, WITNESS]);
    for (const name of ['a', 'b', 'c', 'd']) expect(group.valueAt(1, name)).toBe(1);
  });

  it('let a new primary begin with the base that it knew, also after a restart', () => {
    const group = withWitness();
    const names = Array.from({ length: 10 }, (_, at) => `n${at}`);
    add(group, 0, names, ALL);
    group.run(150, ALL);
    const known = group.view(1).witnessBase;
    expect(known).toBeGreaterThan(5);
    add(group, 0, ['z'], ALL);
    group.crash(0);
    group.crash(1);
    group.restart(1);
    isolate(group, 0, [1, WITNESS]);
    group.run(300, [1, WITNESS]);
    expect(group.view(1)).toMatchObject({ serving: true });
    expect(group.view(1).witnessBase).toBeGreaterThanOrEqual(known);
    expect(group.view(WITNESS).baseNumber).toBeGreaterThanOrEqual(known);
  });
});

describe('the base of a witness', () => {
  /** E46: what the primary has committed is taken for what everyone has. */
  const baseIsCommitted: Substitution[] = [
    {
      file: 'libs/vr-core/src/witness/base.ts',
      text: 'held = Math.min(held, primary.acknowledgements.heldBy(active));',
      by: 'void [active, primary];',
    },
  ];

  /** Replica 1 is away, 0 and the witness go on; then the disk of 0 dies, and 1 comes back. */
  function oneAwayThenOneDead(substitutions: readonly Substitution[]): HandDrivenGroup {
    const group = withWitness(substitutions);
    add(group, 0, ['a'], ALL);
    group.crash(1);
    add(group, 0, ['b', 'c', 'd'], [0, WITNESS]);
    group.run(300, [0, WITNESS]);
    expect(group.acknowledged('d')).toBe(true);
    group.crash(0, { log: true, promise: true });
    group.drop();
    group.restart(1);
    isolate(group, 0, [1, WITNESS]);
    group.run(2_000, [1, WITNESS]);
    return group;
  }

  it('never lies above what any active has on its disk (E46)', () => {
    const group = oneAwayThenOneDead([]);
    expect(group.view(1)).toMatchObject({ status: 'normal', serving: true });
    for (const name of ['a', 'b', 'c', 'd']) expect(group.valueAt(1, name)).toBe(1);
  });

  it('takes operations away for good when it follows the primary alone, as in E46', () => {
    const group = oneAwayThenOneDead(baseIsCommitted);
    expect(group.view(WITNESS).baseNumber).toBeGreaterThan(group.view(1).opNumber);
    expect(group.view(1).serving).toBe(false);
    expect(group.valueAt(1, 'd')).toBe(0);
  });

  it('stays where it was while a new primary waits for an active', () => {
    const group = withWitness();
    add(group, 0, ['a'], ALL);
    group.run(150, ALL);
    const { witnessBase } = group.view(1);
    group.crash(0);
    isolate(group, 0, [1, WITNESS]);
    group.run(300, [1, WITNESS]);
    add(group, 1, ['b', 'c'], [1, WITNESS]);
    group.run(300, [1, WITNESS]);
    expect(group.view(1).witnessBase).toBe(witnessBase);
    group.restart(0);
    group.run(500, ALL);
    expect(group.valueAt(0, 'c')).toBe(1);
    expect(group.view(1).witnessBase).toBe(group.view(1).commitNumber);
  });
});

describe('a witness that restarts', () => {
  it('goes on with what its disk has', () => {
    const group = withWitness();
    add(group, 0, ['a'], ALL);
    group.crash(1);
    add(group, 0, ['b', 'c'], [0, WITNESS]);
    group.run(200, [0, WITNESS]);
    group.crash(WITNESS);
    group.restart(WITNESS);
    group.run(200, [0, WITNESS]);
    expect(group.view(WITNESS)).toMatchObject({ status: 'normal', opNumber: 4 });
    group.crash(0, { log: true, promise: true });
    group.restart(1);
    isolate(group, 0, [1, WITNESS]);
    group.run(1_500, [1, WITNESS]);
    expect(group.valueAt(1, 'c')).toBe(1);
  });

  it('without its log recovers from the base on, and votes for nothing before', () => {
    const group = withWitness();
    const names = Array.from({ length: 10 }, (_, at) => `n${at}`);
    add(group, 0, names, ALL);
    group.run(150, ALL);
    group.crash(WITNESS, { log: true });
    group.restart(WITNESS);
    expect(group.view(WITNESS).status).toBe('recovering');
    group.run(200, ALL);
    expect(group.view(WITNESS)).toMatchObject({ status: 'normal', opNumber: 11 });
    expect(group.view(WITNESS).baseNumber).toBeGreaterThan(8);
  });
});

describe('VRR §6.1 five replicas, two of them witnesses', () => {
  const EVERYONE = [0, 1, 2, 3, 4];
  const CUT_SOON: Partial<Limits> = { checkpointOps: 10, logKeepOps: 0 };

  it('go on with one active and both witnesses, and lose nothing when that was the last', () => {
    const group = new HandDrivenGroup(5, [], { witnesses: 2 });
    group.run(200, EVERYONE);
    add(group, 0, ['a'], EVERYONE);
    group.crash(1);
    group.crash(2);
    add(group, 0, ['b', 'c'], [0, 3, 4]);
    group.run(300, [0, 3, 4]);
    expect(group.acknowledged('c')).toBe(true);
    group.crash(0, { log: true, promise: true });
    group.restart(1);
    group.restart(2);
    isolate(group, 0, [1, 2, 3, 4]);
    group.run(2_000, [1, 2, 3, 4]);
    expect(group.view(1).serving || group.view(2).serving).toBe(true);
    for (const number of [1, 2]) expect(group.valueAt(number, 'c')).toBe(1);
  });

  it('bring a witness back that lacks what a new primary was given as a checkpoint (ADR 12)', () => {
    const group = new HandDrivenGroup(5, [], { witnesses: 2, limits: CUT_SOON });
    const names = Array.from({ length: 35 }, (_, at) => `n${at}`);
    group.run(200, EVERYONE);
    add(group, 0, names.slice(0, 12), EVERYONE);
    group.run(200, EVERYONE);
    // What follows is above the base, since 1 is away. 4 does not hear of all of it.
    group.crash(1);
    add(group, 0, names.slice(12, 16), [0, 2, 3, 4]);
    add(group, 0, names.slice(16), [0, 2, 3]);
    const { opNumber: head } = group.view(4);
    group.drop();
    group.crash(2, { log: true });
    group.restart(2);
    group.deliver({ kind: 'Recovery', to: 4 });
    group.run(500, [0, 2, 3]);
    group.deliver({ kind: 'RecoveryResponse', from: 4 });
    group.run(500, [0, 2, 3]);
    expect(group.view(2)).toMatchObject({ status: 'normal', stateWhole: true });
    expect(group.view(2).baseNumber).toBeGreaterThan(head);
    group.crash(0);
    for (const dead of [0, 1]) isolate(group, dead, [2, 3, 4]);
    group.run(3_000, [2, 3, 4]);
    expect(group.view(2)).toMatchObject({ serving: true, primary: 2 });
    const { viewNumber, opNumber } = group.view(2);
    expect(group.view(4)).toMatchObject({ status: 'normal', viewNumber, opNumber });
    expect(group.view(4).baseNumber).toBeLessThan(head);
  });

  it('show a witness the newer base when all have let go of the log that it was promised', () => {
    const group = new HandDrivenGroup(5, [], { witnesses: 2, limits: CUT_SOON });
    const names = Array.from({ length: 35 }, (_, at) => `n${at}`);
    group.run(200, EVERYONE);
    add(group, 0, names.slice(0, 5), EVERYONE);
    // What replica 3 is told of lies above the base, because 2 is away.
    add(group, 0, names.slice(5, 10), [0, 1, 3, 4]);
    group.crash(3, { log: true });
    group.drop();
    group.restart(3);
    group.settleOnly([0, 1, 3, 4], ['Recovery']);
    const late = group.hold({ kind: 'RecoveryResponse', to: 3 });
    // Replica 4 dies, and nobody sees its connection close: a question put to it is never answered.
    group.crash(4);
    add(group, 0, names.slice(10), [0, 1, 2]);
    group.run(200, [0, 1, 2]);
    expect(group.view(0).baseNumber).toBeGreaterThan(20);
    for (const response of late) group.hand(response);
    group.run(2_000, [0, 1, 2, 3]);
    expect(group.notes).toContain('3: the base has moved on');
    const { witnessBase } = group.view(0);
    expect(group.view(3)).toMatchObject({ status: 'normal', baseNumber: witnessBase });
  });

  it('take as primary the only active that has a log, whom one of them takes for lost', () => {
    const group = new HandDrivenGroup(5, [], { witnesses: 2 });
    group.run(200, EVERYONE);
    add(group, 0, ['a'], EVERYONE);
    for (const active of [0, 1, 2]) group.crash(active, { log: active !== 0 });
    group.drop();
    for (const active of [0, 1, 2]) group.restart(active);
    // Nobody tells replica 4 that this connection is open again: what comes through it does.
    group.seeLost(4, 0);
    group.run(6_000, EVERYONE);
    expect(group.view(0)).toMatchObject({ status: 'normal', serving: true, primary: 0 });
    expect(group.valueAt(0, 'a')).toBe(1);
  });
});
