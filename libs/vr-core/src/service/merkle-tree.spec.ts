import * as fc from 'fast-check';
import { fromByteString, type ByteString } from '../encoding/byte-string';
import { fnvHash } from '../encoding/fnv-hash';
import { decodeInner, heightOf, NO_HASH } from './merkle-block';
import { MerkleTree } from './merkle-tree';

const hashOf = (content: number): ByteString => fnvHash(Uint8Array.of(content));

/** Pages close together, on both sides of a border between blocks, and far away. */
const pages = fc.oneof(fc.nat(6), fc.integer({ min: 250, max: 260 }), fc.constantFrom(700, 70_000));
/** Of contents 0 there is no page. */
const changes = fc
  .array(fc.tuple(pages, fc.nat(3)), { maxLength: 6 })
  .map(
    (list) =>
      new Map(list.map(([page, content]) => [page, content === 0 ? NO_HASH : hashOf(content)])),
  );

const treeOf = (hashes: ReadonlyMap<number, ByteString>): MerkleTree => {
  const tree = new MerkleTree(fnvHash);
  tree.apply(tree.updateFor(hashes));
  return tree;
};

/** Every page that is reached from the root, past blocks that all have the hash they are named by. */
function pagesOf(tree: MerkleTree): Map<number, ByteString> {
  const found = new Map<number, ByteString>();
  const visit = (level: number, index: number, hash: ByteString): void => {
    if (hash === NO_HASH) return;
    if (level === 0) {
      found.set(index, hash);
      return;
    }
    const block = tree.blockAt(level, index);
    if (block === undefined || fnvHash(block) !== hash) throw new Error(`no ${level}.${index}`);
    decodeInner(block).forEach((child, at) => visit(level - 1, index * 256 + at, child));
  };
  visit(heightOf(tree.pageCount), 0, tree.root);
  return found;
}

describe('a Merkle tree', () => {
  it('has after any changes the root and the blocks of one that is made at once of the same pages', () => {
    fc.assert(
      fc.property(fc.array(changes, { maxLength: 8 }), (rounds) => {
        const tree = new MerkleTree(fnvHash);
        const twin = new Map<number, ByteString>();
        for (const round of rounds) {
          const update = tree.updateFor(round);
          tree.apply(update);
          for (const [page, hash] of round)
            if (hash === NO_HASH) twin.delete(page);
            else twin.set(page, hash);
          const fresh = treeOf(twin);
          expect([tree.root, update.root]).toEqual([fresh.root, fresh.root]);
          expect(tree.pageCount).toBe(Math.max(-1, ...twin.keys()) + 1);
          expect(pagesOf(tree)).toEqual(pagesOf(fresh));
          expect(new Map([...pagesOf(tree)].sort())).toEqual(new Map([...twin].sort()));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('keeps what it had below when it grows by several levels at once', () => {
    const tree = treeOf(new Map([[3, hashOf(1)]]));
    tree.apply(tree.updateFor(new Map([[70_000, hashOf(2)]])));
    expect([...pagesOf(tree).keys()]).toEqual([3, 70_000]);
  });

  it('is as it was until an update is applied', () => {
    const tree = treeOf(new Map([[3, hashOf(1)]]));
    const before = tree.root;
    const update = tree.updateFor(new Map([[600, hashOf(2)]]));
    expect(update.root).not.toBe(before);
    expect([tree.root, tree.pageCount]).toEqual([before, 4]);
  });

  it('of one page has the hash of that page as its root, and of none no root', () => {
    expect(treeOf(new Map([[0, hashOf(1)]])).root).toBe(hashOf(1));
    expect(treeOf(new Map()).root).toBe(NO_HASH);
    const emptied = treeOf(new Map([[300, hashOf(1)]]));
    emptied.apply(emptied.updateFor(new Map([[300, NO_HASH]])));
    expect([emptied.root, emptied.pageCount]).toEqual([NO_HASH, 0]);
  });

  it('tells equal pages at different places apart', () => {
    const roots = [1, 2, 255, 256, 300].map((page) => treeOf(new Map([[page, hashOf(1)]])).root);
    expect(new Set(roots).size).toBe(roots.length);
  });

  it('hashes no more blocks for a change than lie above it', () => {
    let count = 0;
    const tree = new MerkleTree((data) => {
      count += 1;
      return fnvHash(data);
    });
    tree.apply(tree.updateFor(new Map(Array.from({ length: 70_000 }, (_, at) => [at, hashOf(1)]))));
    count = 0;
    tree.apply(tree.updateFor(new Map([[300, hashOf(2)]])));
    expect(count).toBe(3);
  });

  it('has no block where it has no level', () => {
    const tree = treeOf(new Map([[300, hashOf(1)]]));
    expect([0, 3, 99].map((level) => tree.blockAt(level, 0))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(tree.blockAt(1, 1)).toBeDefined();
    expect(tree.blockAt(1, 5)).toBeUndefined();
  });

  it('refuses bytes that are no inner block', () => {
    const block = treeOf(new Map([[1, hashOf(1)]])).blockAt(1, 0) as Uint8Array;
    expect(decodeInner(block)).toEqual([NO_HASH, hashOf(1)]);
    expect(() => decodeInner(block.subarray(1))).toThrow('no inner block');
    expect(() => decodeInner(block.subarray(0, 5))).toThrow('too early');
    expect(() => decodeInner(fromByteString('\x04\x81\x02' as ByteString))).toThrow('257');
  });
});
