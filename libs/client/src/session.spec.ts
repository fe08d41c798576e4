import { getMaxListeners } from 'node:events';
import { SessionExpiredError } from './errors';
import {
  clientOf,
  FakeGroup,
  type FakeReplica,
  itemsOf,
  pass,
  turns,
  useHandClock,
} from '../../../test/server/client-fake-group';

useHandClock();

describe('sessions', () => {
  it('are kept alive three times a ttl, and at once through a new replica', async () => {
    const group = new FakeGroup();
    const client = clientOf(group);
    await client.openSession({ ttlMs: 6000 });
    const keepAlives = (replica: FakeReplica): number =>
      itemsOf(replica).filter((item) => 'keepAlive' in item).length;
    await pass(4100);
    expect(keepAlives(group.replicas[0]!)).toBe(2);
    group.replicas[0]!.die();
    group.changeView();
    await turns();
    expect(keepAlives(group.replicas[1]!)).toBe(1);
  });

  it('let any number of requests wait for their end without a warning', async () => {
    const session = await clientOf(new FakeGroup()).openSession();
    expect(getMaxListeners(session.signal)).toBe(Infinity);
  });

  it('are over for their holder when no renewal came through for a ttl', async () => {
    const group = new FakeGroup();
    const session = await clientOf(group).openSession({ ttlMs: 3000 });
    for (const replica of group.replicas) replica.mood = 'hang';
    await pass(2000);
    expect(session.signal.aborted).toBe(false);
    await pass(1000);
    expect(session.signal.aborted).toBe(true);
    expect(session.signal.reason).toMatchObject({ cause: 'lease-uncertain' });
    expect(session.remainingMs()).toBe(0);
    await expect(session.counters.add('c')).rejects.toThrow(SessionExpiredError);
  });

  it('are over when the group says so, and their locks with them', async () => {
    const group = new FakeGroup();
    const session = await clientOf(group).openSession();
    group.execute = (op, request) =>
      op.kind === 'acquire' ? { request, state: 'granted', fence: '17', mode: 'exclusive' } : {};
    const lock = await session.locks.acquire('door');
    lock.assertHeld();
    group.push({ event: '9-0', kind: 'session.ended', session: session.id, cause: 'expired' });
    expect(lock.signal.aborted).toBe(true);
    expect(() => lock.assertHeld()).toThrow(SessionExpiredError);
  });
});
