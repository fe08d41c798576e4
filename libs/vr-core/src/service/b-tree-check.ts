import type { ByteString } from '../encoding/byte-string';
import { Malformed } from '../encoding/malformed';
import { keyCountOf, ROOT_PAGE, type Branch, type Leaf, type Node } from './b-tree-node';
import type { TreePages } from './tree-pages';

/** Keys of a node: from `low` on, and below `high`. */
interface Bounds {
  readonly low: ByteString;
  readonly high: ByteString | undefined;
}

/**
 * That the nodes are one whole tree: each child is there and is named once, all leaves are equally deep, keys are where
 * they are looked for, and no page is left over. Gives the number of entries; throws `Malformed` with the page at
 * fault. What comes from a disk or another replica is not used before. (VRR §5.2)
 */
export function checkTree(pages: TreePages, pageCount: number): number {
  const check = new TreeCheck(pages);
  check.visit(ROOT_PAGE, 0, { low: '' as ByteString, high: undefined });
  if (check.seen.size !== pageCount)
    throw new Malformed('', `${pageCount - check.seen.size} pages belong to no node`);
  return check.entryCount;
}

class TreeCheck {
  readonly seen = new Set<number>();
  entryCount = 0;
  private readonly pages: TreePages;
  private leafDepth: number | undefined;

  constructor(pages: TreePages) {
    this.pages = pages;
  }

  visit(page: number, depth: number, bounds: Bounds): void {
    const node = this.pages.find(page);
    if (node === undefined) throw new Malformed(`page ${page}`, 'is missing');
    if (this.seen.has(page)) throw new Malformed(`page ${page}`, 'is named twice');
    this.seen.add(page);
    const count = keyCountOf(node);
    const first = count === 0 ? undefined : keyOf(node, 0);
    const last = count === 0 ? undefined : keyOf(node, count - 1);
    const isLow = first !== undefined && first < bounds.low;
    const isHigh = last !== undefined && bounds.high !== undefined && last >= bounds.high;
    if (isLow || isHigh) throw new Malformed(`page ${page}`, 'has keys of another page');
    if (node.leaf) this.visitLeaf(node, depth);
    else this.visitChildren(node, depth, bounds);
  }

  private visitLeaf({ page, entries }: Leaf, depth: number): void {
    this.leafDepth ??= depth;
    if (depth !== this.leafDepth) throw new Malformed(`page ${page}`, 'is a leaf of another depth');
    this.entryCount += entries.count;
  }

  private visitChildren({ keys, children }: Branch, depth: number, { low, high }: Bounds): void {
    children.forEach((child, at) => {
      const bounds = { low: at === 0 ? low : (keys[at - 1] as ByteString), high: keys[at] ?? high };
      this.visit(child, depth + 1, bounds);
    });
  }
}

const keyOf = (node: Node, at: number): ByteString =>
  node.leaf ? node.entries.keyAt(at) : (node.keys[at] as ByteString);
