import {
  byteString,
  i64,
  integer,
  Malformed,
  struct,
  text,
  union,
  bool,
  type ByteString,
  type Shape,
  type ShapeOf,
} from '@lockstep/vr-core';
import { INODE_TYPES, PERMISSION_BITS } from '../model/inode-type';
import { LABEL_MAX, NAME_MAX, OWNER_BYTES_MAX } from '../model/limits';

/** 2^32 - 1 is "leave it" in POSIX, and no id. */
const ID_MAX = 2 ** 32 - 2;

/** Longer than a path may be, so that one that is too long is told so by its errno. */
const PATH_BYTES_MAX = 16_384;

export const idShape = integer(0, ID_MAX);
export const inoShape = integer(1);
export const modeShape = integer(0, PERMISSION_BITS);
export const pathShape = withoutNul(byteString(PATH_BYTES_MAX));
/** A name in a directory, or of an extended attribute; longer ones are told so by their errno. */
export const attributeNameShape = withoutNul(byteString(2 * NAME_MAX));
/** A name that a listing goes on from. */
export const nameShape = withoutNul(byteString(NAME_MAX));
/** The name of a volume or a snapshot. */
export const labelShape = text(LABEL_MAX, 1);
/** One of the owners of advisory locks within a session, as the lock manager tells its owners apart. */
export const ownerShape = text(OWNER_BYTES_MAX);

const device = integer(0, 2 ** 32 - 1);
export const deviceShape = struct({ major: device, minor: device });

export const timeShape = union({
  now: struct({}),
  omit: struct({}),
  set: struct({ seconds: i64, nanos: integer(0, 999_999_999) }),
});
/** A time to set: now, none, or one given. */
export type TimeArgument = ShapeOf<typeof timeShape>;

/**
 * What an operation is about: the inode a path leads to, a link at its end followed or not; an inode by its number,
 * which, like a descriptor that is open, asks nothing of the directories above it; what a handle has open; or what the
 * operation at that place of the same request has opened.
 */
export const objectShape = union({
  path: struct({ path: pathShape, follow: bool }),
  ino: struct({ ino: inoShape }),
  handle: struct({ handle: inoShape }),
  opened: struct({ at: integer(0) }),
});
export type FileObject = ShapeOf<typeof objectShape>;

/** A state of the volume: as it is now, as an op left it, or as a snapshot keeps it. */
export const momentShape = union({
  now: struct({}),
  op: struct({ op: integer(0) }),
  snapshot: struct({ name: labelShape }),
});
export type FileMoment = ShapeOf<typeof momentShape>;

export const TYPES_OF_MKNOD = INODE_TYPES.filter(
  (type): type is Exclude<(typeof INODE_TYPES)[number], 'dir' | 'symlink'> =>
    type !== 'dir' && type !== 'symlink',
);

/** A path of POSIX is a string of C. */
function withoutNul(shape: Shape<ByteString>): Shape<ByteString> {
  const check = (value: ByteString): ByteString => {
    if (value.indexOf('\0') >= 0) throw new Malformed('', 'must not contain a zero byte');
    return value;
  };
  return {
    write(writer, value) {
      shape.write(writer, value);
      check(value);
    },
    read: (reader) => check(shape.read(reader)),
  };
}
