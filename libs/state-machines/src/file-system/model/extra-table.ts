import { afterPrefix, key, keyU64, toByteString } from '@lockstep/vr-core';
import type { ByteString, Ordered } from '@lockstep/vr-core';
import type { Ino } from './inode-type';

/** Second part of a key, one byte for each kind of thing an inode may have more of. Append, never reorder. */
export const KIND = {
  target: '\x01', // -> the path in a symbolic link
  link: '\x02', // parent, name -> nothing: each name of a file that has several, or goes by itself
  xattr: '\x03', // name, piece -> a piece of the value; nothing -> what all of them take
  acl: '\x04', // -> the access list, without what the mode says
  defaultAcl: '\x05', // -> the access list that what is made in a directory gets
  content: '\x06', // number of the piece -> bytes
  chunk: '\x07', // index -> bytes
  quota: '\x08', // -> its limits
  life: '\x09', // -> how long it lives by itself
  sequence: '\x0a', // -> the next number in a directory
} as const;
export type Kind = (typeof KIND)[keyof typeof KIND];

const NOTHING = '' as ByteString;

/** What does not fit the record of an inode, by inode, kind, and a key of the kind's own. */
export class ExtraTable {
  private readonly entries: Ordered;

  constructor({ extra }: { readonly extra: Ordered }) {
    this.entries = extra;
  }

  get(ino: Ino, kind: Kind, key = NOTHING): Uint8Array | undefined {
    return this.entries.get(keyOf(ino, kind, key));
  }

  put(ino: Ino, kind: Kind, value: Uint8Array, key = NOTHING): void {
    this.entries.put(keyOf(ino, kind, key), value);
  }

  /** True when there was such an entry. */
  delete(ino: Ino, kind: Kind, key = NOTHING): boolean {
    return this.entries.delete(keyOf(ino, kind, key));
  }

  /** Entries of one kind, in order of their keys, from `from` on. Do not write while iterating. */
  *list(ino: Ino, kind: Kind, from = NOTHING): Iterable<readonly [ByteString, Uint8Array]> {
    const prefix = keyOf(ino, kind, NOTHING);
    for (const [at, value] of this.entries.range(key(prefix, from), afterPrefix(prefix)))
      yield [at.slice(prefix.length) as ByteString, value];
  }

  /** The path in a symbolic link. */
  target(ino: Ino): ByteString {
    const value = this.get(ino, KIND.target);
    if (value === undefined) throw new Error(`a symbolic link has a target: inode ${ino}`);
    return toByteString(value);
  }

  /** Everything of an inode, when it goes. */
  clear(ino: Ino): void {
    const prefix = keyU64(ino);
    const keys = Array.from(this.entries.range(prefix, afterPrefix(prefix)), ([key]) => key);
    for (const key of keys) this.entries.delete(key);
  }

  get size(): number {
    return this.entries.size;
  }
}

function keyOf(ino: Ino, kind: Kind, rest: ByteString): ByteString {
  return (keyU64(ino) + kind + rest) as ByteString;
}
