import type { ByteString, Ordered, Records } from '@lockstep/vr-core';
import { nextNumber, numberToCome } from './counter';
import {
  Inode,
  isBlank,
  ROOT_INO,
  UNTOUCHED_ROOT,
  writeBirth,
  writeChanges,
  writeUsage,
  type InodeBirth,
  type InodeChanges,
  type Usage,
} from './inode';
import { type Ino } from './inode-type';
import { ExtraTable } from './extra-table';
import { renewLifespan } from './lifespan';
import { addSpace } from './space';

const NEXT_INO = 'nextIno' as ByteString;

const FIRST_INO = ROOT_INO + 1;

/** The number that the next inode will have. */
export const nextIno = (counters: Ordered): Ino => numberToCome(counters, NEXT_INO, FIRST_INO);

/** Where inodes are kept, and the next number. */
interface InodeTables {
  readonly inodes: Records;
  /** The same records, for what is below directories. */
  readonly usages: Records;
  readonly counters: Ordered;
  readonly extra: Ordered;
  readonly space: Records;
}

/** Inodes by number, the next number, and what every volume holds. */
export class InodeTable {
  private readonly records: Records;
  private readonly usages: Records;
  private readonly counters: Ordered;
  private readonly space: Records;
  private readonly extra: ExtraTable;
  private readonly nowMs: number | undefined;

  /** `nowMs`: the cluster time of what is changed, for what lives for a time after its last change. */
  constructor(tables: InodeTables, nowMs?: number) {
    this.records = tables.inodes;
    this.usages = tables.usages;
    this.extra = new ExtraTable(tables);
    this.nowMs = nowMs;
    this.counters = tables.counters;
    this.space = tables.space;
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
    const bytes = birth.type === 'file' ? birth.size : 0;
    addSpace(this.space, birth.volume, { inodes: 1, bytes });
    const record = this.records.edit(ino);
    writeBirth(record, birth);
    return new Inode(ino, record);
  }

  /** Changes an inode that is there, and gives it as it is now. */
  change(inode: Inode, changes: InodeChanges): Inode {
    if (changes.size !== undefined && inode.type === 'file') this.resize(inode, changes.size);
    const record = recordIn(this.records, inode);
    writeChanges(record, changes);
    const now = new Inode(inode.ino, record);
    if (changes.changedOp !== undefined && this.nowMs !== undefined && now.has('ttl'))
      renewLifespan(this.extra, now.ino, this.nowMs);
    return now;
  }

  /** What is below a directory became more or less: no change of the directory itself. */
  addUsage(directory: Inode, delta: Usage): Inode {
    const now = new Inode(directory.ino, recordIn(this.usages, directory));
    writeUsage(now.record, now.usage, delta);
    return now;
  }

  free(ino: Ino): void {
    const inode = this.get(ino);
    const bytes = inode.type === 'file' ? -inode.size : 0;
    addSpace(this.space, inode.volume, { inodes: -1, bytes });
    this.records.free(ino);
  }

  /** Inodes that were ever written. */
  get size(): number {
    return this.records.size;
  }

  private resize(file: Inode, size: number): void {
    if (size !== file.size)
      addSpace(this.space, file.volume, { inodes: 0, bytes: size - file.size });
  }

  /** A number never used before: dense, so that inodes made together lie on one page. */
  private allocate(): Ino {
    return nextNumber(this.counters, NEXT_INO, FIRST_INO);
  }
}

function recordIn(records: Records, { ino }: Inode): Uint8Array {
  const record = records.edit(ino);
  // Only the root is there without a record.
  if (isBlank(record)) record.set(UNTOUCHED_ROOT.record);
  return record;
}
