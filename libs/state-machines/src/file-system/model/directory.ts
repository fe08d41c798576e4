import {
  afterPrefix,
  fromByteString,
  key,
  keyU64,
  readKeyU64,
  toByteString,
} from '@lockstep/vr-core';
import type { ByteString, Ordered } from '@lockstep/vr-core';
import { getU64, putU64 } from './fixed-width';
import { INODE_TYPES, type InodeType } from './inode-type';
import type { Inode } from './inode';
import type { Ino } from './inode-type';

/** What a name in a directory stands for. `.` and `..` are not kept: the parent is in the inode. */
export interface DirectoryEntry {
  readonly name: ByteString;
  readonly ino: Ino;
  readonly type: InodeType;
}

const ENTRY_BYTES = 9; // ino 8, type 1
const PARENT_BYTES = 8;

/** Whose name a row is: what it leads to, or the directory that keeps its own there. */
export const inodeOfRow = (at: ByteString, value: Uint8Array): Ino =>
  at.length > PARENT_BYTES ? getU64(value, 0) : readKeyU64(at, 0);

/**
 * Names of all directories, by parent and then bytewise by name. Under the empty name, which no entry has, a directory
 * keeps its own, so that the path to it is found from below.
 */
export class DirectoryTable {
  private readonly entries: Ordered;
  // The key made last: a name is looked up, and found free, right before it is put.
  private keyParent: Ino = 0;
  private keyName = '' as ByteString;
  private key = '' as ByteString;

  constructor({ dentries }: { readonly dentries: Ordered }) {
    this.entries = dentries;
  }

  find(parent: Ino, name: ByteString): Ino | undefined {
    const value = this.entries.get(this.keyOf(parent, name));
    return value === undefined ? undefined : getU64(value, 0);
  }

  put(parent: Ino, name: ByteString, inode: Inode): void {
    const value = new Uint8Array(ENTRY_BYTES);
    putU64(value, 0, inode.ino);
    value[8] = INODE_TYPES.indexOf(inode.type);
    this.entries.put(this.keyOf(parent, name), value);
    if (inode.isDirectory) this.entries.put(keyU64(inode.ino), fromByteString(name));
  }

  remove(parent: Ino, name: ByteString): void {
    this.entries.delete(this.keyOf(parent, name));
  }

  /** The name of a directory in its parent; undefined of a root. */
  ownName(directory: Ino): ByteString | undefined {
    const name = this.entries.get(keyU64(directory));
    return name === undefined ? undefined : toByteString(name);
  }

  /** A directory is in no other any more. */
  forgetOwnName(directory: Ino): void {
    this.entries.delete(keyU64(directory));
  }

  /** Entries in bytewise order of their names, from the first after `after`. Do not write while iterating. */
  *list(parent: Ino, after: ByteString = '' as ByteString): Iterable<DirectoryEntry> {
    // No name is empty and none holds a zero byte, so this is the least key above `after`.
    const from = key(keyU64(parent), after, '\0' as ByteString);
    for (const [entry, value] of this.entries.range(from, afterPrefix(keyU64(parent)))) {
      yield {
        name: entry.slice(PARENT_BYTES) as ByteString,
        ino: getU64(value, 0),
        type: INODE_TYPES[value[8] as number] as InodeType,
      };
    }
  }

  /** Names in all directories together, and a name more for each directory. */
  get size(): number {
    return this.entries.size;
  }

  private keyOf(parent: Ino, name: ByteString): ByteString {
    if (parent !== this.keyParent || name !== this.keyName) {
      this.key = key(keyU64(parent), name);
      this.keyParent = parent;
      this.keyName = name;
    }
    return this.key;
  }
}
