import {
  bool,
  byteString,
  decode,
  encode,
  i64,
  integer,
  list,
  Malformed,
  optional,
  struct,
  text,
  union,
  word,
  type ByteString,
  type Shape,
  type ShapeOf,
} from '@lockstep/vr-core';
import { PERMISSION_BITS } from './inode-type';
import { BATCH_MAX, GROUPS_MAX, LISTING_MAX } from './limits';

/** Version of the encodings of operations, queries and outcomes, and of the tables. */
export const FORMAT_VERSION = 1;

/** 2^32 - 1 is "leave it" in POSIX, and no id. */
const ID_MAX = 2 ** 32 - 2;

/** Longer than a path may be, so that one that is too long is told so by its errno. */
const PATH_BYTES_MAX = 16_384;

const id = integer(0, ID_MAX);
const ino = integer(1);
const mode = integer(0, PERMISSION_BITS);
const path = withoutNul(byteString(PATH_BYTES_MAX));

/** A name that a listing goes on from. */
const name = withoutNul(byteString(255));

/**
 * What an operation is about: the inode a path leads to, a link at its end followed or not, or an inode by its number,
 * which, like a descriptor that is open, asks nothing of the directories above it.
 */
const object = union({ path: struct({ path, follow: bool }), ino: struct({ ino }) });

const device = integer(0, 2 ** 32 - 1);
const time = union({
  now: struct({}),
  omit: struct({}),
  set: struct({ seconds: i64, nanos: integer(0, 999_999_999) }),
});

/** Every operation and query, by its name in POSIX. Append to the list, never reorder it. */
const operation = union({
  stat: struct({ object }),
  readlink: struct({ object }),
  readdir: struct({ object, after: optional(name), limit: integer(1, LISTING_MAX), plus: bool }),
  create: struct({ path, mode, exclusive: bool }),
  mkdir: struct({ path, mode }),
  mknod: struct({
    path,
    type: word('file', 'fifo', 'socket', 'char', 'block'),
    mode,
    rdev: struct({ major: device, minor: device }),
  }),
  symlink: struct({ path, target: path }),
  link: struct({ from: path, to: path, follow: bool }),
  unlink: struct({ path }),
  rmdir: struct({ path }),
  rename: struct({ from: path, to: path, noreplace: bool, exchange: bool }),
  chmod: struct({ object, mode }),
  chown: struct({ object, uid: optional(id), gid: optional(id) }),
  utimens: struct({ object, atime: time, mtime: time }),
  truncate: struct({ object, size: i64 }),
});

/** One operation. Ids that are undefined are left; sizes and seconds may be negative, as a caller may ask. */
export type FileOperation = ShapeOf<typeof operation>;

/** An inode by path or by number. */
export type FileObject = ShapeOf<typeof object>;

/** A time to set: now, none, or one given. */
export type TimeArgument = ShapeOf<typeof time>;

export type QueryKind = 'stat' | 'readlink' | 'readdir';
export type FileQuery = Extract<FileOperation, { kind: QueryKind }>;

const caller = struct({
  uid: id,
  gids: list(id, GROUPS_MAX),
  umask: integer(0, PERMISSION_BITS),
  cwd: ino,
});

const envelope = { volume: text(64, 1), caller };

const request = union({
  one: struct({ ...envelope, op: operation }),
  batch: struct({ ...envelope, ops: list(operation, BATCH_MAX), atomic: bool }),
});

/**
 * What the log carries: one operation, or a batch of them, which ends at the first that is refused. An atomic batch
 * that is refused leaves nothing behind; without `atomic`, what came before stands.
 */
export type FileRequest = ShapeOf<typeof request>;

const versionedRequest: Shape<FileRequest> = {
  write(writer, value) {
    writer.u8(FORMAT_VERSION);
    request.write(writer, value);
  },
  read(reader) {
    const version = reader.u8();
    if (version !== FORMAT_VERSION) throw new Malformed('', `format ${version} is unknown`);
    return request.read(reader);
  },
};

/** The bytes of an operation or a query; throws `Malformed` with the field that is not what it should be. */
export function encodeFileRequest(value: FileRequest): Uint8Array {
  checkRequest(value);
  return encode(versionedRequest, value);
}

export function decodeFileRequest(bytes: Uint8Array): FileRequest {
  const value = decode(versionedRequest, bytes);
  checkRequest(value);
  return value;
}

/** A query is one operation that changes nothing. */
export function decodeFileQuery(
  bytes: Uint8Array,
): Pick<FileRequest, 'volume' | 'caller'> & { readonly op: FileQuery } {
  const value = decodeFileRequest(bytes);
  if (value.kind !== 'one') throw new Malformed('kind', 'a query is one operation');
  const { volume, caller, op } = value;
  if (!isQuery(op)) throw new Malformed('op.kind', `${op.kind} is no query`);
  return { volume, caller, op };
}

export function isQuery(op: FileOperation): op is FileQuery {
  return op.kind === 'stat' || op.kind === 'readlink' || op.kind === 'readdir';
}

function checkRequest(value: FileRequest): void {
  if (value.caller.gids.length === 0) throw new Malformed('caller.gids', 'must not be empty');
  // Answers from the log are kept for retries: a thousand listings are too much to keep.
  if (value.kind === 'batch' && value.ops.some((op) => op.kind === 'readdir'))
    throw new Malformed('ops', 'readdir is not for a batch');
}

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
