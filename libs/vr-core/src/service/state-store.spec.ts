import * as fc from 'fast-check';
import { toByteString, type ByteString } from '../encoding/byte-string';
import { fnvHash } from '../encoding/fnv-hash';
import { createStateStore } from './state-store';
import type { Ordered, Records, Savepoint } from './tables';

const k = (text: string): ByteString => text as ByteString;
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** Values as strings: comparing thousands of bytes as arrays takes seconds. */
const textOf = (value: Uint8Array | undefined) => value && toByteString(value);
const asText = ([key, value]: readonly [string, Uint8Array]) => [key, textOf(value)];

const keys = fc.string({ unit: fc.constantFrom('\0', 'a', 'b', '\xff'), maxLength: 4 });
const sizes = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 40 }) },
  { weight: 1, arbitrary: fc.constantFrom(700, 1_500, 5_000) },
);

type Step =
  | { readonly kind: 'put'; readonly key: string; readonly size: number; readonly fill: number }
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'putRecord'; readonly index: number; readonly fill: number }
  | { readonly kind: 'editRecord'; readonly index: number; readonly fill: number }
  | { readonly kind: 'free'; readonly index: number }
  | { readonly kind: 'savepoint' | 'rollback' | 'release' };

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('put' as const),
        key: keys,
        size: sizes,
        fill: fc.nat(255),
      }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('delete' as const), key: keys }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('putRecord' as const),
        index: fc.nat(60),
        fill: fc.nat(255),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('editRecord' as const),
        index: fc.nat(60),
        fill: fc.nat(255),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('free' as const), index: fc.nat(60) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constantFrom('savepoint' as const, 'rollback' as const, 'release' as const),
      }),
    },
  ),
  { maxLength: 300 },
);

/** The naive twin: maps, and a copy of them for each savepoint. */
class Twin {
  values = new Map<string, Uint8Array>();
  records = new Map<number, Uint8Array>();
  readonly saved: { values: Map<string, Uint8Array>; records: Map<number, Uint8Array> }[] = [];
}

class Pair {
  readonly store = createStateStore(fnvHash);
  readonly ordered: Ordered = this.store.tablesOf('service').ordered('values');
  readonly records: Records = this.store.tablesOf('service').records('records', 100);
  readonly savepoints: Savepoint[] = [];
  readonly twin = new Twin();

  step(step: Step): void {
    const { twin } = this;
    if (step.kind === 'put') {
      this.ordered.put(k(step.key), new Uint8Array(step.size).fill(step.fill));
      twin.values.set(step.key, new Uint8Array(step.size).fill(step.fill));
    } else if (step.kind === 'delete') {
      expect(this.ordered.delete(k(step.key))).toBe(twin.values.delete(step.key));
    } else if (step.kind === 'putRecord') {
      this.records.put(step.index, new Uint8Array(100).fill(step.fill));
      twin.records.set(step.index, new Uint8Array(100).fill(step.fill));
    } else if (step.kind === 'editRecord') {
      this.records.edit(step.index).fill(step.fill, 10, 20);
      const before = twin.records.get(step.index) ?? new Uint8Array(100);
      twin.records.set(step.index, before.slice().fill(step.fill, 10, 20));
    } else if (step.kind === 'free') {
      this.records.free(step.index);
      twin.records.delete(step.index);
    } else this.undo(step.kind);
  }

  private undo(kind: 'savepoint' | 'rollback' | 'release'): void {
    const { twin } = this;
    if (kind === 'savepoint') {
      this.savepoints.push(this.store.savepoint());
      twin.saved.push({ values: new Map(twin.values), records: new Map(twin.records) });
      return;
    }
    const saved = twin.saved.pop();
    const savepoint = this.savepoints.pop();
    if (saved === undefined || savepoint === undefined) return;
    savepoint[kind]();
    if (kind === 'rollback') Object.assign(twin, saved);
  }

  check(): void {
    const expected = [...this.twin.values].sort(([a], [b]) => (a < b ? -1 : 1));
    expect([...this.ordered.range(k(''))].map(asText)).toEqual(expected.map(asText));
    expect(this.ordered.size).toBe(expected.length);
    expect(this.records.size).toBe(this.twin.records.size);
    const indexes = Array.from({ length: 61 }, (_, index) => index);
    const records = indexes.map((index) => textOf(this.records.get(index)));
    expect(records).toEqual(indexes.map((index) => textOf(this.twin.records.get(index))));
  }
}

