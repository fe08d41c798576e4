import type { ByteString } from '../encoding/byte-string';
import { NODE_BYTES } from './b-tree-insert';
import {
  entryBytes,
  keyBytes,
  keyCountOf,
  notAbove,
  type Branch,
  type Leaf,
  type Node,
} from './b-tree-node';
import type { TreePages } from './tree-pages';

/** Below this a node looks for a neighbour to merge with, and merges if both together stay below `MERGED_BYTES`. */
const SPARSE_BYTES = NODE_BYTES / 4;
const MERGED_BYTES = (NODE_BYTES * 3) / 4;

/** The value deleted, or undefined when there was none. */
export function remove(pages: TreePages, key: ByteString): Uint8Array | undefined {
  const deleted = removeBelow(pages, pages.root, key);
  for (let { root } = pages; !root.leaf && root.children.length === 1; root = pages.root)
    pages.pullUpRoot(pages.at(root.children[0] as number));
  return deleted;
}

function removeBelow(pages: TreePages, node: Node, key: ByteString): Uint8Array | undefined {
  if (node.leaf) return removeFromLeaf(pages, node, key);
  const at = notAbove(node.keys, key);
  const child = pages.at(node.children[at] as number);
  const deleted = removeBelow(pages, child, key);
  if (deleted !== undefined && child.bytes < SPARSE_BYTES && !mergeAt(pages, node, at - 1))
    mergeAt(pages, node, at);
  return deleted;
}

function removeFromLeaf(pages: TreePages, leaf: Leaf, key: ByteString): Uint8Array | undefined {
  const at = leaf.entries.find(key);
  if (at < 0) return undefined;
  pages.touch(leaf);
  const deleted = leaf.entries.valueAt(at);
  leaf.entries.remove(at);
  leaf.bytes -= entryBytes(key.length, deleted.length);
  return deleted;
}

/** Merges children `at` and `at + 1` when they fit; always when one of them has no keys left. */
function mergeAt(pages: TreePages, parent: Branch, at: number): boolean {
  if (at < 0 || at + 1 >= parent.children.length) return false;
  const left = pages.at(parent.children[at] as number);
  const right = pages.at(parent.children[at + 1] as number);
  const isNeeded = keyCountOf(left) === 0 || keyCountOf(right) === 0;
  if (!isNeeded && left.bytes + right.bytes > MERGED_BYTES) return false;
  const separator = parent.keys[at] as ByteString;
  pages.touch(parent);
  pages.touch(left);
  pages.remove(right);
  join(left, separator, right);
  parent.keys.splice(at, 1);
  parent.children.splice(at + 1, 1);
  parent.bytes -= keyBytes(separator);
  return true;
}

function join(left: Node, separator: ByteString, right: Node): void {
  if (left.leaf && right.leaf) {
    left.entries = left.entries.concat(right.entries);
    left.bytes += right.bytes;
  } else if (!left.leaf && !right.leaf) {
    left.keys = left.keys.concat(separator, right.keys);
    left.children = left.children.concat(right.children);
    left.bytes += keyBytes(separator) + right.bytes;
  }
}
