import fc from 'fast-check';
import { opNumber, type LogEntry } from '@lockstep/vr-core';
import type { ReplicaStorage } from '../../apps/server/src/storage/replica-storage';
import {
  append,
  chain,
  checkpointAt,
  fileFixture,
  logOf,
  memoryFixture,
  openedWith,
  pagesOf,
  pagesStore,
  placeOf,
  stored,
  storeOf,
  type StorageFixture,
} from './storage-fixture';

/** What a replica may do to its disk, one after the other. */
type Deed =
  | { readonly kind: 'append'; readonly count: number }
  | { readonly kind: 'cut'; readonly by: number }
  | { readonly kind: 'pages'; readonly pages: readonly number[]; readonly isGone: boolean }
  | { readonly kind: 'transfer'; readonly pages: readonly number[]; readonly isGone: boolean }
  | { readonly kind: 'give up' }
  | { readonly kind: 'checkpoint' }
  | { readonly kind: 'base'; readonly behind: number }
  | { readonly kind: 'restart' };

const pageNumbers = fc.uniqueArray(fc.nat(11), { minLength: 1, maxLength: 6 });
const deeds: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      count: fc.integer({ min: 1, max: 40 }),
    }),
  },
  fc.record({ kind: fc.constant('cut' as const), by: fc.nat(3) }),
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('pages' as const),
      pages: pageNumbers,
      isGone: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('transfer' as const),
      pages: pageNumbers,
      isGone: fc.boolean(),
    }),
  },
  fc.record({ kind: fc.constant('give up' as const) }),
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('checkpoint' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('base' as const), behind: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
);

/** One disk, and what was done to it. */
class Disk {
  private readonly fixture: StorageFixture;
  private storage!: ReplicaStorage;
  private log: LogEntry[] = [];
  private base: Parameters<typeof storeOf>[1] = {};
  private forOp = 1;
  private texts = 0;
  private isTransfer = false;

  constructor(fixture: StorageFixture) {
    this.fixture = fixture;
  }

  async open(): Promise<unknown> {
    this.storage = this.fixture.start('durable');
    const { life, pages } = await openedWith(this.storage);
    const { log } = life;
    if (log.kind !== 'intact') return log;
    const names = Array.from({ length: 12 }, (_, page) => ({ table: 'counter/values', page }));
    const loaded = await this.storage.load(names);
    const { base, checkpoint, stateWhole, beyond } = log;
    return {
      entries: logOf(log),
      base,
      checkpoint,
      stateWhole,
      beyond,
      pages: Object.entries(pages).sort(),
      loaded: loaded.map((bytes) => bytes && Buffer.from(bytes).toString()),
    };
  }

  /** What a start found, when it was one. */
  async do(deed: Deed): Promise<unknown> {
    switch (deed.kind) {
      case 'append': {
        const added = chain(this.log, deed.count, (this.texts += 1));
        this.log.push(...added);
        for (const entry of added) void stored(this.storage, append([entry], this.base));
        return stored(this.storage, storeOf(undefined, this.base));
      }
      case 'cut': {
        const from = Number(this.base?.base?.opNumber ?? 0);
        this.log.length = Math.max(from, this.log.length - deed.by);
        const afterOp = opNumber(this.log.length);
        return stored(this.storage, storeOf({ afterOp, entries: [] }, this.base));
      }
      case 'pages':
        if (this.isTransfer) return undefined;
        return this.write(deed.pages, deed.isGone);
      case 'transfer':
        this.isTransfer = true;
        return this.write(deed.pages, deed.isGone);
      case 'give up':
        this.forOp += 1;
        return undefined;
      case 'checkpoint': {
        const checkpoint = checkpointAt(this.forOp);
        this.forOp += 1;
        this.isTransfer = false;
        return stored(this.storage, storeOf(undefined, { ...this.base, checkpoint }));
      }
      case 'base': {
        const place = this.log.at(-1 - deed.behind);
        if (place === undefined || place.opNumber < (this.base?.base?.opNumber ?? 0))
          return undefined;
        this.base = { base: placeOf(place) };
        return stored(this.storage, storeOf(undefined, this.base));
      }
      case 'restart':
        await this.fixture.kill();
        this.forOp += 1;
        return this.open();
    }
  }

  private write(pages: readonly number[], isGone: boolean): Promise<void> {
    this.texts += 1;
    const text = isGone ? undefined : `text ${this.texts}`.repeat(40);
    const written = pagesOf(Object.fromEntries(pages.map((page) => [page, text])));
    const store = pagesStore(this.forOp, written, this.isTransfer);
    return stored(this.storage, { ...store, ...this.base });
  }
}

describe('files and memory', () => {
  it('hold the same, whatever is done to them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(deeds, { minLength: 4, maxLength: 30 }), async (story) => {
        const fixtures = [await fileFixture(), await memoryFixture()] as const;
        const [file, memory] = fixtures.map((fixture) => new Disk(fixture)) as [Disk, Disk];
        expect(await file.open()).toEqual(await memory.open());
        for (const deed of [...story, { kind: 'restart' } as const])
          expect(await file.do(deed)).toEqual(await memory.do(deed));
        for (const fixture of fixtures) await fixture.dispose();
      }),
      { numRuns: 25, seed: 20_251_121 },
    );
  }, 120_000);
});
