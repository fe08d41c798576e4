import {
  bool,
  bytes,
  i64,
  integer,
  list,
  optional,
  struct,
  text,
  union,
  word,
  type ShapeOf,
} from '@lockstep/vr-core';
import {
  ACL_MAX,
  BATCH_MAX,
  CHUNKS_MAX,
  CHUNK_BYTES_MAX,
  CONTENT_MAX,
  FILE_SIZE_MAX,
  LISTING_MAX,
  NAME_MAX,
  SOURCES_MAX,
  TTL_MS_MAX,
  XATTR_VALUE_MAX,
} from '../model/limits';
import {
  attributeNameShape,
  deviceShape,
  idShape,
  labelShape,
  modeShape,
  momentShape,
  nameShape,
  objectShape,
  ownerShape,
  pathShape,
  timeShape,
  TYPES_OF_MKNOD,
} from './arguments';

/** How a file is opened, by the names of POSIX without their `O_`. */
export const OPEN_FLAGS = [
  'RDONLY',
  'WRONLY',
  'RDWR',
  'CREAT',
  'EXCL',
  'TRUNC',
  'APPEND',
  'NOFOLLOW',
  'DIRECTORY',
  'NONBLOCK',
] as const;
export type OpenFlag = (typeof OPEN_FLAGS)[number];

/**
 * How long a new name lives by itself: for ever; as long as the session that makes it; until nothing has changed it for
 * a time; or, a directory, until its last entry goes. (files.md A4)
 */
const life = union({
  permanent: struct({}),
  ephemeral: struct({}),
  ttl: struct({ ttlMs: integer(1, TTL_MS_MAX) }),
  container: struct({}),
});
export type Life = ShapeOf<typeof life>;

/** One entry of an access list. `id` is of a user or a group that is named, and 0 in the others. (POSIX.1e draft 17) */
export const aclEntryShape = struct({
  tag: word('user-obj', 'user', 'group-obj', 'group', 'mask', 'other'),
  id: idShape,
  perm: integer(0, 7),
});
export type AclEntry = ShapeOf<typeof aclEntryShape>;
export const aclShape = list(aclEntryShape, ACL_MAX);
export type Acl = ShapeOf<typeof aclShape>;

/** One piece of a chunk map: what it means is known to the store of the data. */
export const chunkShape = struct({ index: integer(), data: bytes(CHUNK_BYTES_MAX) });
export type Chunk = ShapeOf<typeof chunkShape>;

/** Bytes of a file, for advisory locks: `length` 0 is to the end, wherever it will be. (fcntl, POSIX) */
const range = {
  start: integer(0, FILE_SIZE_MAX),
  length: integer(0, FILE_SIZE_MAX),
};

const count = integer(0);
/** Added to the time of the group, it is still a time. */
const spanMs = integer(0, TTL_MS_MAX);

/** What a volume may hold and by which rules; what is undefined stays as it is. */
const settings = struct({
  flavour: optional(word('linux', 'freebsd')),
  readOnly: optional(bool),
  /** 0: as many as there is memory for. */
  inodesMax: optional(count),
  bytesMax: optional(count),
  nameMax: optional(integer(1, NAME_MAX)),
  historyOps: optional(count),
  historyBytes: optional(count),
  historyMs: optional(spanMs),
  trashMs: optional(spanMs),
});
export type VolumeSettings = ShapeOf<typeof settings>;

const path = pathShape;
const object = objectShape;

