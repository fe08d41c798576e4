import { opNumber, type Store } from '@lockstep/vr-core';
import type { DurabilityMode, ReplicaStorage } from '../../apps/server/src/storage/replica-storage';
import {
  append,
  chain,
  checkpointAt,
  hashes,
  logOf,
  openedWith,
  pagesOf,
  pagesStore,
  placeOf,
  stored,
  storeOf,
  twins,
  type StorageFixture,
} from './storage-fixture';

const TABLE = 'counter/values';
const switchTo = (op: number, more: Partial<Omit<Store, 'log'>> = {}) =>
  storeOf(undefined, { checkpoint: checkpointAt(op), ...more });

describe.each(twins)('checkpoints on a storage %s', (_, makeFixture) => {
  let fixture: StorageFixture;

  beforeEach(async () => {
    fixture = await makeFixture();
  });

  afterEach(() => fixture.dispose());

  const openedIn = async (mode: DurabilityMode = 'durable') => {
    const storage = fixture.start(mode);
    return { storage, ...(await openedWith(storage)) };
  };

  const storedAll = async (storage: ReplicaStorage, ...stores: readonly Store[]) => {
    for (const store of stores) await stored(storage, store);
  };

  /** A storage with a log of ten entries and the checkpoint of op 8: pages 0 to 2. */
  const withCheckpoint = async () => {
    const { storage } = await openedIn();
    await storedAll(
      storage,
      append(chain([], 10)),
      pagesStore(8, pagesOf({ 0: 'zero', 1: 'one' })),
      pagesStore(8, pagesOf({ 2: 'two' })),
      switchTo(8),
    );
    return storage;
  };

  const texts = async (storage: ReplicaStorage, ...pages: readonly number[]) =>
    (await storage.load(pages.map((page) => ({ table: TABLE, page })))).map((bytes) =>
      bytes === undefined ? undefined : Buffer.from(bytes).toString(),
    );

  it('has none at first, and then no page to restore', async () => {
    const { storage } = await openedIn();
    await stored(storage, append(chain([], 2)));
    await fixture.kill();
    const { life, pages } = await openedIn();
    expect(pages).toEqual({});
    expect(life.log).toMatchObject({ checkpoint: undefined, stateWhole: true });
  });

  it('restores all pages of the one in force', async () => {
    await withCheckpoint();
    await fixture.kill();
    const { life, pages } = await openedIn();
    expect(pages).toEqual({ [`${TABLE} 0`]: 'zero', [`${TABLE} 1`]: 'one', [`${TABLE} 2`]: 'two' });
    expect(life.log).toMatchObject({ checkpoint: checkpointAt(8), stateWhole: true });
  });

  it('takes pages that have not changed from older ones, and none that are gone', async () => {
    const storage = await withCheckpoint();
    await storedAll(
      storage,
      pagesStore(16, pagesOf({ 1: 'one again', 2: undefined, 3: 'three' })),
      switchTo(16),
      pagesStore(24, pagesOf({ 3: 'three again' })),
      switchTo(24),
    );
    await fixture.kill();
    const { life, pages } = await openedIn();
    expect(pages).toEqual({
      [`${TABLE} 0`]: 'zero',
      [`${TABLE} 1`]: 'one again',
      [`${TABLE} 3`]: 'three again',
    });
    expect(life.log).toMatchObject({ checkpoint: checkpointAt(24), stateWhole: true });
  });

  it('brings a page back that was gone', async () => {
    const storage = await withCheckpoint();
    await storedAll(
      storage,
      pagesStore(16, pagesOf({ 1: undefined })),
      switchTo(16),
      pagesStore(24, pagesOf({ 1: 'one is back' })),
      switchTo(24),
    );
    await fixture.kill();
    expect((await openedIn()).pages).toMatchObject({ [`${TABLE} 1`]: 'one is back' });
  });

  it('drops own pages that did not get as far as their checkpoint', async () => {
    const storage = await withCheckpoint();
    await stored(storage, pagesStore(16, pagesOf({ 0: 'never', 5: 'never' })));
    await fixture.kill();
    const second = await openedIn();
    expect(Object.values(second.pages)).toEqual(expect.arrayContaining(['zero', 'one', 'two']));
    expect(second.life.log).toMatchObject({ checkpoint: checkpointAt(8), stateWhole: true });
    await storedAll(second.storage, pagesStore(24, pagesOf({ 1: 'one' })), switchTo(24));
    await fixture.kill();
    expect(Object.values((await openedIn()).pages).sort()).toEqual(['one', 'two', 'zero']);
  });

  it('drops own pages that were given up for another checkpoint, or for a transfer', async () => {
    const storage = await withCheckpoint();
    await storedAll(
      storage,
      pagesStore(16, pagesOf({ 5: 'given up' })),
      pagesStore(24, pagesOf({ 6: 'given up' })),
      pagesStore(20, pagesOf({ 7: 'fetched' }), true),
      switchTo(20),
    );
    await fixture.kill();
    const { life, pages } = await openedIn();
    expect(Object.values(pages).sort()).toEqual(['fetched', 'one', 'two', 'zero']);
    expect(life.log).toMatchObject({ checkpoint: checkpointAt(20), stateWhole: true });
  });

  it('finds a transfer that was cut short, and goes on from there', async () => {
    const storage = await withCheckpoint();
    await storedAll(
      storage,
      pagesStore(40, pagesOf({ 0: 'fetched zero', 2: undefined }), true),
      pagesStore(40, pagesOf({ 3: 'fetched three' }), true),
    );
    await fixture.kill();
    const second = await openedIn();
    expect(second.pages).toEqual({
      [`${TABLE} 0`]: 'fetched zero',
      [`${TABLE} 1`]: 'one',
      [`${TABLE} 3`]: 'fetched three',
    });
    expect(second.life.log).toMatchObject({ checkpoint: undefined, stateWhole: false });
    await storedAll(
      second.storage,
      pagesStore(48, pagesOf({ 3: 'newer three', 4: 'fetched four' }), true),
      switchTo(48),
    );
    await fixture.kill();
    const third = await openedIn();
    expect(third.pages).toEqual({
      [`${TABLE} 0`]: 'fetched zero',
      [`${TABLE} 1`]: 'one',
      [`${TABLE} 3`]: 'newer three',
      [`${TABLE} 4`]: 'fetched four',
    });
    expect(third.life.log).toMatchObject({ checkpoint: checkpointAt(48), stateWhole: true });
  });

  it('loads pages of the one in force while the next is being written', async () => {
    const storage = await withCheckpoint();
    await stored(storage, pagesStore(16, pagesOf({ 0: 'new zero', 1: undefined, 3: 'new' })));
    expect(await texts(storage, 2, 0, 1, 3, 9)).toEqual([
      'two',
      'zero',
      'one',
      undefined,
      undefined,
    ]);
    await stored(storage, switchTo(16));
    expect(await texts(storage, 2, 0, 1, 3, 9)).toEqual([
      'two',
      'new zero',
      undefined,
      'new',
      undefined,
    ]);
  });

  it('loads after a start what was restored', async () => {
    await withCheckpoint();
    await fixture.kill();
    const { storage } = await openedIn();
    expect(await texts(storage, 1, 2)).toEqual(['one', 'two']);
  });

  it('keeps pages of different tables apart', async () => {
    const { storage } = await openedIn();
    await storedAll(
      storage,
      pagesStore(8, [...pagesOf({ 0: 'a' }, 'locks/rows'), ...pagesOf({ 0: 'b' }, 'locks/queue')]),
      switchTo(8),
    );
    await fixture.kill();
    expect((await openedIn()).pages).toEqual({ 'locks/rows 0': 'a', 'locks/queue 0': 'b' });
  });

  it('holds a state of many pages, changed and changed again', async () => {
    const { storage } = await openedIn();
    const state: Record<number, string> = {};
    for (let round = 1; round <= 12; round += 1) {
      const changed: Record<number, string> = {};
      for (let page = round; page < 700; page += round)
        changed[page] = `page ${page} in round ${round}`;
      Object.assign(state, changed);
      const pages = pagesOf(changed);
      for (let at = 0; at < pages.length; at += 100)
        storage.store(pagesStore(8 * round, pages.slice(at, at + 100)), () => undefined);
      await stored(storage, switchTo(8 * round));
    }
    await fixture.kill();
    const { life, pages } = await openedIn();
    const wanted = Object.entries(state).map(([page, text]) => [`${TABLE} ${page}`, text]);
    expect(pages).toEqual(Object.fromEntries(wanted));
    expect(life.log).toMatchObject({ stateWhole: true });
  });

  it('keeps no page for a lost log', async () => {
    const { storage } = await openedIn('replicated');
    await storedAll(storage, pagesStore(8, pagesOf({ 0: 'zero' })), switchTo(8));
    await fixture.kill();
    const second = await openedIn();
    expect([second.life.log, second.pages]).toEqual([{ kind: 'lost' }, {}]);
    await storedAll(
      second.storage,
      pagesStore(40, pagesOf({ 1: 'fetched' }), true),
      storeOf(undefined, { checkpoint: checkpointAt(40) }),
    );
    await fixture.kill();
    const third = await openedIn();
    expect([third.life.log, third.pages]).toEqual([{ kind: 'lost' }, {}]);
  });

  it('takes a log back that begins after a checkpoint', async () => {
    await openedIn('replicated');
    await fixture.kill();
    const { storage } = await openedIn();
    const whole = chain([], 12, 1);
    const base = placeOf(whole[7]!);
    await storedAll(
      storage,
      pagesStore(8, pagesOf({ 0: 'fetched' }), true),
      switchTo(8, { base }),
      append(whole.slice(8), { base }),
    );
    await fixture.kill();
    const { life, pages } = await openedIn();
    expect(logOf(life.log)).toEqual(hashes(whole.slice(8)));
    expect(life.log).toMatchObject({ base, checkpoint: checkpointAt(8), stateWhole: true });
    expect(pages).toEqual({ [`${TABLE} 0`]: 'fetched' });
  });

  describe('a log with a base', () => {
    it('begins after it', async () => {
      const { storage } = await openedIn();
      const entries = chain([], 9);
      const base = placeOf(entries[5]!);
      await stored(storage, append(entries));
      await stored(storage, storeOf(undefined, { base, commitNumber: opNumber(7) }));
      await fixture.kill();
      const { life } = await openedIn();
      expect(life.log).toMatchObject({ base, beyond: [], commitNumber: 7 });
      expect(logOf(life.log)).toEqual(hashes(entries.slice(6)));
    });

    it('keeps its base and the witnesses’ when nothing follows it', async () => {
      const { storage } = await openedIn();
      const entries = chain([], 3);
      const base = placeOf(entries[2]!);
      await stored(storage, append(entries, { base, witnessBase: opNumber(2) }));
      await fixture.kill();
      const second = await openedIn();
      expect(second.life.log).toMatchObject({ base, entries: [], witnessBase: 2 });
      const more = chain(entries, 2);
      await stored(second.storage, append(more, { base }));
      await fixture.kill();
      expect(logOf((await openedIn()).life.log)).toEqual(hashes(more));
    });

    it('may begin again beyond its end', async () => {
      const { storage } = await openedIn();
      const entries = chain([], 30);
      const base = placeOf(entries[19]!);
      await stored(storage, append(entries.slice(0, 4)));
      await stored(storage, storeOf(undefined, { base }));
      await stored(storage, append(entries.slice(20), { base }));
      await fixture.kill();
      const { life } = await openedIn();
      expect(life.log).toMatchObject({ base, beyond: [] });
      expect(logOf(life.log)).toEqual(hashes(entries.slice(20)));
    });

    it('may begin again within another branch, of which nothing stays', async () => {
      const { storage } = await openedIn();
      const old = chain([], 10);
      const other = chain(old.slice(0, 3), 9, 1);
      const base = placeOf(other[4]!);
      await stored(storage, append(old));
      await stored(storage, storeOf({ afterOp: base.opNumber, entries: [] }, { base }));
      await fixture.kill();
      const second = await openedIn();
      expect(second.life.log).toMatchObject({ base, entries: [], beyond: [] });
      await stored(second.storage, append(other.slice(5), { base }));
      await fixture.kill();
      expect(logOf((await openedIn()).life.log)).toEqual(hashes(other.slice(5)));
    });

    it('is the same whichever stores share a write', async () => {
      const { storage } = await openedIn();
      const entries = chain([], 30);
      const base = placeOf(entries[19]!);
      storage.store(append(entries.slice(0, 4)), () => undefined);
      storage.store(storeOf(undefined, { base }), () => undefined);
      await stored(storage, append(entries.slice(20), { base }));
      await fixture.kill();
      expect(logOf((await openedIn()).life.log)).toEqual(hashes(entries.slice(20)));
    });

    it('stays whole while its old rows are dropped', async () => {
      const { storage } = await openedIn();
      const entries = chain([], 300);
      for (const entry of entries) {
        const base = placeOf(entries[Math.max(0, entry.opNumber - 6)]!);
        await stored(storage, append([entry], entry.opNumber > 5 ? { base } : {}));
      }
      await fixture.kill();
      const { life } = await openedIn();
      expect(logOf(life.log)).toEqual(hashes(entries.slice(-5)));
    });
  });
});
