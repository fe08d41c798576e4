import type { ByteString } from '../encoding/byte-string';
import {
  entryBytes,
  keyBytes,
  keyCountOf,
  notAbove,
  ROOT_PAGE,
  type Branch,
  type Leaf,
  type Node,
} from './b-tree-node';
import { SPARE_BYTES, type PackedEntries } from './packed-entries';
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
  const keyCount = keyCountOf(root);
  const replaced = insertBelow(pages, root, key, value);
  if (mustSplit(root, keyCount)) splitRoot(pages, key);
  return replaced;
}

/** Replaces the value when `key` is there already, or else puts it there: `at` is what `find` says. */
export function putAt(
  pages: TreePages,
  leaf: Leaf,
  at: number,
  key: ByteString,
  value: Uint8Array,
): Uint8Array | undefined {
  pages.touch(leaf);
  if (at < 0) {
    leaf.entries.insert(~at, key, value);
    leaf.bytes += entryBytes(key.length, value.length);
    return undefined;
  }
  const replaced = leaf.entries.valueAt(at);
  leaf.entries.replace(at, value);
  leaf.bytes += value.length - replaced.length;
  return replaced;
}

/** True when the leaf cannot become overfull, and so nothing above it changes. */
export function hasRoom(leaf: Leaf, key: ByteString, value: Uint8Array): boolean {
  return leaf.bytes + entryBytes(key.length, value.length) <= NODE_BYTES;
}

function insertBelow(
  pages: TreePages,
  node: Node,
  key: ByteString,
  value: Uint8Array,
): Uint8Array | undefined {
  if (node.leaf) return putAt(pages, node, node.entries.find(key), key, value);
  const at = notAbove(node.keys, key);
  const child = pages.at(node.children[at] as number);
  const keyCount = keyCountOf(child);
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
    ? node.entries.count >= 2
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
  const { entries } = leaf;
  const last = entries.count - 1;
  const isRising = entries.find(inserted) === last;
  const at = isRising ? last : halfOf(leaf);
  let bytes = 0;
  for (let of = at; of <= last; of += 1) bytes += bytesAt(leaf, of);
  const right = entries.slice(at, last + 1, SPARE_BYTES);
  if (isRising) dropLast(entries);
  else leaf.entries = entries.slice(0, at, SPARE_BYTES);
  leaf.bytes -= bytes;
  const separator = right.keyAt(0);
  return { separator, right: { leaf: true, page: NO_PAGE, entries: right, bytes } };
}

function dropLast(entries: PackedEntries): void {
  entries.remove(entries.count - 1);
  entries.trim();
}

/** The first place with half of the bytes before it, and something on both sides. */
function halfOf(leaf: Leaf): number {
  const last = leaf.entries.count - 1;
  let bytes = 0;
  for (let at = 0; at < last; at += 1) {
    bytes += bytesAt(leaf, at);
    if (bytes * 2 >= leaf.bytes) return at + 1;
  }
  return last;
}

const bytesAt = ({ entries }: Leaf, at: number): number =>
  entryBytes(entries.keyBytes(at), entries.valueBytes(at));

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
