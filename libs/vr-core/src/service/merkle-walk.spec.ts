import * as fc from 'fast-check';
import type { ByteString } from '../encoding/byte-string';
import { fnvHash } from '../encoding/fnv-hash';
import { keyU32 } from '../encoding/key';
import { rootBlock, type NamedBlock } from './merkle-block';
import { createStateStore } from './state-store';
import type { StateStore } from './tables';

const VALUE_BYTES = 500;

interface Content {
  readonly keys: readonly number[];
  readonly indexes: readonly number[];
}

function storeOf({ keys, indexes }: Content, fill = 1): StateStore {
  const store = createStateStore(fnvHash);
  const ordered = store.tablesOf('s').ordered('ordered');
  const records = store.tablesOf('s').records('records', 2_000);
  for (const key of keys) ordered.put(keyU32(key), new Uint8Array(VALUE_BYTES).fill(fill));
  for (const index of indexes) records.edit(index).fill(fill);
  store.rehash();
  return store;
}

interface Transfer {
  /** Blocks asked for, of the directory and inner nodes, and pages. */
  readonly inner: number;
  readonly pages: number;
}

/** VRR §5.2: makes `ours` what `theirs` is, past what is equal. */
function transfer(theirs: StateStore, ours: StateStore): Transfer {
  let inner = 0;
  let pages = 0;
  const wanted: NamedBlock[] = [rootBlock(theirs.root)];
  for (let block = wanted.pop(); block !== undefined; block = wanted.pop()) {
    const { table, level, index } = block.address;
    const bytes = theirs.block(block.address);
    if (bytes === undefined) throw new Error('is not where it is said to be');
    const differences = ours.differences(block, bytes);
    wanted.push(...differences.wanted);
    for (const gone of differences.gone) ours.loadPage(gone.table, gone.page, undefined);
    if (table !== undefined && level === 0) ours.loadPage(table, index, bytes);
    if (table !== undefined && level === 0) pages += 1;
    else inner += 1;
  }
  ours.rebuild();
  return { inner, pages };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at);
const some = (max: number) => fc.array(fc.nat(max), { maxLength: 60 });
/** Some of the records lie beyond the first 256 pages, so that trees differ in height. */
const content = fc.record({
  keys: some(300),
  indexes: fc.oneof(some(20), some(700), fc.constant([])),
});

describe('VRR §5.2 the walk down a Merkle tree', () => {
  it('makes any state any other', () => {
    fc.assert(
      fc.property(content, content, (ours, theirs) => {
        const target = storeOf(theirs, 2);
        const store = storeOf(ours);
        transfer(target, store);
        expect(store.root).toBe(target.root);
        expect(store.digest()).toBe(target.digest());
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    { ours: [0], theirs: [700] },
    { ours: [700], theirs: [0] },
    { ours: [0, 700], theirs: [] },
    { ours: [0], theirs: [] },
  ])('gives up pages of $ours that are none of $theirs', ({ ours, theirs }) => {
    const target = storeOf({ keys: [], indexes: theirs });
    const store = storeOf({ keys: [], indexes: ours });
    transfer(target, store);
    expect([store.root, store.digest()]).toEqual([target.root, target.digest()]);
  });

  it('asks only for what lies above pages that differ, and for those', () => {
    const theirs = storeOf({ keys: upTo(3_000), indexes: upTo(2_000) });
    const ours = storeOf({ keys: upTo(3_000), indexes: upTo(2_000) });
    theirs.tablesOf('s').records('records', 2_000).edit(900).fill(3);
    theirs.rehash();
    // The directory, the top of the table, one of its 256 pages each, and the page.
    expect(transfer(theirs, ours)).toEqual({ inner: 3, pages: 1 });
    expect(transfer(theirs, ours)).toEqual({ inner: 1, pages: 0 });
  });

  it('goes on from what is there already when it begins again with another state', () => {
    const first = storeOf({ keys: upTo(400), indexes: [] });
    const ours = storeOf({ keys: [], indexes: [] });
    const { pages } = transfer(first, ours);
    first.tablesOf('s').ordered('ordered').put(keyU32(7), new Uint8Array(1));
    first.rehash();
    // Half of a transfer, and then the walk of another.
    const half = storeOf({ keys: [], indexes: [] });
    for (let page = 1; page < pages; page += 2)
      half.loadPage('s/ordered', page, ours.block({ table: 's/ordered', level: 0, index: page }));
    half.rehash();
    expect(transfer(first, half).pages).toBeLessThan(pages / 2 + 3);
    expect(half.root).toBe(first.root);
  });

  it('refuses a block that has not the hash it was named by', () => {
    const theirs = storeOf({ keys: upTo(400), indexes: [] });
    const ours = storeOf({ keys: [], indexes: [] });
    const root = rootBlock(theirs.root);
    const directory = theirs.block(root.address) as Uint8Array;
    const [table] = ours.differences(root, directory).wanted as [NamedBlock];
    expect(() => ours.differences(root, directory.subarray(1))).toThrow('directory');
    const inner = (theirs.block(table.address) as Uint8Array).slice();
    inner[9] = (inner[9] as number) ^ 1;
    expect(() => ours.differences(table, inner)).toThrow('s/ordered block 1.0');
    const page = { address: { table: 's/ordered', level: 0, index: 0 }, hash: '?' as ByteString };
    expect(() => ours.differences(page, inner)).toThrow('s/ordered block 0.0');
  });

  it('refuses a state with other tables than ours', () => {
    const ours = createStateStore(fnvHash);
    ours.tablesOf('s').records('t', 8);
    const others = [
      (store: StateStore) => store.tablesOf('s').records('t', 9),
      (store: StateStore) => store.tablesOf('s').ordered('t'),
      (store: StateStore) => store.tablesOf('s').records('u', 8),
      (store: StateStore) => {
        store.tablesOf('s').records('t', 8);
        store.tablesOf('s').records('u', 8);
      },
      () => undefined,
    ];
    for (const ask of others) {
      const theirs = createStateStore(fnvHash);
      ask(theirs);
      theirs.rehash();
      const root = rootBlock(theirs.root);
      const directory = theirs.block(root.address) as Uint8Array;
      expect(() => ours.differences(root, directory)).toThrow(/^s\/[tu]: is (a|no) table/);
    }
  });

  it('is not led astray by addresses that nothing has', () => {
    const store = storeOf({ keys: upTo(10), indexes: upTo(10) });
    const addresses = [
      { table: undefined, level: 1, index: 0 },
      { table: undefined, level: 0, index: 1 },
      { table: 's/none', level: 0, index: 0 },
      { table: 's/ordered', level: 0, index: 999 },
      { table: 's/ordered', level: 7, index: 0 },
      { table: 's/records', level: 1, index: 2 ** 40 },
    ];
    expect(addresses.map((address) => store.block(address))).toEqual(
      addresses.map(() => undefined),
    );
  });

  it('gives no page that has changed since the state was hashed', () => {
    const store = storeOf({ keys: [], indexes: [0, 2] });
    store.tablesOf('s').records('records', 2_000).edit(0).fill(9);
    expect(store.block({ table: 's/records', level: 0, index: 0 })).toBeUndefined();
    expect(store.block({ table: 's/records', level: 0, index: 1 })).toBeDefined();
  });
});
