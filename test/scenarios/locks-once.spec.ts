import type { SessionId } from '@lockstep/vr-core';
import type { Operation } from '../simulation/services';
import { acquire, cancel, openSession, release } from './operations';
import { fenceIn, lockOutcome, opened } from './scenario-client';
import { simulatedGroup, type ScenarioGroup } from './simulated-group';

/** A group with one session, and what a client asks whose answer is lost with the primary. */
class Failover {
  readonly group: ScenarioGroup = simulatedGroup();
  readonly ann = this.group.client('ann');
  readonly session: SessionId;
  private asked = 0;

  constructor() {
    const opens = this.ann.request(openSession(60_000));
    this.group.settle();
    this.session = opened(opens);
  }

  ask(operation: Operation) {
    this.asked += 1;
    const asked = this.ann.numbered(this.session, this.asked, operation);
    this.group.settle();
    return asked;
  }

  /** The primary has it in its log and dies; both others are asked again under the same name, one of them twice. */
  askThrough(operation: Operation) {
    const { group } = this;
    this.asked += 1;
    const primary = group.primary();
    // A COMMITOK repeats what a lost PREPAREOK said.
    group.drop(({ message }) => message.kind === 'PrepareOk' || message.kind === 'CommitOk');
    const asked = this.ann.numbered(this.session, this.asked, operation, { at: primary });
    group.run(50);
    group.crash(primary);
    group.drop();
    group.runUntil(() => group.serves());
    for (const door of [1, 2, 1]) asked.again(group.host(door));
    group.settle();
    group.run(500);
    return asked;
  }

  times(words: string): number {
    return this.group.committed().filter((line) => line === words).length;
  }
}

describe('a request whose answer was lost with the primary', () => {
  it('is executed once: acquire', () => {
    const failover = new Failover();
    const { session } = failover;
    const asked = failover.askThrough(acquire('door', { session, request: 'r' }));
    const answers = asked.answers.map((answer) => (answer.kind === 'outcome' ? answer.bytes : []));
    expect(answers.length).toBeGreaterThan(1);
    expect(new Set(answers.map((bytes) => [...bytes].join())).size).toBe(1);
    expect(failover.times('acquire door')).toBe(1);
    expect(failover.group.rules.locks.grants).toBe(1);
  });

  it('is executed once: release, so that it does not give back what was taken again since', () => {
    const failover = new Failover();
    const { session, group, ann } = failover;
    const fence = fenceIn(failover.ask(acquire('door', { session, request: 'first' })));
    const released = failover.askThrough(release('door', session, fence));
    expect(lockOutcome(released)).toEqual({ kind: 'released' });
    const second = fenceIn(failover.ask(acquire('door', { session, request: 'second' })));
    released.again(group.host(1));
    released.again(group.host(2));
    group.run(500);
    expect(failover.times('release door')).toBe(1);
    const held = ann.request(acquire('door', { session, request: 'second' }));
    group.settle();
    expect(fenceIn(held)).toBe(second);
  });

  it('is executed once: cancel, which ends the wait for good', () => {
    const failover = new Failover();
    const { session, group, ann } = failover;
    failover.ask(acquire('door', { session, request: 'held' }));
    const bob = group.client('bob');
    const opens = bob.request(openSession(60_000));
    group.settle();
    const other = opened(opens);
    bob.numbered(other, 1, acquire('door', { session: other, request: 'bob waits' }));
    group.settle();
    const gone = failover.askThrough(cancel('held'));
    expect(lockOutcome(gone)).toEqual({ kind: 'released' });
    gone.again(group.host(1));
    gone.again(group.host(2));
    group.run(500);
    expect(failover.times('cancel held')).toBe(1);
    const again = ann.request(acquire('door', { session, request: 'held' }));
    const next = bob.request(acquire('door', { session: other, request: 'bob waits' }));
    group.settle();
    expect(lockOutcome(again)).toMatchObject({ kind: 'finished', state: 'released' });
    expect(lockOutcome(next)?.kind).toBe('granted');
  });
});
