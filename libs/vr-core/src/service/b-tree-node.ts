import type { ByteString } from '../encoding/byte-string';
import { PackedEntries } from './packed-entries';
import type { Entry } from './tables';

/** What an entry counts for beside its bytes. */
const ENTRY_OVERHEAD_BYTES = 8;

export const ROOT_PAGE = 0;

interface Numbered {
  /** Number of the page that the node is. */
  page: number;
}

export interface Leaf extends Numbered {
  readonly leaf: true;
  entries: PackedEntries;
  /** The sum of `entryBytes`. */
  bytes: number;
}

export interface Branch extends Numbered {
  readonly leaf: false;
  /** keys[i] is above every key of children[i] and not above any key of children[i + 1]. */
  keys: ByteString[];
  /** By page number: a page is replaced without those that name it. */
  children: number[];
  bytes: number;
}

export type Node = Leaf | Branch;

export const emptyLeaf = (page: number): Leaf => ({
  leaf: true,
  page,
  entries: new PackedEntries(),
  bytes: 0,
});

export const keyCountOf = (node: Node): number =>
  node.leaf ? node.entries.count : node.keys.length;

export const keyBytes = (key: ByteString): number => key.length + ENTRY_OVERHEAD_BYTES;

export const entryBytes = (keyLength: number, valueLength: number): number =>
  keyLength + valueLength + ENTRY_OVERHEAD_BYTES;

/** How many of a branch's keys are not above `key`: the place of the child that may hold it. */
export function notAbove(keys: readonly ByteString[], key: ByteString): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as ByteString) <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}

export const entryAt = ({ entries }: Leaf, at: number): Entry => [
  entries.keyAt(at),
  entries.valueAt(at),
];
