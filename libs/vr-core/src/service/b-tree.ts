import type { ByteString } from '../encoding/byte-string';
import {
  below,
  entryAt,
  firstOf,
  keyBytes,
  notAbove,
  type Branch,
  type Leaf,
  type Node,
} from './b-tree-node';
import type { Entry } from './tables';

/** What a node may hold before it is split: about one page of a paged store. */
const NODE_BYTES = 4096;
/** Below this a node looks for a neighbour to merge with, and merges if both together stay below `MERGED_BYTES`. */
const SPARSE_BYTES = NODE_BYTES / 4;
const MERGED_BYTES = (NODE_BYTES * 3) / 4;
/**
 * A B+tree whose shape is a function of the operations alone: no clock, no dice, no free list of its own, so that
 * replicas that did the same have the same nodes and, once nodes are pages, the same pages. (decision 12)
 *
 * Every branch has at least two children and only the root may be an empty leaf.
 */
export class BTree {
  private root: Node = { leaf: true, keys: [], values: [], bytes: 0 };
  private changes = 0;
  // Where the key asked for last is or belongs, while nothing changes: what is put has been looked up as a rule.
  private askedKey: ByteString | undefined;
  private askedLeaf: Leaf = { leaf: true, keys: [], values: [], bytes: 0 };
  private askedAt = 0;
  size = 0;

  get(key: ByteString): Uint8Array | undefined {
    let node = this.root;
    while (!node.leaf) node = node.children[notAbove(node.keys, key)] as Node;
    const at = below(node.keys, key);
    this.askedKey = key;
    this.askedLeaf = node;
    this.askedAt = at;
    return node.keys[at] === key ? node.values[at] : undefined;
  }

  /** The value replaced, or undefined. */
  put(key: ByteString, value: Uint8Array): Uint8Array | undefined {
    this.changes += 1;
    const leaf = this.askedLeaf;
    const isAsked = this.askedKey === key && hasRoom(leaf, key, value);
    this.askedKey = undefined;
    const replaced = isAsked
      ? insertAt(leaf, this.askedAt, key, value)
      : insert(this.root, key, value);
    if (replaced === undefined) this.size += 1;
    if (isOverfull(this.root)) {
      const left = this.root;
      const { separator, right } = split(left, key);
      this.root = {
        leaf: false,
        keys: [separator],
        children: [left, right],
        bytes: keyBytes(separator),
      };
    }
    return replaced;
  }

  /** The value deleted, or undefined when there was none. */
  delete(key: ByteString): Uint8Array | undefined {
    const deleted = remove(this.root, key);
    if (deleted === undefined) return undefined;
    this.changes += 1;
    this.askedKey = undefined;
    this.size -= 1;
    while (!this.root.leaf && this.root.children.length === 1)
      this.root = this.root.children[0] as Node;
    return deleted;
  }

  first(): Entry | undefined {
    return firstOf(this.root);
  }

  next(key: ByteString): Entry | undefined {
    let node = this.root;
    let after: Node | undefined;
    while (!node.leaf) {
      const at = notAbove(node.keys, key);
      if (at + 1 < node.children.length) after = node.children[at + 1];
      node = node.children[at] as Node;
    }
    const at = notAbove(node.keys, key);
    if (at < node.keys.length) return entryAt(node, at);
    return after === undefined ? undefined : firstOf(after);
  }

  *range(from: ByteString, to?: ByteString): Iterable<Entry> {
    const changes = this.changes;
    const branches: Branch[] = [];
    const places: number[] = [];
    let node = this.root;
    let leafKey: ByteString | undefined = from;
    for (;;) {
      while (!node.leaf) {
        const at: number = leafKey === undefined ? 0 : notAbove(node.keys, leafKey);
        branches.push(node);
        places.push(at);
        node = node.children[at] as Node;
      }
      for (let at = leafKey === undefined ? 0 : below(node.keys, leafKey); ; at += 1) {
        if (at >= node.keys.length) break;
        if (to !== undefined && (node.keys[at] as ByteString) >= to) return;
        yield entryAt(node, at);
        if (this.changes !== changes) throw new Error('the table was written to while iterating');
      }
      leafKey = undefined;
      let branch = branches.pop();
      let place = (places.pop() ?? 0) + 1;
      while (branch !== undefined && place >= branch.children.length) {
        branch = branches.pop();
        place = (places.pop() ?? 0) + 1;
      }
      if (branch === undefined) return;
      branches.push(branch);
      places.push(place);
      node = branch.children[place] as Node;
    }
  }
}

