import {
  bool,
  byteString,
  decode,
  encode,
  integer,
  optional,
  struct,
  word,
  type ShapeOf,
} from '@lockstep/vr-core';
import { INODE_TYPES } from '../model/inode-type';
import { labelShape } from '../wire/arguments';

/** What may happen to a name or to an inode. Append to the list, never reorder it. */
export const CHANGES = [
  'created',
  'removed',
  'moved',
  'attributes', // mode, owner, times, flags
  'content', // size, bytes, chunks
  'xattr',
  'acl',
  'quota',
] as const;

/** Bytes in a path that leads from the root to a directory, however deep it has been moved. */
const DEEP_PATH_MAX = 1 << 20;

/** From the root of a volume. */
export const fullPathShape = byteString(DEEP_PATH_MAX);

/**
 * One change, as watchers are told of it. `path` leads from the root of the volume to the name that was changed; after a
 * move it is the new one, and `from` the old. What was changed through its number alone has no name here (`named` is
 * false): `path` is then that of its directory, or empty when it has several names.
 */
export const changeShape = struct({
  volume: labelShape,
  change: word(...CHANGES),
  ino: integer(1),
  type: word(...INODE_TYPES),
  path: fullPathShape,
  named: bool,
  from: optional(fullPathShape),
  contentGen: integer(),
  metaGen: integer(),
});
export type FileChangeEvent = ShapeOf<typeof changeShape>;

export const encodeFileChange = (change: FileChangeEvent): Uint8Array =>
  encode(changeShape, change);
export const decodeFileChange = (bytes: Uint8Array): FileChangeEvent => decode(changeShape, bytes);
