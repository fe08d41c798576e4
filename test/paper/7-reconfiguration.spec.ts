import { HandDrivenGroup } from './hand-driven-group';
import { answerOf, reconfigure, standings, warmUp } from './reconfigurations';

describe('VRR §7.1 a reconfiguration', () => {
  it('moves the group to a new epoch, with a member more', () => {
    const group = new HandDrivenGroup(3);
    group.run(100, [0, 1, 2]);
    group.add(0, 'a');
    group.settle([0, 1, 2]);
    warmUp(group, [0, 1, 2], 1);
    reconfigure(group, 0, [0, 1, 2, 3]);
    group.run(300, [0, 1, 2, 3]);
    expect(answerOf(group)).toBe('accepted');
    expect(standings(group, [0, 1, 2, 3])).toEqual(Array(4).fill('1.0 normal'));
    group.add(3, 'b');
    group.run(50, [0, 1, 2, 3]);
    expect(group.acknowledged('b')).toBe(true);
    expect([0, 1, 2, 3].map((n) => group.valueAt(n, 'b'))).toEqual([1, 1, 1, 1]);
  });
});
