import { add } from './operations';
import { counted, shown } from './scenario-client';
import { simulatedGroup } from './simulated-group';

describe('a change of view, as clients see it', () => {
  it('keeps an acknowledged add when the primary dies right after', () => {
    const group = simulatedGroup();
    const first = group.client('ann').request(add('a'));
    group.settle();
    group.crash(0);
    const second = group.client('ann').request(add('a'));
    group.settle();
    expect(group.primary()).not.toBe(0);
    expect([counted(first), counted(second)]).toEqual([1, 2]);
    expect(group.logOf(1)).toEqual(['add a 1', 'add a 1']);
  });

  it('executes a request once that is sent again to the next primary under the same name', () => {
    const group = simulatedGroup();
    // A COMMITOK repeats what a lost PREPAREOK said.
    group.drop(({ message }) => message.kind === 'PrepareOk' || message.kind === 'CommitOk');
    const asked = group.client('ann').request(add('a'), 0);
    group.run(50);
    group.crash(0);
    group.drop();
    group.runUntil(() => group.view(1).serving || group.view(2).serving);
    asked.again(group.host(1));
    asked.again(group.host(2));
    group.settle();
    expect(group.committed()).toEqual(['add a 1']);
    expect(asked.answers.length).toBe(2);
    expect(counted(asked)).toBe(1);
  });

  it('lets an isolated primary acknowledge nothing, and answer no read once its lease is over', () => {
    const group = simulatedGroup();
    group.partition([[0], [1, 2]]);
    const lost = group.client('ann').request(add('a'), 0);
    // Longer than any lease: until then nobody else can have committed anything, and a read is right.
    group.run(200);
    const read = group.client('ann').read('a', 0);
    const kept = group.client('bob').request(add('b'), 1);
    group.run(5000);
    expect(counted(kept)).toBe(1);
    expect(lost.answer).toEqual({ kind: 'problem', code: 'outcome-unknown' });
    expect(shown(read)).toBeUndefined();
    group.heal();
    group.settle();
    expect(group.logOf(0)).toEqual(['add b 1']);
  });
});
