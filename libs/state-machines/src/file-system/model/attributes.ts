import { Malformed, type Reader, type Shape, type Writer } from '@lockstep/vr-core';
import type { Device, Ino } from './inode-type';
import { INODE_TYPES, type InodeType } from './inode-type';
import { SECONDS_MIN, type FileTime } from './time';

/** Everything `stat` tells of an inode. Its number and both generations together name one state of it. */
export interface Attributes {
  readonly ino: Ino;
  readonly type: InodeType;
  /** The twelve permission bits. */
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of a file or of a symlink's target; entries of a directory; 0 for the rest. */
  readonly size: number;
  /** Of 512 bytes. */
  readonly blocks: number;
  readonly atime: FileTime;
  readonly mtime: FileTime;
  readonly ctime: FileTime;
  readonly btime: FileTime;
  readonly rdev: Device;
  readonly flags: number;
  readonly contentGen: number;
  readonly metaGen: number;
  /** Op-number of the last change. */
  readonly changedOp: number;
}

/**
 * Attributes on the wire. Written out by hand, because every answer carries them and they are only ever made from
 * records: the checks of `struct` would cost more than the operation.
 */
export const attributesShape: Shape<Attributes> = {
  write(writer, value) {
    writer.varint(value.ino);
    writer.u8(INODE_TYPES.indexOf(value.type));
    writer.varint(value.mode);
    writer.varint(value.nlink);
    writer.varint(value.uid);
    writer.varint(value.gid);
    writer.varint(value.size);
    writer.varint(value.blocks);
    writeTime(writer, value.atime);
    writeTime(writer, value.mtime);
    writeTime(writer, value.ctime);
    writeTime(writer, value.btime);
    writer.varint(value.rdev.major);
    writer.varint(value.rdev.minor);
    writer.varint(value.flags);
    writer.varint(value.contentGen);
    writer.varint(value.metaGen);
    writer.varint(value.changedOp);
  },
  // Fields of an object literal are evaluated in the order they are written.
  read: (reader) => ({
    ino: reader.varint(),
    type: readType(reader),
    mode: reader.varint(),
    nlink: reader.varint(),
    uid: reader.varint(),
    gid: reader.varint(),
    size: reader.varint(),
    blocks: reader.varint(),
    atime: readTime(reader),
    mtime: readTime(reader),
    ctime: readTime(reader),
    btime: readTime(reader),
    rdev: { major: reader.varint(), minor: reader.varint() },
    flags: reader.varint(),
    contentGen: reader.varint(),
    metaGen: reader.varint(),
    changedOp: reader.varint(),
  }),
};

/** The attributes as they are now, for whoever needs them after the next change. */
export function snapshotOf(of: Attributes): Attributes {
  return {
    ino: of.ino,
    type: of.type,
    mode: of.mode,
    nlink: of.nlink,
    uid: of.uid,
    gid: of.gid,
    size: of.size,
    blocks: of.blocks,
    atime: of.atime,
    mtime: of.mtime,
    ctime: of.ctime,
    btime: of.btime,
    rdev: of.rdev,
    flags: of.flags,
    contentGen: of.contentGen,
    metaGen: of.metaGen,
    changedOp: of.changedOp,
  };
}

function readType(reader: Reader): InodeType {
  const type = INODE_TYPES[reader.u8()];
  if (type === undefined) throw new Malformed('type', 'is no type of inode');
  return type;
}

function writeTime(writer: Writer, time: FileTime): void {
  writer.varint(time.seconds - SECONDS_MIN);
  writer.u32(time.nanos);
}

function readTime(reader: Reader): FileTime {
  return { seconds: reader.varint() + SECONDS_MIN, nanos: reader.u32() };
}
