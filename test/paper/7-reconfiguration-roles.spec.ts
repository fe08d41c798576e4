import type { Limits } from '@lockstep/vr-core';
import type { Substitution } from '../simulation/source-loader';
import { HandDrivenGroup } from './hand-driven-group';
import { answerOf, reconfigure, upTo } from './reconfigurations';

interface Swap {
  readonly size: number;
  readonly witnesses: number;
  /** Who is a witness afterwards. */
  readonly then: readonly number[];
}

/** 2 + 1: replica 1 and the witness 2 change places. 3 + 2: 1 and 2 with the witnesses 3 and 4. */
const THREE: Swap = { size: 3, witnesses: 1, then: [1] };
const FIVE: Swap = { size: 5, witnesses: 2, then: [1, 2] };

/** The witness knows little of the log, and most of it has been cut everywhere. */
const CUT: Partial<Limits> = { checkpointOps: 4, logKeepOps: 1, logKeepBytes: 1 << 30 };

const DOOR = 0;

function groupWith(
  { size, witnesses }: Swap,
  substitutions: readonly Substitution[] = [],
  limits: Partial<Limits> = {},
): HandDrivenGroup {
  const group = new HandDrivenGroup(size, substitutions, { witnesses, limits });
  group.run(200, upTo(size));
  for (const name of ['a', 'b', 'c']) {
    group.add(DOOR, name);
    group.run(60, upTo(size));
  }
  return group;
}

function add(group: HandDrivenGroup, door: number, name: string, among: readonly number[]): void {
  group.add(door, name);
  group.run(500, among);
  expect([name, group.acknowledged(name)]).toEqual([name, true]);
}

function swapAll({ size, then }: Swap, group: HandDrivenGroup, among: readonly number[]): void {
  reconfigure(group, DOOR, upTo(size), { witnesses: then });
  group.run(600, among);
  expect(answerOf(group)).toBe('accepted');
}

const activesAfter = ({ size, then }: Swap): number[] =>
  upTo(size).filter((number) => !then.includes(number));

const othersThan = ({ size }: Swap, victim: number): number[] =>
  upTo(size).filter((number) => number !== victim);

describe.each([
  ['2 + 1', THREE, {}],
  ['2 + 1 with logs cut', THREE, CUT],
  ['3 + 2', FIVE, {}],
  ['3 + 2 with logs cut', FIVE, CUT],
] as const)('VRR §6.1, §7: members of %s change places', (_, swap, limits) => {
  const all = upTo(swap.size);
  const actives = activesAfter(swap);

  it('gives the new actives the whole state, and lets that of the new witnesses go', () => {
    const group = groupWith(swap, [], limits);
    swapAll(swap, group, all);
    add(group, DOOR, 'd', all);
    for (const number of actives) {
      expect(group.view(number)).toMatchObject({ status: 'normal', epochNumber: 1 });
      for (const name of ['a', 'b', 'c', 'd']) expect(group.valueAt(number, name)).toBe(1);
    }
    for (const number of swap.then) {
      expect(group.view(number)).toMatchObject({ status: 'normal', epochNumber: 1 });
      expect(group.notes).toContain(`${number}: epoch 1 has started: the state is let go`);
      group.add(number, 'e');
      expect(group.answers.get('e')).toEqual({ kind: 'problem', code: 'witness' });
    }
  });

  it('goes back and forth', () => {
    const group = groupWith(swap, [], limits);
    const before = all.slice(swap.size - swap.witnesses);
    for (const [at, witnesses] of [swap.then, before, swap.then, before].entries()) {
      reconfigure(group, DOOR, all, { name: `change ${at}`, witnesses });
      group.run(1_000, all);
      expect(answerOf(group, `change ${at}`)).toBe('accepted');
      add(group, DOOR, `n${at}`, all);
      for (const number of swap.then) group.crash(number);
      for (const number of swap.then) group.restart(number);
      group.run(1_000, all);
    }
    for (const number of all.filter((one) => !before.includes(one)))
      for (const name of ['a', 'n0', 'n3']) expect(group.valueAt(number, name)).toBe(1);
  });

  it('leaves a member that was active able to serve when all others with the state are gone', () => {
    const group = groupWith(swap, [], limits);
    const late = actives.filter((number) => number !== DOOR);
    // The change is committed; those that become active hear nothing of it, nor of the end of the log.
    const first = all.filter((number) => !late.includes(number));
    group.add(DOOR, 'd');
    reconfigure(group, DOOR, all, { witnesses: swap.then });
    group.run(100, first);
    expect(answerOf(group)).toBe('accepted');
    group.crash(DOOR, { log: true });
    for (const number of othersThan(swap, DOOR)) group.seeLost(number, DOOR);
    const left = othersThan(swap, DOOR);
    group.run(3_000, left);
    add(group, late[0] as number, 'e', left);
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      expect(group.valueAt(late[0] as number, name)).toBe(1);
  });

  it('is refused while too few hold the state', () => {
    const group = groupWith(swap, [], { ...limits, warmUpMs: 500 });
    group.crash(1);
    group.run(2_000, othersThan(swap, 1));
    reconfigure(group, DOOR, all, { witnesses: swap.then });
    group.run(3_000, othersThan(swap, 1));
    expect(answerOf(group)).toBe('too-few-heard');
  });
});

