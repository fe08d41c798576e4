import type { ByteString } from '../encoding/byte-string';
import type { Entry } from './tables';

/** Two lengths and a place: what an entry costs beside its bytes. */
const ENTRY_OVERHEAD_BYTES = 8;

export const ROOT_PAGE = 0;

interface Numbered {
  /** Number of the page that the node is. */
  page: number;
}

export interface Leaf extends Numbered {
  readonly leaf: true;
  keys: ByteString[];
  values: Uint8Array[];
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
  keys: [],
  values: [],
  bytes: 0,
});

export const keyBytes = (key: ByteString): number => key.length + ENTRY_OVERHEAD_BYTES;

/** How many of the sorted keys are below `key`. */
export function below(keys: readonly ByteString[], key: ByteString): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as ByteString) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many of the sorted keys are not above `key`; in a branch, the place of the child that may hold it. */
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

export const entryAt = (leaf: Leaf, at: number): Entry => [
  leaf.keys[at] as ByteString,
  leaf.values[at] as Uint8Array,
];
