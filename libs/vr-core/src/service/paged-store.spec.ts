import * as fc from 'fast-check';
import type { ByteString } from '../encoding/byte-string';
import { toByteString } from '../encoding/byte-string';
import { fnvHash } from '../encoding/fnv-hash';
import type { ChangedPage, Snapshot } from './snapshot';
import { createStateStore } from './state-store';
import type { Savepoint, StateStore } from './tables';

const RECORD_BYTES = 1_000;

/** Keys of very different lengths: branches get overfull, and split into uneven halves. */
const keyOf = (at: number): ByteString =>
  (String.fromCharCode(at) + '.'.repeat([0, 1_400, 30, 700][at % 4] as number)) as ByteString;

const keyNumbers = fc.nat(90);
const sizes = fc.constantFrom<number>(0, 1, 40, 300, 900, 900, 5_000);

const change = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      at: keyNumbers,
      size: sizes,
      fill: fc.nat(255),
      asks: fc.boolean(),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('delete' as const), at: keyNumbers }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('get' as const), at: keyNumbers }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('edit' as const),
      index: fc.nat(30),
      fill: fc.nat(255),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('free' as const), index: fc.nat(30) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('savepoint', 'rollback', 'release') }),
  },
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

const checkpointing = fc.oneof(
  { weight: 20, arbitrary: change },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('freeze' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('encode' as const),
      pages: fc.integer({ min: 1, max: 9 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('close' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('abandon' as const) }) },
);

function newStore(): StateStore {
  const store = createStateStore(fnvHash);
  store.tablesOf('service').ordered('values');
  store.tablesOf('service').records('records', RECORD_BYTES);
  return store;
}

/** A store with the savepoints that are open, and what a disk keeps of its snapshots. */
class Replica {
  readonly store = newStore();
  readonly disk = new Map<string, ChangedPage>();
  private readonly values = this.store.tablesOf('service').ordered('values');
  private readonly records = this.store.tablesOf('service').records('records', RECORD_BYTES);
  private savepoints: Savepoint[] = [];

  do(step: Change): void {
    if (step.kind === 'put') {
      if (step.asks) this.values.get(keyOf(step.at));
      this.values.put(keyOf(step.at), new Uint8Array(step.size).fill(step.fill));
    } else if (step.kind === 'get') this.values.get(keyOf(step.at));
    else if (step.kind === 'delete') this.values.delete(keyOf(step.at));
    else if (step.kind === 'edit') this.records.edit(step.index).fill(step.fill, 3, 7);
    else if (step.kind === 'free') this.records.free(step.index);
    else if (step.kind === 'savepoint') this.savepoints.push(this.store.savepoint());
    else this.savepoints.pop()?.[step.kind === 'rollback' ? 'rollback' : 'release']();
  }

  settle(): void {
    while (this.savepoints.length > 0) this.do({ kind: 'release' });
  }

  keep(pages: readonly ChangedPage[]): void {
    for (const page of pages) this.disk.set(`${page.table} ${page.page}`, page);
  }

  /** Everything that changed, kept; gives the root. */
  checkpoint(): ByteString {
    this.settle();
    const snapshot = this.store.freeze();
    this.keep(snapshot.encode(Infinity));
    const { root } = snapshot;
    snapshot.close();
    return root;
  }

  pages(): Record<string, string> {
    const pages: Record<string, string> = {};
    for (const [name, { bytes }] of this.disk)
      if (bytes !== undefined) pages[name] = toByteString(bytes);
    return pages;
  }

  /** A replica that has only what the disk of this one has. */
  restored(): Replica {
    const restored = new Replica();
    for (const page of this.disk.values()) restored.load(page);
    restored.store.rebuild();
    return restored;
  }

  load({ table, page, bytes }: ChangedPage): void {
    this.store.loadPage(table, page, bytes);
    this.keep([{ table, page, bytes }]);
  }
}

/** A snapshot under way, beside what the state was at its freeze. */
class Frozen {
  readonly digest: ByteString;
  readonly given: ChangedPage[] = [];
  private readonly snapshot: Snapshot;

  constructor({ store }: Replica) {
    this.digest = store.digest();
    this.snapshot = store.freeze();
  }

  encode(pagesMax: number): void {
    const pages = this.snapshot.encode(pagesMax);
    expect(pages.length).toBeLessThanOrEqual(pagesMax);
    this.given.push(...pages);
  }

  close(replica: Replica): void {
    this.encode(Infinity);
    expect(this.snapshot.done).toBe(true);
    const names = this.given.map(({ table, page }) => `${table} ${page}`);
    expect(new Set(names).size).toBe(names.length);
    replica.keep(this.given);
    const { root } = this.snapshot;
    this.snapshot.close();
    expect(replica.store.root).toBe(root);
    const restored = replica.restored();
    expect(restored.store.root).toBe(root);
    expect(restored.store.digest()).toBe(this.digest);
  }

  abandon(): void {
    this.snapshot.abandon();
  }
}

describe('a snapshot', () => {
  it('is the state at its freeze, whatever is written while it is encoded', () => {
    fc.assert(
      fc.property(fc.array(checkpointing, { minLength: 200, maxLength: 400 }), (steps) => {
        const replica = new Replica();
        let frozen: Frozen | undefined;
        for (const step of steps) {
          if (step.kind === 'freeze') {
            if (frozen !== undefined) continue;
            replica.settle();
            frozen = new Frozen(replica);
          } else if (step.kind === 'encode') frozen?.encode(step.pages);
          else if (step.kind === 'close' || step.kind === 'abandon') {
            if (step.kind === 'close') frozen?.close(replica);
            else frozen?.abandon();
            frozen = undefined;
          } else replica.do(step);
        }
        frozen?.abandon();
        replica.settle();
        new Frozen(replica).close(replica);
      }),
      { numRuns: 40 },
    );
  });

  it('has only the pages that were touched since the last one that was closed', () => {
    const replica = new Replica();
    for (let index = 0; index < 31; index += 1) replica.do({ kind: 'edit', index, fill: 1 });
    replica.checkpoint();
    replica.do({ kind: 'edit', index: 9, fill: 2 });
    replica.do({ kind: 'edit', index: 10, fill: 2 });
    const snapshot = replica.store.freeze();
    const pages = snapshot.encode(100);
    expect(pages.map(({ table, page }) => [table, page])).toEqual([['service/records', 2]]);
  });

  it('says of a page that is no longer in use that it is gone', () => {
    const replica = new Replica();
    replica.do({ kind: 'edit', index: 5, fill: 1 });
    replica.checkpoint();
    replica.do({ kind: 'free', index: 5 });
    const [page] = replica.store.freeze().encode(100);
    expect(page).toEqual({ table: 'service/records', page: 1, bytes: undefined });
  });

  it('that was abandoned is in the next one', () => {
    const replica = new Replica();
    replica.do({ kind: 'edit', index: 5, fill: 1 });
    const abandoned = replica.store.freeze();
    abandoned.encode(100);
    replica.do({ kind: 'edit', index: 1, fill: 1 });
    abandoned.abandon();
    const pages = replica.store.freeze().encode(100);
    expect(pages.map(({ page }) => page)).toEqual([0, 1]);
  });

  it('leaves root and blocks of the store as they were until it is closed', () => {
    const replica = new Replica();
    replica.do({ kind: 'edit', index: 0, fill: 1 });
    const before = replica.checkpoint();
    replica.do({ kind: 'edit', index: 0, fill: 2 });
    const snapshot = replica.store.freeze();
    snapshot.encode(100);
    expect(snapshot.root).not.toBe(before);
    expect(replica.store.root).toBe(before);
    const directory = { table: undefined, level: 0, index: 0 };
    expect(fnvHash(replica.store.block(directory) as Uint8Array)).toBe(before);
    expect(replica.store.block({ table: 'service/records', level: 0, index: 0 })).toBeUndefined();
    const { root } = snapshot;
    snapshot.close();
    expect(fnvHash(replica.store.block(directory) as Uint8Array)).toBe(root);
    expect(replica.store.block({ table: 'service/records', level: 0, index: 0 })).toBeDefined();
  });

  it('knows nothing of a table that was asked for after its freeze', () => {
    const { store } = new Replica();
    const snapshot = store.freeze();
    store.tablesOf('late').ordered('table').put(keyOf(1), new Uint8Array(1));
    const { root } = snapshot;
    snapshot.close();
    expect(root).toBe(new Replica().checkpoint());
    expect(store.freeze().encode(9)).toHaveLength(1);
  });

  it('is one at a time, between operations, and ended once', () => {
    const { store } = new Replica();
    store.tablesOf('service').records('records', RECORD_BYTES).edit(0);
    const savepoint = store.savepoint();
    expect(() => store.freeze()).toThrow('under way');
    savepoint.release();
    const snapshot = store.freeze();
    expect(() => store.freeze()).toThrow('open');
    expect(() => store.loadPage('service/records', 0, undefined)).toThrow('open');
    expect(() => snapshot.root).toThrow('not yet');
    expect(() => snapshot.close()).toThrow('not yet');
    snapshot.encode(1);
    snapshot.close();
    expect(() => snapshot.abandon()).toThrow('ended already');
    expect(() => snapshot.encode(1)).toThrow('ended already');
  });
});

describe('a store that was made again from pages', () => {
  it('goes on with the same pages as the one that was not, undone operations and reads included', () => {
    const steps = fc.array(change, { minLength: 100, maxLength: 500 });
    fc.assert(
      fc.property(steps, steps, fc.array(keyNumbers), (before, after, reads) => {
        const original = new Replica();
        for (const step of before) original.do(step);
        original.checkpoint();
        const restored = original.restored();
        after.forEach((step, at) => {
          original.do(step);
          restored.do(step);
          // A read that only one of them is asked must leave no trace.
          const read = reads[at];
          if (read !== undefined) restored.do({ kind: 'get', at: read });
        });
        expect(restored.checkpoint()).toBe(original.checkpoint());
        expect(restored.pages()).toEqual(original.pages());
      }),
      { numRuns: 40 },
    );
  });

  it('has the same pages whether a key was read before it was put or not', () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 200, maxLength: 800 }), (steps) => {
        const asking = new Replica();
        const silent = new Replica();
        for (const step of steps) {
          asking.do(step.kind === 'put' ? { ...step, asks: true } : step);
          silent.do(step.kind === 'put' ? { ...step, asks: false } : step);
        }
        expect(asking.checkpoint()).toBe(silent.checkpoint());
      }),
      { numRuns: 150 },
    );
  });

  it('has no pages to write that it was loaded with, and all that were changed here and not loaded', () => {
    const original = new Replica();
    for (let index = 0; index < 12; index += 1) original.do({ kind: 'edit', index, fill: 1 });
    original.checkpoint();
    const restored = original.restored();
    expect(restored.store.freeze().encode(100)).toEqual([]);
    const other = new Replica();
    other.do({ kind: 'edit', index: 0, fill: 5 });
    other.do({ kind: 'edit', index: 30, fill: 5 });
    other.load(original.disk.get('service/records 0') as ChangedPage);
    const root = other.store.rebuild();
    const snapshot = other.store.freeze();
    expect(snapshot.encode(100).map(({ page }) => page)).toEqual([7]);
    expect(snapshot.root).toBe(root);
    snapshot.close();
  });

  it('writes a page again that is changed after it was loaded', () => {
    const original = new Replica();
    original.do({ kind: 'edit', index: 0, fill: 1 });
    original.checkpoint();
    const other = new Replica();
    other.do({ kind: 'edit', index: 0, fill: 5 });
    other.load(original.disk.get('service/records 0') as ChangedPage);
    other.store.rebuild();
    other.do({ kind: 'edit', index: 0, fill: 6 });
    expect(other.store.freeze().encode(100)).toHaveLength(1);
  });

  it('refuses pages of no table of its own, and numbers that no page has', () => {
    const { store } = new Replica();
    const page = Uint8Array.of(9);
    expect(() => store.loadPage('service/other', 0, page)).toThrow('service/other');
    expect(() => store.loadPage('service/values', -1, page)).toThrow('service/values');
    expect(() => store.loadPage('service/values', 2 ** 40, page)).toThrow('service/values');
    expect(() => store.loadPage('service/values', 3, page)).toThrow('service/values page 3');
    expect(() => store.loadPage('service/records', 3, page)).toThrow('service/records page 3');
  });

  it('is not whole while one page is missing, says of which table, and goes on when it comes', () => {
    const original = new Replica();
    for (let at = 0; at < 60; at += 1)
      original.do({ kind: 'put', at, size: 900, fill: at, asks: false });
    const root = original.checkpoint();
    const pages = [...original.disk.values()];
    const restored = new Replica();
    for (const page of pages.slice(1)) restored.load(page);
    expect(() => restored.store.rebuild()).toThrow('service/values');
    expect(() => restored.store.freeze()).toThrow('not yet rebuilt');
    restored.load(pages[0] as ChangedPage);
    expect(restored.store.rebuild()).toBe(root);
    expect(restored.store.digest()).toBe(original.store.digest());
  });
});

