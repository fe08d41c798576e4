import { keyU64, readKeyU64, fromByteString, toByteString } from '@lockstep/vr-core';
import type { ByteString, Ordered, Records, Tables } from '@lockstep/vr-core';
import { Inode, INODE_BYTES, ROOT_INO, UNTOUCHED_ROOT, type Ino } from './inode';

const NEXT_INO = 'nextIno' as ByteString;

/** Inodes by number, and the next number. */
export class InodeTable {
  private readonly records: Records;
  private readonly counters: Ordered;

  constructor(tables: Tables) {
    this.records = tables.records('inodes', INODE_BYTES);
    this.counters = tables.ordered('counters');
  }

  /**
   * The inode as the store has it: what was found is good until that inode is written or freed. Undefined when it was
   * freed or never was.
   */
  find(ino: Ino): Inode | undefined {
    const record = this.records.get(ino);
    if (record !== undefined) return new Inode(ino, record);
    return ino === ROOT_INO ? UNTOUCHED_ROOT : undefined;
  }

  /** An inode that a name or a child points to. */
  get(ino: Ino): Inode {
    const inode = this.find(ino);
    if (inode === undefined) throw new Error(`what is named exists: inode ${ino}`);
    return inode;
  }

  put(inode: Inode): void {
    this.records.put(inode.ino, inode.record);
  }

  free(ino: Ino): void {
    this.records.free(ino);
  }

  /** A number never used before: dense, so that inodes made together lie on one page. */
  allocate(): Ino {
    const next = this.counters.get(NEXT_INO);
    const ino = next === undefined ? ROOT_INO + 1 : readKeyU64(toByteString(next), 0);
    this.counters.put(NEXT_INO, fromByteString(keyU64(ino + 1)));
    return ino;
  }

  /** Inodes that were ever written. */
  get size(): number {
    return this.records.size;
  }
}