/** Every operation and query. Append to the list, never reorder it. */
export const operationShape = union({
  // Of one inode or name, by the names of POSIX.
  create: struct({ path, mode: modeShape, exclusive: bool, sequential: bool, life }),
  mkdir: struct({ path, mode: modeShape, parents: bool, sequential: bool, life }),
  mknod: struct({ path, type: word(...TYPES_OF_MKNOD), mode: modeShape, rdev: deviceShape }),
  symlink: struct({ path, target: path }),
  link: struct({ from: path, to: path, follow: bool }),
  unlink: struct({ path }),
  rmdir: struct({ path }),
  rename: struct({ from: path, to: path, noreplace: bool, exchange: bool, whiteout: bool }),
  chmod: struct({ object, mode: modeShape }),
  chown: struct({ object, uid: optional(idShape), gid: optional(idShape) }),
  utimens: struct({ object, atime: timeShape, mtime: timeShape }),
  truncate: struct({ object, size: i64 }),
  setflags: struct({ object, flags: integer(0, 2 ** 32 - 1) }),
  /** Access times, many at once, by the rule of `relatime`: reads leave none, as they are in no log. */
  touch: struct({ objects: list(object, BATCH_MAX) }),

  // Of subtrees.
  /** Takes away a name and, when `recursive`, all that is below: at once for who looks. `trash` keeps it for a while. */
  remove: struct({ path, recursive: bool, trash: bool }),
  clone: struct({ from: path, to: path, recursive: bool }),
  /** Appends the chunks of the sources, which go, to a file. */
  concat: struct({ to: path, from: list(path, SOURCES_MAX) }),

  // Of open files and their content.
  open: struct({ path, flags: list(word(...OPEN_FLAGS), OPEN_FLAGS.length), mode: modeShape }),
  close: struct({ object }),
  /** `offset` undefined: at the end. */
  write: struct({ object, offset: optional(integer(0, FILE_SIZE_MAX)), data: bytes(CONTENT_MAX) }),
  /** Puts and removes pieces of the chunk map, and says how long the file is now. */
  setchunks: struct({
    object,
    put: list(chunkShape, CHUNKS_MAX),
    remove: list(integer(), CHUNKS_MAX),
    size: optional(integer(0, FILE_SIZE_MAX)),
  }),
  flock: struct({ object, owner: ownerShape, mode: word('shared', 'exclusive', 'unlock') }),
  plock: struct({ object, owner: ownerShape, mode: word('read', 'write', 'unlock'), ...range }),

  // Of what an inode may have more of.
  setxattr: struct({
    object,
    name: attributeNameShape,
    value: bytes(2 * XATTR_VALUE_MAX),
    how: word('any', 'create', 'replace'),
  }),
  removexattr: struct({ object, name: attributeNameShape }),
  /** A list that is undefined is left, an empty one is taken away. */
  setacl: struct({ object, access: optional(aclShape), default: optional(aclShape) }),
  /** 0: no limit. Both 0: no quota. */
  setquota: struct({ object, inodes: count, bytes: count }),

  // Of the volume.
  restore: struct({ id: text(64, 1), to: optional(path) }),
  /** Without an id everything that is in the trash. */
  discard: struct({ id: optional(text(64, 1)) }),
  snapshot: struct({ name: labelShape }),
  removesnapshot: struct({ name: labelShape }),
  renamesnapshot: struct({ from: labelShape, to: labelShape }),
  definevolume: struct({ settings }),
  dropvolume: struct({}),

  // Queries.
  stat: struct({ object }),
  readlink: struct({ object }),
  readdir: struct({
    object,
    after: optional(nameShape),
    limit: integer(1, LISTING_MAX),
    plus: bool,
  }),
  /** POSIX `access` for the caller: bits of read 4, write 2, search 1; 0 asks whether it is there. */
  access: struct({ object, mode: integer(0, 7) }),
  /** The paths that lead to an inode from the root of the volume. */
  locate: struct({ object }),
  read: struct({ object, offset: integer(0, FILE_SIZE_MAX), length: integer(0, CONTENT_MAX) }),
  getchunks: struct({ object, from: integer(), limit: integer(1, CHUNKS_MAX) }),
  /** Who holds advisory locks on it; with `plock`, the first that would forbid it, as F_GETLK asks. */
  getlocks: struct({
    object,
    plock: optional(struct({ owner: ownerShape, mode: word('read', 'write'), ...range })),
  }),
  getxattr: struct({ object, name: attributeNameShape }),
  listxattr: struct({ object }),
  getacl: struct({ object }),
  getquota: struct({ object }),
  summary: struct({ object }),
  listtrash: struct({ after: optional(text(64, 1)), limit: integer(1, LISTING_MAX) }),
  listsnapshots: struct({ after: optional(labelShape), limit: integer(1, LISTING_MAX) }),
  /** What differs between two states, in order of inode numbers. */
  diff: struct({
    from: momentShape,
    to: momentShape,
    after: optional(integer()),
    limit: integer(1, LISTING_MAX),
  }),
  statfs: struct({}),
  listvolumes: struct({ after: optional(labelShape), limit: integer(1, LISTING_MAX) }),
});

/** One operation. Ids that are undefined are left; sizes and seconds may be negative, as a caller may ask. */
export type FileOperation = ShapeOf<typeof operationShape>;

export type FileOperationOf<K extends FileOperation['kind']> = Extract<FileOperation, { kind: K }>;

export const QUERY_KINDS = [
  'stat',
  'readlink',
  'readdir',
  'access',
  'locate',
  'read',
  'getchunks',
  'getlocks',
  'getxattr',
  'listxattr',
  'getacl',
  'getquota',
  'summary',
  'listtrash',
  'listsnapshots',
  'diff',
  'statfs',
  'listvolumes',
] as const satisfies readonly FileOperation['kind'][];

export type QueryKind = (typeof QUERY_KINDS)[number];
export type FileQuery = FileOperationOf<QueryKind>;
export type FileChange = Exclude<FileOperation, FileQuery>;

const KINDS_OF_QUERIES: ReadonlySet<string> = new Set(QUERY_KINDS);

export function isQuery(op: FileOperation): op is FileQuery {
  return KINDS_OF_QUERIES.has(op.kind);
}