describe('the root of a state', () => {
  it('is the same after the same operations, however often it was kept meanwhile', () => {
    const often = new Replica();
    const once = new Replica();
    for (let at = 0; at < 300; at += 1) {
      const step = {
        kind: 'put',
        at: (at * 7) % 91,
        size: at,
        fill: at % 256,
        asks: false,
      } as const;
      often.do(step);
      once.do(step);
      often.do({ kind: 'edit', index: at % 31, fill: at % 256 });
      once.do({ kind: 'edit', index: at % 31, fill: at % 256 });
      if (at % 10 === 0) often.checkpoint();
    }
    expect(often.checkpoint()).toBe(once.checkpoint());
  });

  it('differs when one byte, one key, one record, or the kind, name or record size of a table differs', () => {
    const rootOf = (write: (store: StateStore) => void) => {
      const store = createStateStore(fnvHash);
      write(store);
      const snapshot = store.freeze();
      snapshot.encode(100);
      return snapshot.root;
    };
    const one = Uint8Array.of(1);
    const roots = [
      rootOf((store) => store.tablesOf('s').ordered('t').put(keyOf(1), one)),
      rootOf((store) => store.tablesOf('s').ordered('t').put(keyOf(1), Uint8Array.of(2))),
      rootOf((store) => store.tablesOf('s').ordered('t').put(keyOf(2), one)),
      rootOf((store) => store.tablesOf('s').ordered('u').put(keyOf(1), one)),
      rootOf((store) => store.tablesOf('r').ordered('t').put(keyOf(1), one)),
      rootOf((store) => store.tablesOf('s').records('t', 1).put(0, one)),
      rootOf((store) => store.tablesOf('s').records('t', 1).put(1, one)),
      rootOf((store) => store.tablesOf('s').ordered('t')),
      rootOf((store) => store.tablesOf('s').records('t', 1)),
      rootOf((store) => store.tablesOf('s').records('t', 2)),
      rootOf(() => undefined),
    ];
    expect(new Set(roots).size).toBe(roots.length);
  });

  it('cannot be had of owners whose tables could be taken for those of others', () => {
    expect(() => createStateStore(fnvHash).tablesOf('a/b')).toThrow('slash');
  });
});
