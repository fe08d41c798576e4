import { LockHeldError, WaitTimeoutError } from './errors';
import {
  clientOf,
  FakeGroup,
  itemsOf,
  Refusal,
  turns,
  useHandClock,
} from '../../../test/server/client-fake-group';

useHandClock();

describe('locks', () => {
  const queueing = async () => {
    const group = new FakeGroup();
    const session = await clientOf(group).openSession();
    group.execute = (op, request) =>
      op.kind === 'acquire' ? { request, state: 'queued', position: 1 } : { outcome: 'cancelled' };
    return { group, session };
  };

  it('are granted by a push after a wait', async () => {
    const { group, session } = await queueing();
    const acquiring = session.locks.acquire('door');
    await turns();
    const grant = { kind: 'lock.granted', session: session.id, request: `${session.id}#1` };
    group.push({ ...grant, event: '9-1', fence: '9007199254740993', mode: 'exclusive' });
    const lock = await acquiring;
    expect(lock).toMatchObject({ name: 'door', fence: 9007199254740993n, op: '9.1' });
  });

  it('are granted by a push that comes before the answer', async () => {
    const { group, session } = await queueing();
    const queued = group.execute;
    group.execute = (op, request) => {
      const grant = { kind: 'lock.granted', session: session.id, request };
      group.push({ ...grant, event: '9-1', fence: '5', mode: 'exclusive' });
      return queued(op, request);
    };
    expect((await session.locks.acquire('door')).fence).toBe(5n);
  });

  it('are asked for after a reconnection, since the push may have been missed', async () => {
    const { group, session } = await queueing();
    const acquiring = session.locks.acquire('door');
    await turns();
    group.answerRead = ({ request }) => ({ request, state: 'granted', fence: '6', mode: 'shared' });
    group.primary.die();
    group.changeView();
    expect(await acquiring).toMatchObject({ fence: 6n, mode: 'shared' });
  });

  it('are asked for only once the replica knows whom to push to: nothing falls between the two', async () => {
    const { group, session } = await queueing();
    const acquiring = session.locks.acquire('door');
    await turns();
    group.answerRead = ({ request }) => ({ request, state: 'granted', fence: '6', mode: 'shared' });
    group.primary.die();
    group.changeView();
    await acquiring;
    const { messages } = group.primary;
    const firstWith = (what: 'keepAlive' | 'query') =>
      messages.findIndex((items) => items.some((item) => what in item));
    expect(firstWith('keepAlive')).toBeGreaterThanOrEqual(0);
    expect(firstWith('query')).toBeGreaterThan(firstWith('keepAlive'));
  });

  it('are left, and not granted later, when the caller gives up waiting', async () => {
    const { group, session } = await queueing();
    const abort = new AbortController();
    const acquiring = session.locks.acquire('door', { signal: abort.signal });
    await turns();
    abort.abort(new Error('enough'));
    await expect(acquiring).rejects.toThrow('enough');
    await turns();
    expect(itemsOf(group.primary).at(-1)).toMatchObject({
      op: { kind: 'cancel', request: `${session.id}#1` },
    });
  });

  it('time out in the queue', async () => {
    const { group, session } = await queueing();
    const acquiring = session.locks.acquire('door', { waitMs: 50 });
    await turns();
    const event = { kind: 'lock.timed-out', session: session.id, request: `${session.id}#1` };
    group.push({ ...event, event: '9-1' });
    await expect(acquiring).rejects.toThrow(WaitTimeoutError);
  });

  it('are null for who only tries, when somebody has them', async () => {
    const { group, session } = await queueing();
    group.execute = () => {
      throw new Refusal('lock-held', { holder: { session: '4-0' }, queueLength: 3 });
    };
    expect(await session.locks.tryAcquire('door')).toBeNull();
    const refusal = await session.locks.acquire('door', { waitMs: 0 }).catch((e: unknown) => e);
    expect(refusal).toBeInstanceOf(LockHeldError);
    expect(refusal).toMatchObject({ holder: { session: '4-0' }, queueLength: 3 });
  });

  it('are released with their fence and owner', async () => {
    const { group, session } = await queueing();
    group.execute = (op, request) =>
      op.kind === 'acquire'
        ? { request, state: 'granted', fence: '17', mode: 'exclusive' }
        : { outcome: 'released' };
    const lock = await session.locks.acquire('door', { owner: 'ann' });
    expect(await lock.release()).toBe('released');
    expect(itemsOf(group.primary).at(-1)).toMatchObject({
      op: { kind: 'release', lock: 'door', owner: 'ann', fence: '17' },
    });
  });

  it('are claimed when they come out of a queue, and not had when that was too late', async () => {
    const { group, session } = await queueing();
    const queued = group.execute;
    const outcomes = ['claimed', 'unclaimed'];
    group.execute = (op, request) =>
      op.kind === 'claim' ? { outcome: outcomes.shift() } : queued(op, request);
    const acquire = async (number: number) => {
      const acquiring = session.locks.acquire('door', { claimMs: 500 });
      await turns();
      const grant = {
        kind: 'lock.granted',
        session: session.id,
        request: `${session.id}#${number}`,
      };
      group.push({ ...grant, event: '9-1', fence: `${number}`, mode: 'exclusive' });
      return acquiring;
    };
    expect(await acquire(1)).toMatchObject({ fence: 1n });
    expect(itemsOf(group.primary).at(-1)).toMatchObject({
      op: { kind: 'claim', request: `${session.id}#1` },
    });
    const late = await acquire(3).catch((error: unknown) => error);
    expect(late).toMatchObject({ code: 'request-ended', state: 'unclaimed' });
  });

  it('are several in one push when one request asked for several', async () => {
    const { group, session } = await queueing();
    const acquiring = session.locks.acquireAll([{ name: 'a' }, { name: 'b', mode: 'shared' }]);
    await turns();
    const grant = { kind: 'lock.granted', session: session.id, request: `${session.id}#1` };
    const locks = [
      { lock: 'a', mode: 'exclusive', fence: '5', sequencer: 'a;exclusive;5' },
      { lock: 'b', mode: 'shared', fence: '6', sequencer: 'b;shared;6' },
    ];
    group.push({ ...grant, event: '9-1', locks });
    const set = await acquiring;
    expect(set.locks).toMatchObject([
      { name: 'a', fence: 5n },
      { name: 'b', mode: 'shared', fence: 6n },
    ]);
    const lost = { kind: 'lock.lost', session: session.id, request: `${session.id}#1` };
    group.push({ ...lost, event: '10-0', fence: '6', lock: 'b', cause: 'broken' });
    expect(set.signal.reason).toMatchObject({ code: 'lock-lost', lock: 'b', cause: 'broken' });
    await set.release();
    expect(itemsOf(group.primary).at(-1)).toMatchObject({
      op: { kind: 'cancel', request: `${session.id}#1` },
    });
  });

  it('are refused as a deadlock with its circle', async () => {
    const { group, session } = await queueing();
    const cycle = [{ session: '4-0', owner: '', lock: 'door', mode: 'exclusive' }];
    group.execute = () => {
      throw new Refusal('deadlock', { cycle });
    };
    const refused = await session.locks.acquire('door').catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'deadlock', cycle });
  });
});
