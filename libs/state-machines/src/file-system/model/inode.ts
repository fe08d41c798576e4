import { getU32, getU64, putU32, putU64 } from './fixed-width';
import {
  FORMAT_OF,
  NO_DEVICE,
  PERMISSION_BITS,
  typeOfMode,
  type Device,
  type Ino,
  type InodeType,
} from './inode-type';
import type { Attributes } from './attributes';
import { EPOCH, getTime, putTime, type FileTime } from './time';

/** The parts of a record that change. */
export interface InodeChanges {
  /** Permission bits only; the type never changes. */
  readonly mode?: number;
  readonly nlink?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly size?: number;
  readonly blocks?: number;
  readonly atime?: FileTime;
  readonly mtime?: FileTime;
  readonly ctime?: FileTime;
  readonly contentGen?: number;
  readonly metaGen?: number;
  readonly parent?: Ino;
  readonly changedOp?: number;
  readonly flags?: number;
  readonly marks?: number;
}

/** What is below a directory, counted by names: who has two names below it counts twice. (files.md N3) */
export interface Usage {
  /** Names of anything but directories. */
  readonly files: number;
  readonly directories: number;
  /** Sizes of regular files. */
  readonly bytes: number;
}

/** What a record starts with; sizes, generations and flags start at 0. */
export interface InodeBirth {
  readonly type: InodeType;
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly rdev: Device;
  readonly parent: Ino;
  /** Id of the volume. */
  readonly volume: number;
  readonly time: FileTime;
  readonly opNumber: number;
}

/** The record, big-endian. (decision 35) A directory has neither blocks nor a device: there it keeps its usage. */
export const INODE_BYTES = 128;
const MODE = 0; // 4, type and permission bits as in st_mode
const NLINK = 4; // 4
const UID = 8; // 4
const GID = 12; // 4
const SIZE = 16; // 8, bytes; of a directory, its entries
const BLOCKS = 24; // 8, of 512 bytes; of a directory, bytes below it
const ATIME = 32; // 8
const MTIME = 40; // 8
const CTIME = 48; // 8
const BTIME = 56; // 8
const RDEV = 64; // 8, major and minor; of a directory, files below it
const FLAGS = 72; // 4
const CONTENT_GEN = 76; // 8, one more with each change of the content
const META_GEN = 84; // 8, one more with each change of anything else
const PARENT = 92; // 8
const CHANGED_OP = 100; // 8, op-number of the last change
const MARKS = 108; // 4, what other tables have of it
const DIRECTORIES = 112; // 8, of a directory: directories below it
const VOLUME = 120; // 4
// 4 bytes at 124 are not used yet
const FILES_BELOW = RDEV;
const BYTES_BELOW = BLOCKS;

/** What other tables have of an inode, so that nobody looks there in vain. */
export const MARK = {
  /** It has more names than one: all of them are in `extra`. */
  links: 0x1,
  /** Somebody has it open: it lives on without a name. */
  open: 0x2,
  xattr: 0x4,
  acl: 0x8,
  defaultAcl: 0x10,
  content: 0x20,
  chunks: 0x40,
  quota: 0x80,
  /** Somebody has, or waits for, an advisory lock. */
  locks: 0x100,
  ephemeral: 0x200,
  ttl: 0x400,
  container: 0x800,
} as const;

/** One inode, as its record says: a view of what the store has now, read-only. `InodeTable` makes and changes inodes. */
export class Inode implements Attributes {
  readonly ino: Ino;
  /** `INODE_BYTES` bytes, read-only. */
  readonly record: Uint8Array;

  constructor(ino: Ino, record: Uint8Array) {
    this.ino = ino;
    this.record = record;
  }

  get type(): InodeType {
    return typeOfMode(getU32(this.record, MODE));
  }

  get isDirectory(): boolean {
    return this.is(FORMAT_OF.dir);
  }

  get isSymlink(): boolean {
    return this.is(FORMAT_OF.symlink);
  }

  /** The twelve permission bits. */
  get mode(): number {
    return getU32(this.record, MODE) & PERMISSION_BITS;
  }

  get nlink(): number {
    return getU32(this.record, NLINK);
  }

  get uid(): number {
    return getU32(this.record, UID);
  }

  get gid(): number {
    return getU32(this.record, GID);
  }

  /** Bytes of a file or of a symlink's target; entries of a directory; 0 for the rest. */
  get size(): number {
    return getU64(this.record, SIZE);
  }

  /** Of 512 bytes; 0 of a directory. */
  get blocks(): number {
    return this.isDirectory ? 0 : getU64(this.record, BLOCKS);
  }

  get atime(): FileTime {
    return getTime(this.record, ATIME);
  }

  get mtime(): FileTime {
    return getTime(this.record, MTIME);
  }

  get ctime(): FileTime {
    return getTime(this.record, CTIME);
  }

  get btime(): FileTime {
    return getTime(this.record, BTIME);
  }

