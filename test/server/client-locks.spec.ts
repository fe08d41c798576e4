import type { JsonWebKey } from 'node:crypto';
import { connect } from '../../libs/client/src/client';
import type { Client } from '../../libs/client/src/client';
import type { BreakRequest } from '../../libs/client/src/hold';
import type { LockEvent } from '../../libs/client/src/lock-events';
import type { Session } from '../../libs/client/src/session';
import { verifySequencer } from '../../libs/client/src/sequencer';
import { GroupHarness } from './group-harness';
import { rest } from './rest-client';

jest.setTimeout(120_000);

describe('locks of a real group through the client', () => {
  let group: GroupHarness;
  let client: Client;
  let other: Client;
  let ann: Session;
  let bob: Session;

  beforeAll(async () => {
    group = await GroupHarness.start();
    const endpoints = group.replicas.map(({ url }) => url);
    client = await connect({ endpoints });
    other = await connect({ endpoints });
    ann = await client.openSession({ name: 'ann', ttlMs: 60_000 });
    bob = await other.openSession({ name: 'bob', ttlMs: 60_000 });
  });
  afterAll(async () => {
    await Promise.all([client.close(), other.close()]);
    await group.stop();
  });

  /** Resolves when so many wait for the lock. */
  async function queued(name: string, count: number): Promise<void> {
    let view = await ann.locks.inspect(name);
    while (view.waiters.length < count) view = await ann.locks.inspect(name);
  }

  const lossOf = (signal: AbortSignal): Promise<unknown> =>
    new Promise((resolve) => {
      const told = (): void => {
        resolve(signal.reason);
      };
      if (signal.aborted) told();
      else signal.addEventListener('abort', told, { once: true });
    });

  it('are many in one grant, pushed with every fence when they were waited for', async () => {
    const gate = await bob.locks.acquire('many/b');
    const waiting = ann.locks.acquireAll([{ name: 'many/a', mode: 'shared' }, { name: 'many/b' }]);
    await queued('many/b', 1);
    await gate.release();
    const set = await waiting;
    const [first, second] = set.locks;
    expect(first).toMatchObject({ name: 'many/a', mode: 'shared' });
    expect(second).toMatchObject({ name: 'many/b', mode: 'exclusive' });
    expect(second?.fence).toBe((first?.fence ?? 0n) + 1n);
    set.assertHeld();
    await set.release();
    expect((await ann.locks.inspect('many/a')).holders).toEqual([]);
  });

  it('tell their holder that somebody wants them back, then that they are lost, and why', async () => {
    const requests: BreakRequest[] = [];
    const lock = await ann.locks.acquire('wanted', {
      onBreakRequest: (request) => requests.push(request),
    });
    const lost = lossOf(lock.signal);
    const asked = { reason: 'host is gone', graceMs: 300 };
    expect(await bob.locks.break('wanted', lock.fence, asked)).toBe('break-requested');
    expect(await lost).toMatchObject({ code: 'lock-lost', cause: 'broken', lock: 'wanted' });
    expect(requests).toMatchObject([{ by: 'local', reason: 'host is gone', leftMs: 300 }]);
    expect(() => lock.assertHeld()).toThrow('broken');
    expect(lock.remainingMs()).toBe(0);
    expect(ann.signal.aborted).toBe(false);
  });

  it('end by their maximal hold, and their signal says so', async () => {
    const lock = await ann.locks.acquire('short', { maxHoldMs: 100 });
    expect(await lossOf(lock.signal)).toMatchObject({ cause: 'max-hold' });
  });

  it('are converted in place: a stronger mode is waited for and has another fence', async () => {
    const mine = await ann.locks.acquire('convert', { mode: 'shared' });
    const theirs = await bob.locks.acquire('convert', { mode: 'shared' });
    const { fence } = mine;
    const converting = mine.convert('exclusive');
    await queued('convert', 1);
    await expect(theirs.convert('exclusive')).rejects.toMatchObject({ code: 'upgrade-conflict' });
    await theirs.release();
    expect(await converting).toBe(mine);
    expect(mine.mode).toBe('exclusive');
    expect(mine.fence).toBeGreaterThan(fence);
    await mine.setValue(new Uint8Array([0xff]));
    await mine.convert('update');
    const lost = lossOf(mine.signal);
    await bob.locks.break('convert', mine.fence, { reason: 'test' });
    expect(await lost).toMatchObject({ cause: 'broken', fence: mine.fence });
    expect(await bob.locks.inspect('convert')).toMatchObject({ valueBase64: '/w==', holders: [] });
  });

  it('prove themselves to a resource that asks nobody', async () => {
    const lock = await ann.locks.acquire('proof');
    const { body } = await rest(`${group.replicas[0]?.url ?? ''}/.well-known/lockstep`);
    const { jwk } = body['sequencerKey'] as { jwk: JsonWebKey };
    const verified = verifySequencer(await lock.signedSequencer(), jwk);
    expect(verified).toMatchObject({ lock: 'proof', fence: lock.fence, mode: 'exclusive' });
    expect(verifySequencer(lock.sequencer, jwk)).toBeUndefined();
    await lock.release();
  });

  it('are refused with the circle that a wait would close', async () => {
    await using a = await ann.locks.acquire('circle/a');
    await using b = await bob.locks.acquire('circle/b');
    const waiting = ann.locks.acquire('circle/b', { waitMs: 60_000 });
    await queued('circle/b', 1);
    const refused = await bob.locks.acquire('circle/a').catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'deadlock',
      cycle: [
        { session: bob.id, lock: 'circle/a' },
        { session: ann.id, lock: 'circle/b' },
      ],
    });
    await b.release();
    await (await waiting).release();
    a.assertHeld();
  });

  it('count permits', async () => {
    const pool = ann.locks.semaphore('pool', 3);
    const two = await pool.acquire(2);
    expect(await bob.locks.semaphore('pool', 3).tryAcquire(2)).toBeNull();
    expect(await pool.state()).toMatchObject({ limit: 3, used: 2, free: 1 });
    await two.release();
    const three = await bob.locks
      .semaphore('pool')
      .acquire(3, { waitMs: 0 })
      .catch(() => null);
    expect(three).toBeNull(); // Nobody uses it, and nobody has said how many there are.
    await pool.setLimit(5);
    await (await bob.locks.semaphore('pool').acquire(4)).release();
    await pool.setLimit(undefined);
  });

  it('elect a leader whom everybody observes', async () => {
    const seen: (string | undefined)[] = [];
    const watching = new AbortController();
    const observing = (async () => {
      const { signal } = watching;
      for await (const { leader } of bob.locks.election('cron').observe({ signal })) {
        seen.push(leader?.value);
        if (leader?.value === 'b') return;
      }
    })();
    const first = await ann.locks.election('cron').campaign({ value: 'a' });
    await first.proclaim('a2');
    const second = bob.locks.election('cron').campaign({ value: 'b', claimMs: 10_000 });
    await queued('@election:cron', 1);
    const lost = first.fence;
    await first.resign();
    const leader = await second;
    expect(leader.fence).toBeGreaterThan(lost);
    await observing;
    expect(seen.at(-1)).toBe('b');
    leader.assertLeads();
    await leader.resign();
    expect((await ann.locks.election('cron').view()).leader).toBeNull();
  });

  it('meet at a barrier, and at a latch', async () => {
    const [mine, theirs] = [ann, bob].map(({ locks }) => locks.barrier('start', 2)) as [
      ReturnType<typeof ann.locks.barrier>,
      ReturnType<typeof ann.locks.barrier>,
    ];
    await Promise.all([mine.enter(), theirs.enter()]);
    expect(await mine.view()).toMatchObject({ inside: 2 });
    await Promise.all([mine.leave(), theirs.leave()]);
    const latch = ann.locks.latch('ready');
    await latch.set(2);
    const opened = bob.locks.latch('ready').opened();
    expect(await latch.countDown()).toBe(1);
    expect(await latch.countDown()).toBe(0);
    await opened;
    await latch.remove();
  });

  it('are told of in order, also when the replica that told of them dies', async () => {
    const stop = new AbortController();
    const told: LockEvent[] = [];
    const before = await ann.locks.acquire('told/0');
    const started = (async () => {
      const from = before.op?.split('.')[0] ?? '0';
      for await (const event of client.lockEvents({ prefix: 'told/', from, signal: stop.signal })) {
        told.push(event);
        if (event['lock'] === 'told/3') stop.abort();
      }
    })();
    await ann.locks.acquire('told/1');
    await (await group.primary()).kill();
    await ann.locks.acquire('told/2', { timeoutMs: 60_000 });
    await ann.locks.acquire('told/3', { timeoutMs: 60_000 });
    await started;
    expect(told.map((event) => event['lock'])).toEqual(['told/1', 'told/2', 'told/3']);
    await group.startAll();
  });
});
