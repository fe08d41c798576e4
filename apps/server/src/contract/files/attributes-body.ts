import type { Attributes } from '@lockstep/state-machines';
import type { JsonObject } from '../json';

/** Attributes of an inode, with what passes 2^53 as decimal strings. */
export function attributesBody(attributes: Attributes): JsonObject {
  const { ino, type, mode, nlink, uid, gid, size, blocks, rdev, flags } = attributes;
  return {
    ino: `${ino}`,
    type,
    mode,
    nlink,
    uid,
    gid,
    size,
    blocks,
    atimeNs: nanoseconds(attributes.atime),
    mtimeNs: nanoseconds(attributes.mtime),
    ctimeNs: nanoseconds(attributes.ctime),
    btimeNs: nanoseconds(attributes.btime),
    rdev: { major: rdev.major, minor: rdev.minor },
    flags,
    generation: `${attributes.contentGen}.${attributes.metaGen}`,
    changedOp: `${attributes.changedOp}`,
  };
}

/** Exact in decimal where a number of nanoseconds would not be. */
function nanoseconds({ seconds, nanos }: Attributes['atime']): string {
  if (seconds < 0) return `${BigInt(seconds) * 1_000_000_000n + BigInt(nanos)}`;
  if (seconds === 0) return `${nanos}`;
  return `${seconds}${`${nanos}`.padStart(9, '0')}`;
}