  get rdev(): Device {
    if (this.isDirectory) return NO_DEVICE;
    return { major: getU32(this.record, RDEV), minor: getU32(this.record, RDEV + 4) };
  }

  get flags(): number {
    return getU32(this.record, FLAGS);
  }

  get contentGen(): number {
    return getU64(this.record, CONTENT_GEN);
  }

  get metaGen(): number {
    return getU64(this.record, META_GEN);
  }

  /**
   * The directory a directory is in; the root's is itself. For other types the directory of the only name, and 0
   * from the second name on, since one field cannot tell of two: what is not 0 is true.
   */
  get parent(): Ino {
    return getU64(this.record, PARENT);
  }

  /** Id of its volume. */
  get volume(): number {
    return getU32(this.record, VOLUME);
  }

  has(mark: keyof typeof MARK): boolean {
    return (getU32(this.record, MARKS) & MARK[mark]) !== 0;
  }

  /** The marks with some set and some cleared, for `InodeChanges`. */
  marksWith(set: number, clear = 0): number {
    return (getU32(this.record, MARKS) | set) & ~clear;
  }

  /** Of a directory: what is below it. */
  get usage(): Usage {
    const { record } = this;
    return {
      files: getU64(record, FILES_BELOW),
      directories: getU64(record, DIRECTORIES),
      bytes: getU64(record, BYTES_BELOW),
    };
  }

  get changedOp(): number {
    return getU64(this.record, CHANGED_OP);
  }

  private is(format: number): boolean {
    return (getU32(this.record, MODE) & 0o170000) === format;
  }
}

/** Writes the first state of an inode into a record of zeros. */
export function writeBirth(record: Uint8Array, birth: InodeBirth): void {
  putU32(record, MODE, FORMAT_OF[birth.type] | birth.mode);
  putU32(record, NLINK, birth.nlink);
  putU32(record, UID, birth.uid);
  putU32(record, GID, birth.gid);
  putU64(record, SIZE, birth.size);
  putTime(record, ATIME, birth.time);
  // The four times follow each other and start the same.
  for (let at = MTIME; at < RDEV; at += 1) record[at] = record[at - 8] as number;
  if (birth.type !== 'dir') {
    putU32(record, RDEV, birth.rdev.major);
    putU32(record, RDEV + 4, birth.rdev.minor);
  }
  putU32(record, VOLUME, birth.volume);
  putU64(record, PARENT, birth.parent);
  putU64(record, CHANGED_OP, birth.opNumber);
}

/** Writes the fields that are given and leaves the others. */
export function writeChanges(record: Uint8Array, changes: InodeChanges): void {
  const { mode, nlink, uid, gid, size, blocks, atime, mtime, ctime } = changes;
  const { contentGen, metaGen, parent, changedOp, flags, marks } = changes;
  if (mode !== undefined) putU32(record, MODE, (getU32(record, MODE) & ~PERMISSION_BITS) | mode);
  if (nlink !== undefined) putU32(record, NLINK, nlink);
  if (uid !== undefined) putU32(record, UID, uid);
  if (gid !== undefined) putU32(record, GID, gid);
  if (size !== undefined) putU64(record, SIZE, size);
  if (blocks !== undefined) putU64(record, BLOCKS, blocks);
  if (atime !== undefined) putTime(record, ATIME, atime);
  if (mtime !== undefined) putTime(record, MTIME, mtime);
  if (ctime !== undefined) putTime(record, CTIME, ctime);
  if (contentGen !== undefined) putU64(record, CONTENT_GEN, contentGen);
  if (metaGen !== undefined) putU64(record, META_GEN, metaGen);
  if (parent !== undefined) putU64(record, PARENT, parent);
  if (changedOp !== undefined) putU64(record, CHANGED_OP, changedOp);
  if (flags !== undefined) putU32(record, FLAGS, flags);
  if (marks !== undefined) putU32(record, MARKS, marks);
}

/** Writes what is below a directory once `delta` has come to it. */
export function writeUsage(record: Uint8Array, before: Usage, delta: Usage): void {
  putU64(record, FILES_BELOW, before.files + delta.files);
  putU64(record, DIRECTORIES, before.directories + delta.directories);
  putU64(record, BYTES_BELOW, before.bytes + delta.bytes);
}

/** True of a record that no inode was ever written into: every inode has a type. */
export function isBlank(record: Uint8Array): boolean {
  return getU32(record, MODE) === 0;
}

export const ROOT_INO: Ino = 1;

/** The root before anything was written to it: it needs no first operation, and a fresh group has empty tables. */
export const UNTOUCHED_ROOT = untouchedRoot();

function untouchedRoot(): Inode {
  const record = new Uint8Array(INODE_BYTES);
  writeBirth(record, {
    type: 'dir',
    mode: 0o755,
    nlink: 2,
    uid: 0,
    gid: 0,
    size: 0,
    rdev: NO_DEVICE,
    parent: ROOT_INO,
    volume: 0,
    time: EPOCH,
    opNumber: 0,
  });
  return new Inode(ROOT_INO, record);
}
