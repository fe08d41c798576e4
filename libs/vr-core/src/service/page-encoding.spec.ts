import * as fc from 'fast-check';
import { toByteString, type ByteString } from '../encoding/byte-string';
import { Malformed } from '../encoding/malformed';
import { Writer } from '../encoding/writer';
import { OrderedTable } from './ordered-table';
import { BRANCH_PAGE_FORMAT, LEAF_PAGE_FORMAT } from './page-format';
import type { PagedTable } from './paged-table';
import { RecordTable } from './record-table';
import { UndoJournal } from './undo-journal';

const k = (text: string): ByteString => text as ByteString;

/** Comparing thousands of bytes as arrays takes seconds. */
const textOf = (bytes: Uint8Array | undefined) => bytes && toByteString(bytes);

const newOrdered = (): OrderedTable => new OrderedTable(new UndoJournal());
const newRecords = (): RecordTable => new RecordTable(300, new UndoJournal());

const ordered = (): OrderedTable => {
  const table = newOrdered();
  for (let at = 0; at < 40; at += 1)
    table.put(k(`key ${at}`), new Uint8Array(at % 9 === 0 ? 900 : 5).fill(at));
  return table;
};

const records = (): RecordTable => {
  const table = newRecords();
  for (const index of [0, 3, 12, 14, 40]) table.edit(index).fill(index);
  return table;
};

const pagesOf = (table: PagedTable): Uint8Array[] =>
  [0, 1, 2, 3, 4].map((page) => table.encodePage(page)).filter((bytes) => bytes !== undefined);

const damage = fc.oneof(
  fc.record({
    kind: fc.constant('flip' as const),
    at: fc.nat(2_000),
    bits: fc.integer({ min: 1, max: 255 }),
  }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat(2_000), bits: fc.constant(0) }),
  fc.record({ kind: fc.constant('add' as const), at: fc.nat(2_000), bits: fc.nat(255) }),
);

function damaged(page: Uint8Array, { kind, at, bits }: { kind: string; at: number; bits: number }) {
  const place = at % page.length;
  if (kind === 'cut') return page.slice(0, place);
  if (kind === 'add')
    return Uint8Array.of(...page.subarray(0, place), bits, ...page.subarray(place));
  const flipped = page.slice();
  flipped[place] = (flipped[place] as number) ^ bits;
  return flipped;
}

