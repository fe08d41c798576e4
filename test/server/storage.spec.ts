import { opNumber } from '@lockstep/vr-core';
import { RefusedToStart, type DurabilityMode } from '../../apps/server/src/storage/replica-storage';
import {
  append,
  chain,
  EPOCH,
  hashes,
  logOf,
  promise,
  stored,
  openedWith,
  storeOf,
  twins,
  view,
  type StorageFixture,
} from './storage-fixture';

describe.each(twins)('a storage %s', (_, makeFixture) => {
  let fixture: StorageFixture;

  beforeEach(async () => {
    fixture = await makeFixture();
  });

  afterEach(() => fixture.dispose());

  const openedIn = async (mode: DurabilityMode) => {
    const storage = fixture.start(mode);
    return { storage, ...(await openedWith(storage)) };
  };

  it('starts a new group fresh, once', async () => {
    const { storage, life } = await openedIn('durable');
    expect(life.log).toEqual({ kind: 'fresh' });
    expect(life.promise).toEqual(promise(0, { 1: 1 }));
    await storage.close();
    expect((await openedIn('durable')).life.log).toMatchObject({ kind: 'intact', entries: [] });
  });

  it('counts every life before it begins, also one that ends at once', async () => {
    expect((await openedIn('durable')).life.incarnation).toBe(1);
    await fixture.kill();
    expect((await openedIn('durable')).life.incarnation).toBe(2);
    await fixture.kill();
    const { life } = await openedIn('durable');
    expect(life.incarnation).toBe(3);
    expect(life.promise).toEqual(promise(0, { 1: 3 }));
  });

  it('gives every life a nonce of its own', async () => {
    const first = (await openedIn('durable')).life.nonce;
    await fixture.kill();
    const second = (await openedIn('durable')).life.nonce;
    expect(first).toHaveLength(16);
    expect(second).not.toBe(first);
  });

  it('refuses a start without a promise: an amnesiac never comes back silently (decision 3)', async () => {
    const { storage } = await openedIn('durable');
    await storage.close();
    await fixture.forget();
    await expect(openedWith(fixture.start('durable'))).rejects.toBeInstanceOf(RefusedToStart);
  });

  it('holds after kill -9 every store that was done', async () => {
    const { storage } = await openedIn('durable');
    const entries = chain([], 3);
    await stored(storage, append(entries.slice(0, 2)));
    await stored(storage, append(entries.slice(2), { commitNumber: opNumber(2) }));
    await fixture.kill();
    const { life } = await openedIn('durable');
    expect(logOf(life.log)).toEqual(hashes(entries));
    expect(life.log).toMatchObject({ lastNormalView: view(0), commitNumber: 2 });
  });

  it('drops what follows afterOp in the same write that appends', async () => {
    const { storage } = await openedIn('durable');
    const old = chain([], 4);
    const kept = old.slice(0, 2);
    const other = chain(kept, 3, 1);
    await stored(storage, append(old));
    await stored(
      storage,
      append(other, { lastNormalView: view(1), promise: promise(1, { 1: 1 }) }),
    );
    await fixture.kill();
    const { life } = await openedIn('durable');
    expect(logOf(life.log)).toEqual(hashes([...kept, ...other]));
    expect(life.log).toMatchObject({ lastNormalView: view(1) });
  });

  it('shortens the log when a store has no entries', async () => {
    const { storage } = await openedIn('durable');
    const entries = chain([], 3);
    await stored(storage, append(entries));
    await stored(storage, storeOf({ afterOp: opNumber(1), entries: [] }));
    await fixture.kill();
    expect(logOf((await openedIn('durable')).life.log)).toEqual(hashes(entries.slice(0, 1)));
  });

  it('keeps a promise that came without a log', async () => {
    const { storage } = await openedIn('durable');
    await stored(storage, storeOf(undefined, { promise: promise(7, { 0: 2, 1: 1, 2: 5 }) }));
    await fixture.kill();
    const { life } = await openedIn('durable');
    expect(life.promise).toMatchObject({ ...view(7), epoch: EPOCH });
    expect(
      [...life.promise.incarnations].sort((a, b) => a.replicaNumber - b.replicaNumber),
    ).toEqual(promise(7, { 0: 2, 1: 2, 2: 5 }).incarnations);
    expect(life.log).toMatchObject({ kind: 'intact', lastNormalView: view(0) });
  });

  it('completes stores in their order, many of one turn too, and never inside the call', async () => {
    const { storage } = await openedIn('durable');
    const entries = chain([], 40);
    const done: number[] = [];
    const all = entries.map(
      (entry, index) =>
        new Promise<void>((resolve) => {
          const more = index % 7 === 3 ? { promise: promise(index, { 1: 1 }) } : {};
          storage.store(append([entry], more), () => {
            done.push(index);
            resolve();
          });
        }),
    );
    expect(done).toEqual([]);
    await Promise.all(all);
    expect(done).toEqual(entries.map((_entry, index) => index));
    await fixture.kill();
    const { life } = await openedIn('durable');
    expect(logOf(life.log)).toEqual(hashes(entries));
    expect(life.promise.viewNumber).toBe(38);
  });

  it('keeps after kill -9 a beginning of what was asked, never a hole', async () => {
    const { storage } = await openedIn('durable');
    const entries = chain([], 60);
    let done = 0;
    const finished = entries.map((entry) =>
      stored(storage, append([entry])).then(() => {
        done += 1;
      }),
    );
    await finished[10];
    const doneAtKill = done;
    await fixture.kill();
    await Promise.all(finished);
    const { life } = await openedIn('durable');
    const found = logOf(life.log);
    expect(found.length).toBeGreaterThanOrEqual(doneAtKill);
    expect(found).toEqual(hashes(entries).slice(0, found.length));
  });

  it('closes whole, with everything that was asked before', async () => {
    const { storage } = await openedIn('durable');
    const entries = chain([], 5);
    storage.store(append(entries), () => undefined);
    await storage.close();
    expect(logOf((await openedIn('durable')).life.log)).toEqual(hashes(entries));
  });

  describe('in mode replicated (decisions 16 and 32)', () => {
    it('restarts from its log after a clean stop', async () => {
      const { storage } = await openedIn('replicated');
      const entries = chain([], 3);
      await stored(storage, append(entries));
      await storage.close();
      expect(logOf((await openedIn('replicated')).life.log)).toEqual(hashes(entries));
    });

    it('does not trust a log after kill -9, but keeps the promise', async () => {
      const { storage } = await openedIn('replicated');
      await stored(storage, append(chain([], 3), { promise: promise(2, { 1: 1 }) }));
      await fixture.kill();
      const { life } = await openedIn('replicated');
      expect(life.log).toEqual({ kind: 'lost' });
      expect(life.promise.viewNumber).toBe(2);
    });

    it('erases the mark of a clean stop before the next life begins', async () => {
      const { storage } = await openedIn('replicated');
      await storage.close();
      await openedIn('replicated');
      await fixture.kill();
      expect((await openedIn('replicated')).life.log).toEqual({ kind: 'lost' });
    });

    it('does not trust the log either when the next life is durable', async () => {
      await openedIn('replicated');
      await fixture.kill();
      expect((await openedIn('durable')).life.log).toEqual({ kind: 'lost' });
    });

    it('completes in order although a promise in between waits for its sync', async () => {
      const { storage } = await openedIn('replicated');
      const entries = chain([], 5);
      const done: number[] = [];
      const all = entries.map((entry, index) =>
        stored(storage, append([entry], index === 2 ? { promise: promise(1, { 1: 1 }) } : {})).then(
          () => done.push(index),
        ),
      );
      await Promise.all(all);
      expect(done).toEqual([0, 1, 2, 3, 4]);
    });
  });

  describe('after a lost log', () => {
    const loseTheLog = async () => {
      await openedIn('replicated');
      await fixture.kill();
      return openedIn('durable');
    };

    it('says so again until the log is back', async () => {
      const { storage } = await loseTheLog();
      await stored(storage, storeOf(undefined, { promise: promise(3, { 1: 2 }) }));
      await fixture.kill();
      const { life } = await openedIn('durable');
      expect(life.log).toEqual({ kind: 'lost' });
      expect(life.promise.viewNumber).toBe(3);
    });

    it('restarts from the log that recovery brought', async () => {
      const { storage } = await loseTheLog();
      const entries = chain([], 4, 2);
      await stored(
        storage,
        append(entries, { promise: promise(3, { 1: 2 }), lastNormalView: view(3) }),
      );
      await fixture.kill();
      const { life } = await openedIn('durable');
      expect(logOf(life.log)).toEqual(hashes(entries));
      expect(life.log).toMatchObject({ lastNormalView: view(3) });
    });
  });

  describe('told to recover (E1 b; decision 3)', () => {
    it('starts without a promise, later than every life before, and lost', async () => {
      const earlier = (await openedIn('durable')).life.incarnation;
      await fixture.forget();
      const storage = fixture.start('durable', true);
      const { life } = await openedWith(storage);
      expect(life).toMatchObject({ promiseLost: true, log: { kind: 'lost' } });
      expect(life.incarnation).toBeGreaterThan(Math.max(earlier, Date.now() - 60_000));
      expect(life.promise).toEqual(promise(0, { 1: life.incarnation }));
    });

    it('says so again after a crash, also without being told again, until the log is back', async () => {
      await openedIn('durable');
      await fixture.forget();
      const first = fixture.start('durable', true);
      const { incarnation } = (await openedWith(first)).life;
      await stored(first, storeOf(undefined, { promise: promise(4, { 0: 9, 1: incarnation }) }));
      await fixture.kill();
      const second = await openedIn('durable');
      expect(second.life).toMatchObject({
        promiseLost: true,
        incarnation: incarnation + 1,
        log: { kind: 'lost' },
      });
      const entries = chain([], 3, 4);
      await stored(second.storage, append(entries, { lastNormalView: view(4) }));
      await fixture.kill();
      const { life } = await openedIn('durable');
      expect(life.promiseLost).toBe(false);
      expect(logOf(life.log)).toEqual(hashes(entries));
    });

    it('with its promise in place starts as ever', async () => {
      const { storage } = await openedIn('durable');
      await stored(storage, append(chain([], 2), { promise: promise(3, { 1: 1 }) }));
      await fixture.kill();
      const { life } = await openedWith(fixture.start('durable', true));
      expect(life).toMatchObject({ promiseLost: false, incarnation: 2, log: { kind: 'intact' } });
      expect(life.promise.viewNumber).toBe(3);
    });
  });
});
