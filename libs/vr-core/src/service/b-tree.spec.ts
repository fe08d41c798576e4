import * as fc from 'fast-check';
import { toByteString, type ByteString } from '../encoding/byte-string';
import { keyU32 } from '../encoding/key';
import { BTree } from './b-tree';

const VALUE = new Uint8Array(40);
/** Comparing thousands of bytes as arrays takes seconds. */
const textOf = (value: Uint8Array | undefined) => value && toByteString(value);
const k = (value: number): ByteString => keyU32(value);

const filled = (count: number, step: number): BTree => {
  const tree = new BTree();
  for (let at = 0; at < count; at += 1) tree.put(k((at * step) % count), VALUE);
  return tree;
};

const keysOf = (tree: BTree): ByteString[] => [...tree.range('' as ByteString)].map(([at]) => at);

const sorted = (count: number): ByteString[] => Array.from({ length: count }, (_, at) => k(at));

describe('a B+tree', () => {
  it.each([1, 7_919])('keeps 20,000 keys in order when they come in steps of %d', (step) => {
    const tree = filled(20_000, step);
    expect(tree.size).toBe(20_000);
    expect(keysOf(tree)).toEqual(sorted(20_000));
  });

  it('finds the first key, and the next one after a key that is or is not there', () => {
    const tree = new BTree();
    for (let at = 0; at < 5_000; at += 1) tree.put(k(at * 2), VALUE);
    expect(tree.first()?.[0]).toBe(k(0));
    const places = Array.from({ length: 9_998 }, (_, at) => at);
    const wrong = places.filter((at) => tree.next(k(at))?.[0] !== k(at - (at % 2) + 2));
    expect(wrong).toEqual([]);
    expect(tree.next(k(9_998))).toBeUndefined();
    expect(new BTree().first()).toBeUndefined();
  });

  it('puts a key that was looked up before where it belongs, whatever has changed since', () => {
    const step = fc.record({
      kind: fc.constantFrom('get', 'get', 'put', 'put', 'put', 'delete'),
      at: fc.nat(60),
      size: fc.constantFrom(0, 40, 40, 900),
      // Asks for the same key right before, or not.
      asks: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 300, maxLength: 900 }), (steps) => {
        const tree = new BTree();
        const twin = new Map<ByteString, Uint8Array>();
        for (const { kind, at, size, asks } of steps) {
          const key = k(at);
          const before = textOf(twin.get(key));
          if (kind === 'get' || asks) expect(textOf(tree.get(key))).toBe(before);
          const value = new Uint8Array(size).fill(twin.size);
          if (kind === 'put') expect(textOf(tree.put(key, value))).toBe(before);
          if (kind === 'put') twin.set(key, value);
          if (kind === 'delete') expect(textOf(tree.delete(key))).toBe(before);
          if (kind === 'delete') twin.delete(key);
        }
        expect(tree.size).toBe(twin.size);
        expect(keysOf(tree)).toEqual([...twin.keys()].sort());
      }),
      { numRuns: 50 },
    );
  });

  it('forgets where a looked-up key belongs when another is deleted or put', () => {
    const tree = new BTree();
    for (const at of [0, 2, 4, 6, 8]) tree.put(k(at), VALUE);
    tree.get(k(5));
    tree.delete(k(0));
    tree.put(k(5), VALUE);
    tree.get(k(7));
    tree.put(k(1), VALUE);
    tree.put(k(7), VALUE);
    expect(keysOf(tree)).toEqual([1, 2, 4, 5, 6, 7, 8].map(k));
  });

  it('walks exactly the range that is asked for', () => {
    const tree = filled(3_000, 7);
    fc.assert(
      fc.property(fc.nat(3_200), fc.nat(3_200), (from, to) => {
        const walked = [...tree.range(k(from), k(to))].map(([at]) => at);
        expect(walked).toEqual(sorted(3_000).slice(from, Math.max(from, to)));
      }),
      { numRuns: 100 },
    );
  });

  it.each([1, 7, 2_999])('can be emptied in steps of %d and used again', (step) => {
    const tree = filled(3_000, 1);
    for (let at = 0; at < 3_000; at += 1) {
      if (tree.delete(k((at * step) % 3_000)) === undefined) throw new Error(`${at} was gone`);
      if (at % 500 === 0) expect(keysOf(tree).length).toBe(2_999 - at);
    }
    expect(tree.first()).toBeUndefined();
    tree.put(k(1), VALUE);
    expect(keysOf(tree)).toEqual([k(1)]);
  });

  it('keeps values larger than a node beside small ones', () => {
    const tree = new BTree();
    const large = new Uint8Array(20_000);
    for (let at = 0; at < 300; at += 1) tree.put(k(at), at % 3 === 0 ? large : VALUE);
    for (let at = 0; at < 300; at += 2) tree.delete(k(at));
    expect(keysOf(tree)).toEqual(sorted(300).filter((_, at) => at % 2 === 1));
    expect(tree.get(k(3))?.length).toBe(large.length);
  });

  it('goes on past a place that was emptied between large values', () => {
    const tree = new BTree();
    const large = new Uint8Array(20_000);
    for (const [at, value] of [large, VALUE, large, VALUE, large].entries()) tree.put(k(at), value);
    tree.delete(k(1));
    tree.delete(k(3));
    expect(tree.next(k(0))?.[0]).toBe(k(2));
    expect(tree.next(k(2))?.[0]).toBe(k(4));
    tree.delete(k(0));
    expect(tree.first()?.[0]).toBe(k(2));
  });

  it('says so when it is written to while being walked', () => {
    const tree = filled(10, 1);
    const walk = () => {
      for (const [at] of tree.range(k(0))) tree.delete(at);
    };
    expect(walk).toThrow('while iterating');
  });
});