describe('the bytes of a page', () => {
  it.each([
    ['of a tree', ordered, newOrdered],
    ['of records', records, newRecords],
  ])(
    '%s are read back to the same bytes, and others to those others or not at all',
    (_, make, empty) => {
      const pages = pagesOf(make());
      expect(pages.length).toBeGreaterThan(1);
      fc.assert(
        fc.property(fc.constantFrom(...pages), fc.option(damage), (page, fault) => {
          const bytes = fault === null ? page : damaged(page, fault);
          const table: PagedTable = empty();
          try {
            table.loadPage(0, bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(Malformed);
            expect(fault).not.toBeNull();
            expect(table.encodePage(0)).toBeUndefined();
            return;
          }
          expect(textOf(table.encodePage(0))).toBe(textOf(bytes));
        }),
        { numRuns: 1_000 },
      );
    },
  );

  it('are not those of a page that nothing is on', () => {
    const table = records();
    for (const index of [0, 3, 12]) table.free(index);
    expect(table.encodePage(0)).toBeUndefined();
    expect(newOrdered().encodePage(0)).toBeUndefined();
    expect(() => newRecords().loadPage(0, Uint8Array.of(1, 0, 0))).toThrow('no record');
    expect(() => newOrdered().loadPage(0, Uint8Array.of(LEAF_PAGE_FORMAT, 0))).toThrow('no key');
  });

  it('have one spelling for each content', () => {
    const bytes = Uint8Array.of(LEAF_PAGE_FORMAT, 1, 0x81, 0, 7, 0);
    expect(() => newOrdered().loadPage(0, bytes)).toThrow('not written short');
    for (const keys of ['ba', 'aa'])
      expect(() => newOrdered().loadPage(0, leaf(keys))).toThrow('out of order');
    expect(() => newRecords().loadPage(0, Uint8Array.of(1, 0, 0x20))).toThrow('no place 13');
  });

  it('are not kept by the table that is loaded with them', () => {
    const bytes = pagesOf(ordered())[1] as Uint8Array;
    const table = newOrdered();
    table.loadPage(0, bytes);
    const before = table.encodePage(0);
    bytes.fill(0);
    expect(table.encodePage(0)).toEqual(before);
  });

  it('show at once in records, also in those that were just looked at', () => {
    const table = newRecords();
    table.edit(3).fill(9);
    table.edit(5).fill(9);
    table.loadPage(0, records().encodePage(0));
    expect([table.get(3)?.[0], table.get(5), table.size]).toEqual([3, undefined, 3]);
    expect(table.edit(5)).toEqual(new Uint8Array(300));
    table.loadPage(0, undefined);
    expect([table.get(3), table.size]).toEqual([undefined, 0]);
    expect(table.encodePage(0)).toBeUndefined();
  });

  it('show at once in a tree, also where a key was just asked for', () => {
    const table = newOrdered();
    table.put(k('a'), Uint8Array.of(1));
    const page = table.encodePage(0);
    table.get(k('b'));
    table.loadPage(0, page);
    table.rebuild();
    table.put(k('b'), Uint8Array.of(2));
    expect([...table.range(k(''))].map(([key]) => key)).toEqual(['a', 'b']);
  });
});

/** A page of a tree with keys of one letter, as its author would have it. */
function leaf(keys: string): Uint8Array {
  const writer = new Writer();
  writer.u8(LEAF_PAGE_FORMAT);
  writer.varint(keys.length);
  for (const key of keys) {
    writer.byteString(k(key));
    writer.varint(0);
  }
  return writer.finish();
}

function branch(first: number, ...rest: readonly (readonly [key: string, child: number])[]) {
  const writer = new Writer();
  writer.u8(BRANCH_PAGE_FORMAT);
  writer.varint(rest.length);
  writer.varint(first);
  for (const [key, child] of rest) {
    writer.byteString(k(key));
    writer.varint(child);
  }
  return writer.finish();
}

function rebuilt(...pages: readonly Uint8Array[]): string[] {
  const table = newOrdered();
  pages.forEach((page, at) => table.loadPage(at, page));
  table.rebuild();
  return [...table.range(k(''))].map(([key]) => key);
}

describe('pages that are to be one tree', () => {
  it('are one when keys are where they are looked for', () => {
    expect(rebuilt(branch(1, ['c', 2]), leaf('ab'), leaf('cd'))).toEqual(['a', 'b', 'c', 'd']);
    expect(rebuilt()).toEqual([]);
  });

  it.each([
    ['page 2: is missing', [branch(1, ['c', 2]), leaf('ab')]],
    ['page 1: is named twice', [branch(1, ['c', 1]), leaf('ab')]],
    ['page 1: has keys of another page', [branch(1, ['c', 2]), leaf('abc'), leaf('cd')]],
    ['page 2: has keys of another page', [branch(1, ['c', 2]), leaf('ab'), leaf('bd')]],
    [
      'page 2: is a leaf of another depth',
      [branch(1, ['e', 2]), branch(3, ['c', 4]), leaf('ef'), leaf('ab'), leaf('cd')],
    ],
    ['1 pages belong to no node', [leaf('ab'), leaf('cd')]],
  ])('are none: %s', (complaint, pages) => {
    expect(() => rebuilt(...pages)).toThrow(complaint);
  });

  it('are none when a node names the root, or no page there is, as its child', () => {
    expect(() => rebuilt(branch(0, ['c', 1]), leaf('ab'))).toThrow('no child on page 0');
    expect(() => rebuilt(branch(1, ['c', 2 ** 30]), leaf('ab'))).toThrow('no child on page');
  });

  it('give up the places between them again, the lowest first', () => {
    const table = newOrdered();
    table.loadPage(0, branch(2, ['c', 4]));
    table.loadPage(2, leaf('ab'));
    table.loadPage(4, leaf('cd'));
    table.rebuild();
    const large = new Uint8Array(3_000);
    for (const key of 'abcdef') table.put(k(key), large);
    const used = Array.from({ length: 12 }, (_, page) => table.encodePage(page) !== undefined);
    expect(used.lastIndexOf(true)).toBe(used.filter(Boolean).length - 1);
  });
});
