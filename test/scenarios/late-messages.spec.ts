import type { Envelope } from '../simulation/network';
import { add } from './operations';
import { counted } from './scenario-client';
import { simulatedGroup } from './simulated-group';

const isStartViewTo =
  (to: number, viewNumber: number) =>
  ({ to: receiver, message }: Envelope): boolean =>
    message.kind === 'StartView' && message.viewNumber === viewNumber && receiver === to;

describe('messages that come late', () => {
  it('ignores a StartView of an older view, and keeps what was committed since (E10)', () => {
    const group = simulatedGroup();
    group.hold(isStartViewTo(2, 1));
    group.crash(0);
    group.runUntil(() => group.view(1).status === 'normal' && group.view(1).viewNumber === 1);
    group.restart(0);
    group.runUntil(() => group.held().length > 0);
    group.crash(1);
    const asked = group.client('ann').request(add('a'));
    group.settle();
    expect(group.view(2).viewNumber).toBeGreaterThan(1);
    expect(counted(asked)).toBe(1);
    group.release();
    group.run(100);
    expect(group.logOf(2)).toEqual(['add a 1']);
    expect(group.view(2).viewNumber).toBeGreaterThan(1);
  });

  it('cuts nothing from a log when a replica hears of a later view (E7)', () => {
    const group = simulatedGroup();
    group.client('ann').request(add('a'));
    group.settle();
    // Replica 2 holds the next add, and does not know that it is committed.
    group.drop(({ to, message }) => to === 2 && message.kind === 'Commit');
    group.client('ann').request(add('b'), 0);
    group.run(50);
    group.hold(({ to, message }) => to === 2 && message.kind === 'StartView');
    group.crash(0);
    group.restart(0);
    group.runUntil(() => group.view(1).serving || group.view(2).serving);
    group.run(500);
    expect(group.logOf(2).slice(0, 2)).toEqual(['add a 1', 'add b 1']);
    group.drop();
    group.release();
    group.settle();
    expect(group.logOf(2)).toEqual(['add a 1', 'add b 1']);
  });

  it('executes a request once whose duplicates come at all doors, before and after its commit', () => {
    const group = simulatedGroup();
    const asked = group.client('ann').request(add('a'), 0);
    asked.again(group.host(1));
    asked.again(group.host(2));
    group.run(100);
    asked.again(group.host(2));
    group.settle();
    expect(group.committed()).toEqual(['add a 1']);
    expect(asked.answers.length).toBe(4);
    expect(counted(asked)).toBe(1);
  });
});
