import * as fc from 'fast-check';
import { toByteString, type ByteString } from '../encoding/byte-string';
import { OrderedTable } from './ordered-table';
import { PackedEntries } from './packed-entries';
import type { Entry } from './tables';
import { UndoJournal } from './undo-journal';

const textOf = (value: Uint8Array | undefined) => value && toByteString(value);
const spell = (entry: Entry | undefined) => entry && [entry[0], textOf(entry[1])];

/** Keys with much and with nothing in common, of which some are the beginning of others. */
const part = fc.constantFrom('', '\0', '\0\0', 'a', 'ab', 'abcd', 'abcde', '\xff', 'x'.repeat(130));
const strangeKeys = fc.tuple(part, part, part).map((parts) => parts.join('') as ByteString);
const likeKeys = fc.nat(400).map((at) => `some/directory/${at}` as ByteString);

const sizes = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(0, 9, 24) },
  { weight: 10, arbitrary: fc.nat(300) },
  { weight: 1, arbitrary: fc.nat(9_000) },
);

const stepsOn = (key: fc.Arbitrary<ByteString>) => {
  const kind = fc.constantFrom('put', 'put', 'put', 'delete', 'get', 'next', 'range');
  // Asks for the key right before, or not; and all of it may be undone.
  const [asks, isUndone] = [fc.boolean(), fc.boolean()];
  const step = fc.record({ kind, key, to: key, size: sizes, fill: fc.nat(255), asks, isUndone });
  return fc.array(step, { minLength: 100, maxLength: 600 });
};

/** What a table is to be, as plainly as it can be said. */
class NaiveTable {
  readonly rows = new Map<ByteString, Uint8Array>();

  next(key: ByteString): Entry | undefined {
    return this.sorted().find(([at]) => at > key);
  }

  range(from: ByteString, to: ByteString): Entry[] {
    return this.sorted().filter(([at]) => from <= at && at < to);
  }

  sorted(): Entry[] {
    return [...this.rows].sort(([one], [other]) => (one < other ? -1 : 1));
  }
}

describe('packed entries', () => {
  it.each([
    ['strange', strangeKeys],
    ['alike', likeKeys],
  ])(
    'are what a naive table has, and what was read stays what it was, with keys that are %s',
    (_, keys) => {
      fc.assert(
        fc.property(stepsOn(keys), (steps) => {
          const journal = new UndoJournal();
          const table = new OrderedTable(journal);
          const twin = new NaiveTable();
          const read: { readonly value: Uint8Array; readonly was: string | undefined }[] = [];
          for (const { kind, key, to, size, fill, asks, isUndone } of steps) {
            const before = twin.rows.get(key);
            const savepoint = journal.savepoint();
            if (kind === 'get' || asks) {
              const value = table.get(key);
              expect(textOf(value)).toBe(textOf(before));
              if (value !== undefined) read.push({ value, was: textOf(value) });
            }
            if (kind === 'next') expect(spell(table.next(key))).toEqual(spell(twin.next(key)));
            if (kind === 'range')
              expect([...table.range(key, to)].map(spell)).toEqual(twin.range(key, to).map(spell));
            if (kind === 'put') table.put(key, new Uint8Array(size).fill(fill));
            if (kind === 'delete') expect(table.delete(key)).toBe(before !== undefined);
            if (isUndone) savepoint.rollback();
            else {
              savepoint.release();
              if (kind === 'put') twin.rows.set(key, new Uint8Array(size).fill(fill));
              if (kind === 'delete') twin.rows.delete(key);
            }
            expect(spell(table.first())).toEqual(spell(twin.sorted()[0]));
          }
          expect(table.size).toBe(twin.rows.size);
          expect([...table.range('' as ByteString)].map(spell)).toEqual(twin.sorted().map(spell));
          expect(read.filter(({ value, was }) => textOf(value) !== was)).toEqual([]);
        }),
        { numRuns: 40 },
      );
    },
  );

  it('keep no more than twice what they hold, and a little, whatever was there before', () => {
    const entries = new PackedEntries();
    entries.insert(0, 'a' as ByteString, new Uint8Array(1_000_000));
    entries.insert(1, 'b' as ByteString, new Uint8Array(10));
    entries.remove(0);
    expect(entries.valueAt(0).buffer.byteLength).toBeLessThan(2_000);
    entries.replace(0, new Uint8Array(1_000_000));
    entries.insert(1, 'c' as ByteString, new Uint8Array(1_000_000));
    entries.replace(0, new Uint8Array(10));
    entries.remove(1);
    expect(entries.valueAt(0).buffer.byteLength).toBeLessThan(2_000);
  });

  it('have the bytes of a page whether a value was replaced or was always so', () => {
    const bytesOf = (entries: PackedEntries): string => {
      const bytes = new Uint8Array(entries.encodedBytes);
      entries.copyTo(bytes, 0);
      return toByteString(bytes);
    };
    const [replaced, always] = [new PackedEntries(), new PackedEntries()];
    for (let at = 0; at < 90; at += 1) {
      const key = `key ${100 + at}` as ByteString;
      replaced.insert(at, key, new Uint8Array(3));
      always.insert(at, key, new Uint8Array(at % 7).fill(at));
    }
    for (let at = 0; at < 90; at += 1) {
      replaced.replace(at, new Uint8Array(200));
      replaced.replace(at, new Uint8Array(at % 7).fill(at));
    }
    expect(bytesOf(replaced)).toBe(bytesOf(always));
  });
});
