import type { ByteString, Ordered, Records, Tables } from '@lockstep/vr-core';
import { getU64, putU64 } from './fixed-width';
import {
  Inode,
  INODE_BYTES,
  isBlank,
  ROOT_INO,
  UNTOUCHED_ROOT,
  writeBirth,
  writeChanges,
  type InodeBirth,
  type InodeChanges,
} from './inode';
import { type Ino } from './inode-type';

const NEXT_INO = 'nextIno' as ByteString;
const NEXT_INO_BYTES = 8;

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

  /** A new inode, under the next number. */
  make(birth: InodeBirth): Inode {
    const ino = this.allocate();
    const record = this.records.edit(ino);
    writeBirth(record, birth);
    return new Inode(ino, record);
  }

  /** Changes an inode that is there, and gives it as it is now. */
  change({ ino }: Inode, changes: InodeChanges): Inode {
    const record = this.records.edit(ino);
    // Only the root is there without a record.
    if (isBlank(record)) record.set(UNTOUCHED_ROOT.record);
    writeChanges(record, changes);
    return new Inode(ino, record);
  }

  free(ino: Ino): void {
    this.records.free(ino);
  }

  /** Inodes that were ever written. */
  get size(): number {
    return this.records.size;
  }

  /** A number never used before: dense, so that inodes made together lie on one page. */
  private allocate(): Ino {
    const next = this.counters.get(NEXT_INO);
    const ino = next === undefined ? ROOT_INO + 1 : getU64(next, 0);
    const after = new Uint8Array(NEXT_INO_BYTES);
    putU64(after, 0, ino + 1);
    this.counters.put(NEXT_INO, after);
    return ino;
  }
}
