import {
  decodeGroupOutcome,
  encodeGroupOperation,
  GROUP,
  type Answer,
  type ReplicaNumber,
} from '@lockstep/vr-core';
import { add } from './operations';
import { counted, shown, type Asked } from './scenario-client';
import { simulatedGroup, type ScenarioGroup } from './simulated-group';

/** The operator's request: the group is to be these replicas. */
function ask(group: ScenarioGroup, numbers: readonly number[]): Asked<Answer> {
  group.runUntil(() => group.serves());
  const { epochNumber } = group.view(group.primary());
  const members = numbers.map((number) => ({
    replicaNumber: number as ReplicaNumber,
    nodeId: `node-${number}`,
    role: 'active' as const,
    peerUrl: '',
    clientUrl: '',
  }));
  const bytes = encodeGroupOperation({ kind: 'reconfigure', epochNumber, members });
  return group.client('operator').request({ service: GROUP, bytes });
}

function accepted({ answer }: Asked<Answer>): number | undefined {
  if (answer?.kind !== 'outcome') return undefined;
  const outcome = decodeGroupOutcome(answer.bytes);
  return outcome.kind === 'accepted' ? outcome.epochNumber : undefined;
}

const statuses = (group: ScenarioGroup, numbers: readonly number[]): string[] =>
  numbers.map((number) => group.view(number).status);

/** Somebody who adds to `a` every few milliseconds, whatever the group does. */
class Load {
  readonly asked: Asked<Answer>[] = [];
  private readonly group: ScenarioGroup;

  constructor(group: ScenarioGroup) {
    this.group = group;
  }

  /** Goes on until the condition holds. */
  until(condition: () => boolean): void {
    for (let waitedMs = 0; !condition(); waitedMs += 5) {
      if (waitedMs > 20_000) throw new Error(`has not happened: ${this.group.describe()}`);
      this.asked.push(this.group.client(`load ${this.asked.length % 7}`).request(add('a')));
      this.group.run(5);
    }
  }

  /** Every request was executed once: the values they led to are 1 to their number. */
  check(): void {
    this.group.runUntil(() => this.asked.every((one) => counted(one) !== undefined));
    const values = this.asked.map(counted).sort((a, b) => Number(a) - Number(b));
    expect(values).toEqual(this.asked.map((_, at) => at + 1));
  }
}

describe('changes of the group', () => {
  it('goes from three to five and to three others, under load, and every request is executed once', () => {
    const group = simulatedGroup();
    const load = new Load(group);
    const [three, four, five] = [group.join(0), group.join(0), group.join(0)];
    const toFive = ask(group, [0, 1, 2, three, four]);
    load.until(() => accepted(toFive) === 1);
    load.until(() => statuses(group, [0, 1, 2, three, four]).every((one) => one === 'normal'));
    const toThree = ask(group, [three, four, five]);
    load.until(() => accepted(toThree) === 2);
    load.until(() => statuses(group, [0, 1, 2]).every((one) => one === 'retired'));
    for (const old of [0, 1, 2]) group.crash(old);
    load.check();
    const read = group.client('reader').read('a');
    group.runUntil(() => read.answer !== undefined);
    expect(shown(read)).toBe(load.asked.length);
    expect(statuses(group, [three, four, five])).toEqual(['normal', 'normal', 'normal']);
  });

  it('hands over to other members while the first of the new ones dies', () => {
    const group = simulatedGroup();
    const load = new Load(group);
    const joined = [group.join(0), group.join(0), group.join(0)];
    const asked = ask(group, joined);
    load.until(() => joined.some((number) => group.view(number).status === 'normal'));
    const [first] = joined.filter((number) => group.view(number).status === 'normal');
    group.crash(first ?? 3);
    const others = joined.filter((number) => number !== first);
    load.until(() => statuses(group, others).every((one) => one === 'normal'));
    load.until(() => statuses(group, [0, 1, 2]).every((one) => one === 'retired'));
    load.check();
    expect(accepted(asked)).toBe(1);
  });

  it('takes in a newcomer from behind the checkpoint, where no log reaches any more', () => {
    const limits = { checkpointOps: 40, logKeepOps: 20 };
    const group = simulatedGroup({ limits });
    const load = new Load(group);
    load.until(() => group.view(0).baseNumber > 60);
    const newcomer = group.join(0);
    const asked = ask(group, [newcomer, 1, 2]);
    load.until(() => accepted(asked) === 1);
    load.until(() => group.view(0).status === 'retired');
    group.crash(1);
    load.check();
    expect(group.view(newcomer)).toMatchObject({ status: 'normal', stateWhole: true });
    expect(group.view(newcomer).baseNumber).toBeGreaterThan(60);
  });

  it('makes three of one, and lets the one leave', () => {
    const group = simulatedGroup({ replicas: 1 });
    const load = new Load(group);
    load.until(() => group.nowMs > 100);
    const toThree = ask(group, [0, group.join(0), group.join(0)]);
    load.until(() => accepted(toThree) === 1);
    const next = group.join(0);
    const withoutIt = ask(group, [1, 2, next]);
    load.until(() => accepted(withoutIt) === 2);
    load.until(() => group.view(0).status === 'retired');
    group.crash(0);
    load.check();
  });

  it('costs clients no pause that they would notice when the primary stays', () => {
    const group = simulatedGroup();
    const newcomer = group.join(0);
    group.run(500);
    const asked = ask(group, [0, 1, 2, newcomer]);
    const before = group.nowMs;
    const load = new Load(group);
    load.until(() => accepted(asked) === 1);
    const next = group.client('ann').request(add('b'));
    group.runUntil(() => next.answer !== undefined);
    expect(group.nowMs - before).toBeLessThan(100);
    load.check();
  });
});
