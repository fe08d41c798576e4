import { afterPrefix, fromByteString, keyU64, toByteString } from '@lockstep/vr-core';
import type { ByteString, Ordered, Tables } from '@lockstep/vr-core';
import type { Ino } from './inode-type';

/** Second part of a key, one byte for each kind of thing an inode may have more of. */
const SYMLINK_TARGET = '\x01';

/** What does not fit the record of an inode, by inode, kind, and a key of the kind's own. */
export class ExtraTable {
  private readonly entries: Ordered;

  constructor(tables: Tables) {
    this.entries = tables.ordered('extra');
  }

  /** The path in a symbolic link. */
  target(ino: Ino): ByteString {
    const value = this.entries.get((keyU64(ino) + SYMLINK_TARGET) as ByteString);
    if (value === undefined) throw new Error(`a symbolic link has a target: inode ${ino}`);
    return toByteString(value);
  }

  putTarget(ino: Ino, target: ByteString): void {
    this.entries.put((keyU64(ino) + SYMLINK_TARGET) as ByteString, fromByteString(target));
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
