import { acquire, openSession, release } from './operations';
import { fenceIn, lockOutcome, opened } from './scenario-client';
import { simulatedGroup } from './simulated-group';

describe('locks through the death of a primary', () => {
  it('keeps holder, fence and queue, and grants the lock to the next after the release', () => {
    const group = simulatedGroup();
    const [ann, bob] = [group.client('ann'), group.client('bob')];
    const annOpens = ann.request(openSession(60_000));
    const bobOpens = bob.request(openSession(60_000));
    group.settle();
    const [annSession, bobSession] = [opened(annOpens), opened(bobOpens)];
    const held = ann.numbered(annSession, 1, acquire('door', { session: annSession }));
    group.settle();
    const queued = bob.numbered(bobSession, 1, acquire('door', { session: bobSession }));
    group.settle();
    const fence = fenceIn(held);
    expect(lockOutcome(queued)).toMatchObject({ kind: 'queued', position: 1 });

    group.crash(group.primary());
    const released = ann.numbered(annSession, 2, release('door', annSession, fence));
    group.settle();
    expect(lockOutcome(released)).toEqual({ kind: 'released' });
    const again = bob.request(acquire('door', { session: bobSession }));
    group.settle();
    expect(lockOutcome(again)).toMatchObject({ kind: 'granted', grants: [{ fence: fence + 1n }] });
  });

  it('frees what a dead client held once its ttl has passed, and not before', () => {
    const group = simulatedGroup();
    const ann = group.client('ann');
    const annOpens = ann.request(openSession(5000));
    group.settle();
    const session = opened(annOpens);
    ann.numbered(session, 1, acquire('door', { session }));
    group.settle();
    group.run(4500);
    expect(group.rules.sessions.lives(session)).toBe(true);
    group.run(1500);
    expect(group.rules.sessions.lives(session)).toBe(false);
  });
});