describe.each([
  ['2 + 1', THREE],
  ['3 + 2', FIVE],
] as const)('E30, E31: a crash while members of %s change places', (_, swap) => {
  const all = upTo(swap.size);

  function begun(): HandDrivenGroup {
    const group = groupWith(swap, [], CUT);
    group.add(DOOR, 'd');
    reconfigure(group, DOOR, all, { witnesses: swap.then });
    return group;
  }

  it.each(all)(
    'loses nothing when replica %i dies at any step, for good or for a while',
    (victim) => {
      const trace = steps(begun(), all, () => false);
      expect(trace).toBeGreaterThan(20);
      const points = 6;
      for (let nth = 0; nth < points; nth += 1) {
        const group = begun();
        steps(group, all, (count) => count === Math.floor((trace * nth) / points));
        group.crash(victim);
        const others = othersThan(swap, victim);
        for (const other of others) group.seeLost(other, victim);
        group.run(1_500, others);
        if (nth % 2 === 0) {
          group.restart(victim);
          for (const other of others) group.seeFound(other, victim);
        }
        const alive = nth % 2 === 0 ? all : others;
        group.run(1_000, alive);
        check(group, alive);
      }
    },
  );

  it('loses nothing when all stop at once, at any step', () => {
    for (let at = 3; at < 120; at += 15) {
      const group = begun();
      steps(group, all, (count) => count === at);
      for (const number of all) group.crash(number);
      group.drop();
      for (const number of all) group.restart(number);
      group.run(4_000, all);
      check(group, all);
    }
  });
});

/** Delivers letters one by one, time passing when there are none. How many were. */
function steps(
  group: HandDrivenGroup,
  all: readonly number[],
  stop: (n: number) => boolean,
): number {
  let delivered = 0;
  for (let ticks = 0; ticks < 40;) {
    const [letter, ...rest] = group.letters;
    if (letter === undefined) {
      group.tick(10, all);
      ticks += 1;
      continue;
    }
    if (stop(delivered)) return delivered;
    group.letters = rest;
    group.hand(letter);
    delivered += 1;
  }
  return delivered;
}

/** What was acknowledged is there, nobody differs, and the group serves. */
function check(group: HandDrivenGroup, alive: readonly number[]): void {
  const working = (): number[] =>
    alive.filter((number) => {
      const { status, epoch } = group.view(number);
      const role = epoch.configuration.members.find((one) => one.replicaNumber === number)?.role;
      return status === 'normal' && role === 'active';
    });
  const door = working()[0];
  if (door === undefined) throw new Error('nobody serves');
  add(group, door, 'last', alive);
  for (const name of ['a', 'b', 'c', 'd', 'last']) {
    const values = working().map((number) => group.valueAt(number, name));
    expect(new Set(values).size).toBe(1);
    if (group.acknowledged(name)) expect(values[0]).toBe(1);
  }
}

describe('D44 (E30): roles that change', () => {
  /** What is put back: who becomes a witness has no state from then on. */
  const FORGETS: Substitution = {
    file: 'libs/vr-core/src/witness/kept-state.ts',
    text: "if (was === 'active' && isHere) witness.keepsState = true;",
    by: 'if (!isHere) witness.keepsState = true;',
  };

  it('loses everything if the new witness lets its state go at once', () => {
    const group = groupWith(THREE, [FORGETS]);
    reconfigure(group, DOOR, [0, 1, 2], { witnesses: [1] });
    group.run(100, [0, 1]);
    expect(answerOf(group)).toBe('accepted');
    group.crash(0, { log: true });
    for (const number of [1, 2]) group.seeLost(number, 0);
    group.run(5_000, [1, 2]);
    expect(group.view(2).status).toBe('transitioning');
    group.add(2, 'e');
    group.run(5_000, [1, 2]);
    expect(group.acknowledged('e')).toBe(false);
  });
});

describe('VRR §6.1, §7: an active that becomes a witness, and does not hear that the others have the state', () => {
  it('stands in all the same when one of them is gone: it is given what it lacks, below the base too', () => {
    const group = groupWith({ size: 3, witnesses: 0, then: [2] });
    reconfigure(group, DOOR, upTo(3), { witnesses: [2] });
    group.run(300, [0, 2]);
    expect(answerOf(group)).toBe('accepted');
    expect(group.view(2)).toMatchObject({ status: 'normal', epochNumber: 1 });
    for (const name of ['d', 'e', 'f', 'g']) add(group, DOOR, name, [0, 1]);
    expect(group.view(0).witnessBase).toBeGreaterThan(group.view(2).opNumber);
    group.crash(1);
    add(group, DOOR, 'h', [0, 2]);
    for (const name of ['a', 'd', 'g', 'h']) expect(group.valueAt(0, name)).toBe(1);
  });
});
