import { add } from './operations';
import { counted, shown } from './scenario-client';
import { simulatedGroup, type ScenarioGroup } from './simulated-group';

const WITNESS = 2;

function twoAndOne(): ScenarioGroup {
  const group = simulatedGroup({ witnesses: 1 });
  group.run(300);
  return group;
}

const kindsTo = (group: ScenarioGroup, to: number, since: number): Set<string> =>
  new Set(
    group.sent
      .slice(since)
      .filter((one) => one.to === to)
      .map(({ message }) => message.kind),
  );

describe('VRR §6.1 two actives and a witness, as clients see them', () => {
  it('serve without the witness, which hears no more than that there is a primary', () => {
    const group = twoAndOne();
    const since = group.sent.length;
    const ann = group.client('ann');
    const asked = [1, 2, 3].map(() => ann.request(add('a')));
    group.settle();
    expect(asked.map(counted)).toEqual([1, 2, 3]);
    group.run(200);
    expect(kindsTo(group, WITNESS, since)).toEqual(new Set(['Commit']));
    expect(group.logOf(WITNESS)).toEqual([]);
  });

  it('go on when the primary dies, and when it comes back and the other one dies', () => {
    const group = twoAndOne();
    const ann = group.client('ann');
    const first = ann.request(add('a'));
    group.settle();
    group.crash(0);
    const second = ann.request(add('a'));
    group.settle();
    expect(group.primary()).toBe(1);
    group.restart(0);
    group.settle();
    group.crash(1);
    const third = ann.request(add('a'));
    group.settle();
    const read = ann.read('a');
    group.settle();
    expect(group.primary()).toBe(0);
    expect([first, second, third].map(counted)).toEqual([1, 2, 3]);
    expect(shown(read)).toBe(3);
  });

  it('lose nothing when the active that was there loses its disk, and the one that was away returns (E46)', () => {
    const group = twoAndOne();
    const ann = group.client('ann');
    ann.request(add('a'));
    group.settle();
    group.crash(1);
    const asked = [1, 2, 3].map(() => ann.request(add('a')));
    group.settle();
    expect(asked.map(counted)).toEqual([2, 3, 4]);
    group.crash(0);
    group.restart(1);
    const read = ann.read('a');
    group.settle();
    expect(group.primary()).toBe(1);
    expect(shown(read)).toBe(4);
  });

  it('are not held up when the witness is dead', () => {
    const group = twoAndOne();
    group.crash(WITNESS);
    const asked = group.client('ann').request(add('a'));
    group.settle();
    expect(counted(asked)).toBe(1);
  });

  it('commit nothing when an active and the witness are away: two of three are needed', () => {
    const group = twoAndOne();
    group.crash(WITNESS);
    group.crash(1);
    const asked = group.client('ann').request(add('a'), 0);
    group.run(2_000);
    expect(counted(asked)).toBeUndefined();
    expect(group.committed()).toEqual([]);
  });
});