describe('the state store', () => {
  it('holds what a naive twin holds, after any writes and any nesting of savepoints', () => {
    fc.assert(
      fc.property(steps, (run) => {
        const pair = new Pair();
        for (const step of run) pair.step(step);
        pair.check();
        while (pair.savepoints.length > 0) pair.step({ kind: 'rollback' });
        pair.check();
      }),
      { numRuns: 150 },
    );
  });

  it('has equal digests for equal content, whatever made it', () => {
    const rows = Array.from({ length: 500 }, (_, at) => k(`key ${(at * 7919) % 500}`));
    const first = createStateStore(fnvHash);
    const second = createStateStore(fnvHash);
    for (const row of rows)
      first
        .tablesOf('s')
        .ordered('t')
        .put(row, bytes(1, 2, 3));
    second.tablesOf('s').ordered('t').put(k('gone'), bytes(9));
    for (const row of [...rows].reverse())
      second
        .tablesOf('s')
        .ordered('t')
        .put(row, bytes(1, 2, 3));
    expect(second.digest()).not.toBe(first.digest());
    second.tablesOf('s').ordered('t').delete(k('gone'));
    expect(second.digest()).toBe(first.digest());
  });

  it('has different digests when one byte, one key, one record or the name of a table differs', () => {
    const digestOf = (write: (store: ReturnType<typeof createStateStore>) => void) => {
      const store = createStateStore(fnvHash);
      write(store);
      return store.digest();
    };
    const digests = [
      digestOf((store) => store.tablesOf('s').ordered('t').put(k('a'), bytes(1))),
      digestOf((store) => store.tablesOf('s').ordered('t').put(k('a'), bytes(2))),
      digestOf((store) => store.tablesOf('s').ordered('t').put(k('b'), bytes(1))),
      digestOf((store) => store.tablesOf('s').ordered('u').put(k('a'), bytes(1))),
      digestOf((store) => store.tablesOf('r').ordered('t').put(k('a'), bytes(1))),
      digestOf((store) => store.tablesOf('s').records('t', 1).put(0, bytes(1))),
      digestOf((store) => store.tablesOf('s').records('t', 1).put(1, bytes(1))),
      digestOf(() => undefined),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });

  it('digests one owner apart from the others', () => {
    const store = createStateStore(fnvHash);
    store.tablesOf('a').ordered('t').put(k('x'), bytes(1));
    const before = store.digest('a');
    store.tablesOf('b').ordered('t').put(k('x'), bytes(1));
    expect(store.digest('a')).toBe(before);
    expect(store.digest('b')).not.toBe(before);
  });

  it('refuses a record of another size, and a table asked for as another kind', () => {
    const tables = createStateStore(fnvHash).tablesOf('s');
    expect(() => tables.records('r', 8).put(0, bytes(1))).toThrow(RangeError);
    expect(() => tables.records('r', 8).put(-1, new Uint8Array(8))).toThrow(RangeError);
    expect(() => tables.records('r', 8).edit(0.5)).toThrow(RangeError);
    expect(() => tables.ordered('r')).toThrow(TypeError);
    expect(() => tables.records('r', 9)).toThrow(TypeError);
  });

  it('gives back the very bytes of a record that was overwritten or freed since the savepoint', () => {
    const store = createStateStore(fnvHash);
    const table = store.tablesOf('s').records('r', 2);
    table.put(3, bytes(1, 2));
    table.put(4, bytes(5, 6));
    const savepoint = store.savepoint();
    table.put(3, bytes(7, 7));
    table.free(4);
    savepoint.rollback();
    expect([table.get(3), table.get(4), table.size]).toEqual([bytes(1, 2), bytes(5, 6), 2]);
  });

  it('has no record at an index that is none', () => {
    const table = createStateStore(fnvHash).tablesOf('s').records('r', 8);
    for (const index of [-1, -2, 0.5, Number.NaN]) expect(table.get(index)).toBeUndefined();
  });

  it('starts a record of zeros where one was freed, however long ago', () => {
    const table = createStateStore(fnvHash).tablesOf('s').records('r', 2_000);
    for (let index = 0; index < 100; index += 1) table.put(index, new Uint8Array(2_000).fill(7));
    for (let index = 0; index < 100; index += 1) table.free(index);
    const indexes = Array.from({ length: 100 }, (_, index) => 300 - index);
    expect(indexes.every((index) => table.edit(index).every((byte) => byte === 0))).toBe(true);
    expect(table.size).toBe(100);
  });

  it('gives back more than an operation writes as a rule, and only what the inner savepoint saw', () => {
    const store = createStateStore(fnvHash);
    const table = store.tablesOf('s').records('r', 100);
    const indexes = Array.from({ length: 2_000 }, (_, index) => index);
    for (const index of indexes) table.edit(index).fill(1);
    const outer = store.savepoint();
    for (const index of indexes) table.edit(index).fill(2);
    const inner = store.savepoint();
    for (const index of indexes) table.edit(index).fill(3);
    inner.rollback();
    const again = store.savepoint();
    for (const index of indexes) table.free(index);
    again.rollback();
    expect(indexes.every((index) => table.get(index)?.every((byte) => byte === 2))).toBe(true);
    outer.rollback();
    expect(indexes.every((index) => table.get(index)?.every((byte) => byte === 1))).toBe(true);
  });

  it('ends a savepoint once', () => {
    const store = createStateStore(fnvHash);
    const savepoint = store.savepoint();
    savepoint.release();
    expect(() => {
      savepoint.rollback();
    }).toThrow('ended already');
  });

  it('ends the savepoints inside one that is rolled back', () => {
    const store = createStateStore(fnvHash);
    const table = store.tablesOf('s').ordered('t');
    const outer = store.savepoint();
    table.put(k('a'), bytes(1));
    store.savepoint();
    table.put(k('b'), bytes(2));
    outer.rollback();
    expect([...table.range(k(''))]).toEqual([]);
    const next = store.savepoint();
    table.put(k('c'), bytes(3));
    next.rollback();
    expect(table.size).toBe(0);
  });
});
