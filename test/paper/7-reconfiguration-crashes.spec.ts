import type { HandDrivenGroup } from './hand-driven-group';
import { answerOf, groupOf, reconfigure, upTo } from './reconfigurations';

/** Old members 0, 1, 2; 0 stays, 3 and 4 take the places of 1 and 2. */
const ALL = upTo(5);
const NEW = [0, 3, 4];
const DOOR = 1;

/** `b` is committed and not yet known to the newcomers, `c` and `d` come while the group changes. */
function beginChange(): HandDrivenGroup {
  const group = groupOf(3, 2);
  group.add(0, 'b');
  group.settle([0, 1, 2]);
  reconfigure(group, DOOR, NEW);
  group.add(0, 'c');
  group.add(DOOR, 'd');
  return group;
}

const othersOf = (victim: number): number[] => ALL.filter((number) => number !== victim);

interface Delivered {
  readonly from: number;
  readonly to: number;
}

/** Delivers letters in order, time passing when there are none, until `stop` says so or the change is over. */
function deliverUntil(group: HandDrivenGroup, stop: (count: number) => boolean): Delivered[] {
  const delivered: Delivered[] = [];
  for (let ticks = 0; ticks < 30 && !isOver(group);) {
    const [letter, ...rest] = group.letters;
    if (letter === undefined) {
      group.tick(10, ALL);
      ticks += 1;
      continue;
    }
    if (stop(delivered.length)) return delivered;
    group.letters = rest;
    group.hand(letter);
    delivered.push(letter);
  }
  return delivered;
}

function isOver(group: HandDrivenGroup): boolean {
  return ALL.every((number) => {
    const { epochNumber, status } = group.view(number);
    return epochNumber === 1 && status === (NEW.includes(number) ? 'normal' : 'retired');
  });
}

/** What must be true however the change went: nothing acknowledged is lost, nobody differs, and the group serves. */
function check(group: HandDrivenGroup, alive: readonly number[]): void {
  const serving = alive.filter((number) => group.view(number).status === 'normal');
  const door = serving[0];
  if (door === undefined) throw new Error('nobody serves');
  group.add(door, 'last');
  group.run(1_000, alive);
  expect(group.acknowledged('last')).toBe(true);
  const members = alive.filter((number) => group.view(number).status === 'normal');
  for (const name of ['a', 'b', 'c', 'd', 'last']) {
    const values = members.map((number) => group.valueAt(number, name));
    expect(new Set(values).size).toBe(1);
    expect(values[0]).toBeLessThanOrEqual(1);
    if (group.acknowledged(name)) expect(values[0]).toBe(1);
    if (wasTurnedAway(group, name)) expect(values[0]).toBe(0);
  }
}

function wasTurnedAway(group: HandDrivenGroup, name: string): boolean {
  const answer = group.answers.get(name);
  return answer?.kind === 'problem' && answer.code === 'moved';
}

describe('VRR §7: a crash at any step of a change', () => {
  const trace = deliverUntil(beginChange(), () => false);

  it('is a story long enough to be cut anywhere', () => {
    expect(trace.length).toBeGreaterThan(40);
    expect(new Set(trace.map(({ to }) => to))).toEqual(new Set(ALL));
  });

  /** After each message that the victim has sent or taken, or after every n-th of those. */
  function crashEach(victim: number, every: number, tell: (group: HandDrivenGroup) => void): void {
    const steps = trace.flatMap(({ from, to }, at) =>
      from === victim || to === victim ? [at] : [],
    );
    for (const at of steps.filter((_, nth) => nth % every === 0)) {
      const group = beginChange();
      deliverUntil(group, (count) => count === at + 1);
      group.crash(victim);
      for (const other of othersOf(victim)) group.seeLost(other, victim);
      tell(group);
    }
  }

  it.each(ALL)('loses nothing, and the change ends, when replica %i dies and returns', (victim) => {
    crashEach(victim, 1, (group) => {
      group.run(1_200, othersOf(victim));
      group.restart(victim);
      for (const other of othersOf(victim)) group.seeFound(other, victim);
      group.run(1_000, ALL);
      // The client of a door that dies is told nothing.
      if (victim !== DOOR) expect([answerOf(group), isOver(group)]).toEqual(['accepted', true]);
      check(group, ALL);
    });
  });

  it.each(ALL)('goes on without replica %i when it never returns', (victim) => {
    crashEach(victim, 2, (group) => {
      group.run(2_500, othersOf(victim));
      check(group, othersOf(victim));
    });
  });

  it('loses nothing when all stop at once, at any step', () => {
    trace.forEach((_, at) => {
      if (at % 4 > 0) return;
      const group = beginChange();
      deliverUntil(group, (count) => count === at + 1);
      for (const number of ALL) group.crash(number);
      group.drop();
      for (const number of ALL) group.restart(number);
      group.run(3_000, ALL);
      check(group, ALL);
    });
  });
});
