import { add } from './operations';
import { counted, shown } from './scenario-client';
import { simulatedGroup } from './simulated-group';

describe('crashes', () => {
  it('loses nothing that was acknowledged when the power fails everywhere at once', () => {
    const group = simulatedGroup();
    const ann = group.client('ann');
    const acknowledged = [1, 2, 3].map(() => ann.request(add('a')));
    group.settle();
    expect(acknowledged.map(counted)).toEqual([1, 2, 3]);
    [0, 1, 2].forEach((number) => group.crash(number));
    [0, 1, 2].forEach((number) => group.restart(number));
    const read = ann.read('a');
    group.settle();
    expect(shown(read)).toBe(3);
  });

  it('lets a primary that restarts leave its view, because it may have forgotten what it sent (T31)', () => {
    const group = simulatedGroup();
    group.crash(0);
    group.restart(0);
    group.settle();
    expect(group.view(0).viewNumber).toBe(1);
    expect(group.primary()).toBe(1);
  });

  it('brings a lost log back from the others, and lets the replica vote for nothing before (VRR §4.3)', () => {
    const group = simulatedGroup();
    group.client('ann').request(add('a'));
    group.settle();
    group.crash(2);
    group.partition([[2], [0, 1]]);
    group.restart(2, { log: 'lost' });
    group.run(3000);
    expect(group.view(2).status).toBe('recovering');
    const said = group.sent.filter(({ from }) => from === 2).map(({ message }) => message.kind);
    expect(new Set(said.slice(-5))).toEqual(new Set(['Recovery']));
    group.heal();
    group.settle();
    expect(group.logOf(2)).toEqual(['add a 1']);
  });

  it('replaces a primary that has lost its log, without waiting for a silence (E4)', () => {
    const group = simulatedGroup();
    const ann = group.client('ann');
    ann.request(add('a'));
    group.settle();
    group.crash(0);
    group.restart(0, { log: 'lost' });
    group.settle();
    expect(group.logOf(0)).toEqual(['add a 1']);
    expect(group.primary()).not.toBe(0);
  });

  it('does not acknowledge what is not on the disk yet (decision 5)', () => {
    const group = simulatedGroup();
    group.holdDisk(1);
    group.holdDisk(2);
    const asked = group.client('ann').request(add('a'), 0);
    group.run(200);
    expect(asked.answer).toBeUndefined();
    expect(group.logOf(1)).toEqual(['add a 1']);
    group.releaseDisk(2);
    group.run(50);
    expect(counted(asked)).toBe(1);
  });
});