function insert(node: Node, key: ByteString, value: Uint8Array): Uint8Array | undefined {
  if (node.leaf) return insertAt(node, below(node.keys, key), key, value);
  const at = notAbove(node.keys, key);
  const child = node.children[at] as Node;
  const replaced = insert(child, key, value);
  if (isOverfull(child)) {
    const { separator, right } = split(child, key);
    node.keys.splice(at, 0, separator);
    node.children.splice(at + 1, 0, right);
    node.bytes += keyBytes(separator);
  }
  return replaced;
}

/** Replaces the value when `key` is there already, or else puts it there. */
function insertAt(
  leaf: Leaf,
  at: number,
  key: ByteString,
  value: Uint8Array,
): Uint8Array | undefined {
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
function hasRoom(leaf: Leaf, key: ByteString, value: Uint8Array): boolean {
  return leaf.bytes + keyBytes(key) + value.length <= NODE_BYTES;
}

/** A leaf of one large value stays whole, and a branch keeps two children on each side of a split. */
function isOverfull(node: Node): boolean {
  return node.bytes > NODE_BYTES && node.keys.length >= (node.leaf ? 2 : 3);
}

function split(node: Node, inserted: ByteString): { separator: ByteString; right: Node } {
  return node.leaf ? splitLeaf(node, inserted) : splitBranch(node);
}

/** Keys that come in rising order leave full leaves behind: only the newest moves to the new leaf. */
function splitLeaf(leaf: Leaf, inserted: ByteString): { separator: ByteString; right: Leaf } {
  const last = leaf.keys.length - 1;
  const at = leaf.keys[last] === inserted ? last : halfOf(leaf);
  const keys = leaf.keys.splice(at);
  const values = leaf.values.splice(at);
  let bytes = 0;
  for (let of = 0; of < keys.length; of += 1)
    bytes += keyBytes(keys[of] as ByteString) + (values[of] as Uint8Array).length;
  leaf.bytes -= bytes;
  return { separator: keys[0] as ByteString, right: { leaf: true, keys, values, bytes } };
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

function splitBranch(branch: Branch): { separator: ByteString; right: Branch } {
  const middle = branch.keys.length >>> 1;
  const separator = branch.keys[middle] as ByteString;
  const keys = branch.keys.splice(middle + 1);
  branch.keys.pop();
  const children = branch.children.splice(middle + 1);
  let bytes = 0;
  for (const key of keys) bytes += keyBytes(key);
  branch.bytes -= bytes + keyBytes(separator);
  return { separator, right: { leaf: false, keys, children, bytes } };
}

function remove(node: Node, key: ByteString): Uint8Array | undefined {
  if (node.leaf) return removeFromLeaf(node, key);
  const at = notAbove(node.keys, key);
  const child = node.children[at] as Node;
  const deleted = remove(child, key);
  if (deleted !== undefined && child.bytes < SPARSE_BYTES && !mergeAt(node, at - 1))
    mergeAt(node, at);
  return deleted;
}

function removeFromLeaf(leaf: Leaf, key: ByteString): Uint8Array | undefined {
  const at = below(leaf.keys, key);
  if (leaf.keys[at] !== key) return undefined;
  const deleted = leaf.values[at] as Uint8Array;
  leaf.keys.splice(at, 1);
  leaf.values.splice(at, 1);
  leaf.bytes -= keyBytes(key) + deleted.length;
  return deleted;
}

/** Merges children `at` and `at + 1` when they fit; always when one of them has no keys left. */
function mergeAt(parent: Branch, at: number): boolean {
  const left = parent.children[at];
  const right = parent.children[at + 1];
  if (left === undefined || right === undefined) return false;
  const isNeeded = left.keys.length === 0 || right.keys.length === 0;
  if (!isNeeded && left.bytes + right.bytes > MERGED_BYTES) return false;
  const separator = parent.keys[at] as ByteString;
  join(left, separator, right);
  parent.keys.splice(at, 1);
  parent.children.splice(at + 1, 1);
  parent.bytes -= keyBytes(separator);
  return true;
}

function join(left: Node, separator: ByteString, right: Node): void {
  if (left.leaf && right.leaf) {
    left.keys = left.keys.concat(right.keys);
    left.values = left.values.concat(right.values);
    left.bytes += right.bytes;
  } else if (!left.leaf && !right.leaf) {
    left.keys = left.keys.concat(separator, right.keys);
    left.children = left.children.concat(right.children);
    left.bytes += keyBytes(separator) + right.bytes;
  }
}
