import type { ByteString } from '../encoding/byte-string';
import {
  below,
  keyBytes,
  notAbove,
  ROOT_PAGE,
  type Branch,
  type Leaf,
  type Node,
} from './b-tree-node';
import type { TreePages } from './tree-pages';

/** What a node may hold before it is split: about one page. */
export const NODE_BYTES = 4096;

/** Where a right half is until it has its number. */
const NO_PAGE = -1;

/** A node's upper half, and the lowest key that it may hold. */
interface Half<N extends Node> {
  readonly separator: ByteString;
  readonly right: N;
}

/** Puts the value where it belongs, from the root down; gives the value replaced, or undefined. */
export function insert(
  pages: TreePages,
  key: ByteString,
  value: Uint8Array,
): Uint8Array | undefined {
  const { root } = pages;
  const keyCount = root.keys.length;
  const replaced = insertBelow(pages, root, key, value);
  if (mustSplit(root, keyCount)) splitRoot(pages, key);
  return replaced;
}

/** Replaces the value when `key` is there already, or else puts it there. */
export function insertAt(
  pages: TreePages,
  leaf: Leaf,
  at: number,
  key: ByteString,
  value: Uint8Array,
): Uint8Array | undefined {
  pages.touch(leaf);
  if (leaf.keys[at] === key) {
    const replaced = leaf.values[at] as Uint8Array;
    leaf.values[at] = value;
    leaf.bytes += value.length - replaced.length;
    return replaced;
  }
  if (at === leaf.keys.length) {
    leaf.keys.push(key);
    leaf.values.push(value);
  } else {
    leaf.keys.splice(at, 0, key);
    leaf.values.splice(at, 0, value);
  }
  leaf.bytes += keyBytes(key) + value.length;
  return undefined;
}

/** True when the leaf cannot become overfull, and so nothing above it changes. */
export function hasRoom(leaf: Leaf, key: ByteString, value: Uint8Array): boolean {
  return leaf.bytes + keyBytes(key) + value.length <= NODE_BYTES;
}

function insertBelow(
  pages: TreePages,
  node: Node,
  key: ByteString,
  value: Uint8Array,
): Uint8Array | undefined {
  if (node.leaf) return insertAt(pages, node, below(node.keys, key), key, value);
  const at = notAbove(node.keys, key);
  const child = pages.at(node.children[at] as number);
  const keyCount = child.keys.length;
  const replaced = insertBelow(pages, child, key, value);
  if (mustSplit(child, keyCount)) splitChild(pages, node, at, key);
  return replaced;
}

/**
 * A leaf of one large value stays whole, and a branch keeps two children on each side of a split. A branch that this
 * put has not changed stays as it is, overfull or not: otherwise the shape would depend on whether the leaf was found
 * by a `get` before or from the root, and a get may be a read that only this replica was asked.
 */
function mustSplit(node: Node, keyCountBefore: number): boolean {
  if (node.bytes <= NODE_BYTES) return false;
  return node.leaf
    ? node.keys.length >= 2
    : node.keys.length >= 3 && node.keys.length !== keyCountBefore;
}

function splitRoot(pages: TreePages, inserted: ByteString): void {
  const left = pages.pushDownRoot();
  const { separator, right } = split(left, inserted);
  pages.add(right);
  pages.setRoot({
    leaf: false,
    page: ROOT_PAGE,
    keys: [separator],
    children: [left.page, right.page],
    bytes: keyBytes(separator),
  });
}

/** The child has been changed, and so touched, by what was inserted. */
function splitChild(pages: TreePages, parent: Branch, at: number, inserted: ByteString): void {
  pages.touch(parent);
  const { separator, right } = split(pages.at(parent.children[at] as number), inserted);
  pages.add(right);
  parent.keys.splice(at, 0, separator);
  parent.children.splice(at + 1, 0, right.page);
  parent.bytes += keyBytes(separator);
}

function split(node: Node, inserted: ByteString): Half<Node> {
  return node.leaf ? splitLeaf(node, inserted) : splitBranch(node);
}

/** Keys that come in rising order leave full leaves behind: only the newest moves to the new leaf. */
function splitLeaf(leaf: Leaf, inserted: ByteString): Half<Leaf> {
  const last = leaf.keys.length - 1;
  const at = leaf.keys[last] === inserted ? last : halfOf(leaf);
  const keys = leaf.keys.splice(at);
  const values = leaf.values.splice(at);
  let bytes = 0;
  for (let of = 0; of < keys.length; of += 1)
    bytes += keyBytes(keys[of] as ByteString) + (values[of] as Uint8Array).length;
  leaf.bytes -= bytes;
  const right: Leaf = { leaf: true, page: NO_PAGE, keys, values, bytes };
  return { separator: keys[0] as ByteString, right };
}

/** The first place with half of the bytes before it, and something on both sides. */
function halfOf(leaf: Leaf): number {
  let bytes = 0;
  for (let at = 0; at < leaf.keys.length - 1; at += 1) {
    bytes += keyBytes(leaf.keys[at] as ByteString) + (leaf.values[at] as Uint8Array).length;
    if (bytes * 2 >= leaf.bytes) return at + 1;
  }
  return leaf.keys.length - 1;
}

function splitBranch(branch: Branch): Half<Branch> {
  const middle = branch.keys.length >>> 1;
  const separator = branch.keys[middle] as ByteString;
  const keys = branch.keys.splice(middle + 1);
  branch.keys.pop();
  const children = branch.children.splice(middle + 1);
  let bytes = 0;
  for (const key of keys) bytes += keyBytes(key);
  branch.bytes -= bytes + keyBytes(separator);
  return { separator, right: { leaf: false, page: NO_PAGE, keys, children, bytes } };
}
