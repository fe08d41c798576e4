import type { ByteString } from '../encoding/byte-string';
import { checkTree } from './b-tree-check';
import { hasRoom, insert, putAt } from './b-tree-insert';
import { emptyLeaf, entryAt, notAbove, ROOT_PAGE } from './b-tree-node';
import type { Branch, Leaf, Node } from './b-tree-node';
import { remove } from './b-tree-remove';
import type { PackedEntries } from './packed-entries';
import { decodeNode, encodeNode } from './node-page';
import type { Entry } from './tables';
import { TreePages } from './tree-pages';

/**
 * A B+tree of which each node is a page. Its shape and its page numbers are a function of the operations alone: no
 * clock, no dice, nothing remembered that is not in the nodes, so that replicas that did the same have the same pages,
 * and one that was made again from pages goes on like the others. (decision 12)
 *
 * Every branch has at least two children and only the root may be an empty leaf.
 */
export class BTree {
  private readonly pages = new TreePages();
  readonly dirty = this.pages.dirty;
  private changes = 0;
  // The key asked for last, what there is, and where it is or belongs, as `find` tells it, while nothing changes: what is
  // put has been looked up as a rule, and some keys are asked for again and again.
  private askedKey: ByteString | undefined;
  private askedValue: Uint8Array | undefined;
  private askedLeaf: Leaf = emptyLeaf(ROOT_PAGE);
  private askedAt = 0;
  /** What `first` has found, while that is so: what runs out first is asked for after every operation. */
  private lowest: Entry | undefined;
  size = 0;

  get(key: ByteString): Uint8Array | undefined {
    if (key === this.askedKey) return this.askedValue;
    let node = this.pages.root;
    while (!node.leaf) node = this.pages.at(node.children[notAbove(node.keys, key)] as number);
    const at = node.entries.find(key);
    this.askedKey = key;
    this.askedLeaf = node;
    this.askedAt = at;
    this.askedValue = at < 0 ? undefined : node.entries.valueAt(at);
    return this.askedValue;
  }

  /** The value replaced, or undefined. */
  put(key: ByteString, value: Uint8Array): Uint8Array | undefined {
    this.changes += 1;
    if (this.lowest !== undefined && key <= this.lowest[0]) this.lowest = undefined;
    const leaf = this.askedLeaf;
    const isAsked = this.askedKey === key && hasRoom(leaf, key, value);
    this.askedKey = undefined;
    const replaced = isAsked
      ? putAt(this.pages, leaf, this.askedAt, key, value)
      : insert(this.pages, key, value);
    if (replaced === undefined) this.size += 1;
    return replaced;
  }

  /** The value deleted, or undefined when there was none. */
  delete(key: ByteString): Uint8Array | undefined {
    const deleted = remove(this.pages, key);
    if (deleted === undefined) return undefined;
    this.changes += 1;
    this.askedKey = undefined;
    if (key === this.lowest?.[0]) this.lowest = undefined;
    this.size -= 1;
    return deleted;
  }

  first(): Entry | undefined {
    return (this.lowest ??= this.firstOf(this.pages.root));
  }

  next(key: ByteString): Entry | undefined {
    let node = this.pages.root;
    let after: number | undefined;
    while (!node.leaf) {
      const at = notAbove(node.keys, key);
      if (at + 1 < node.children.length) after = node.children[at + 1];
      node = this.pages.at(node.children[at] as number);
    }
    const found = node.entries.find(key);
    const at = found < 0 ? ~found : found + 1;
    if (at < node.entries.count) return entryAt(node, at);
    return after === undefined ? undefined : this.firstOf(this.pages.at(after));
  }

  *range(from: ByteString, to?: ByteString): Iterable<Entry> {
    const changes = this.changes;
    const branches: Branch[] = [];
    const places: number[] = [];
    let node = this.pages.root;
    let leafKey: ByteString | undefined = from;
    for (;;) {
      while (!node.leaf) {
        const at: number = leafKey === undefined ? 0 : notAbove(node.keys, leafKey);
        branches.push(node);
        places.push(at);
        node = this.pages.at(node.children[at] as number);
      }
      const { entries } = node;
      const end = to === undefined ? entries.count : placeOf(entries, to);
      for (let at = leafKey === undefined ? 0 : placeOf(entries, leafKey); at < end; at += 1) {
        yield entryAt(node, at);
        if (this.changes !== changes) throw new Error('the table was written to while iterating');
      }
      if (end < entries.count) return;
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
      node = this.pages.at(branch.children[place] as number);
    }
  }

  encodePage(page: number): Uint8Array | undefined {
    const node = this.pages.find(page);
    return node && encodeNode(node);
  }

  loadPage(page: number, bytes: Uint8Array | undefined): void {
    this.pages.load(page, bytes && decodeNode(page, bytes));
    this.changes += 1;
    this.askedKey = undefined;
    this.lowest = undefined;
  }

  /** Throws `Malformed` when the pages are not one tree. */
  rebuild(): void {
    this.size = checkTree(this.pages, this.pages.rebuild());
  }

  private firstOf(top: Node): Entry | undefined {
    let node = top;
    while (!node.leaf) node = this.pages.at(node.children[0] as number);
    return node.entries.count === 0 ? undefined : entryAt(node, 0);
  }
}

/** Where the key is or belongs. */
function placeOf(entries: PackedEntries, key: ByteString): number {
  const found = entries.find(key);
  return found < 0 ? ~found : found;
}
