/** Bytes in one component of a path. (POSIX `limits.h`) */
export const NAME_MAX = 255;

/** Bytes in a path together with the zero byte that ends it in C: a path itself has one less. */
export const PATH_MAX = 4096;

/** Symbolic links followed for one path, at most. (MAXSYMLINKS of both) */
export const SYMLINKS_MAX = { linux: 40, freebsd: 32 } as const;

/** Names of one inode, and `..` in one directory, at most, as in XFS. */
export const LINK_MAX = 2 ** 31 - 1;

/** Bytes in the largest file: sizes are exact integers everywhere. */
export const FILE_SIZE_MAX = Number.MAX_SAFE_INTEGER;

/** Entries in one page of a listing. */
export const LISTING_MAX = 10_000;

/** Operations in one batch, and in each part of a transaction. */
export const BATCH_MAX = 1_000;

/** Conditions of one request. */
export const GUARDS_MAX = 100;

/** Groups of one caller, the effective one included. */
export const GROUPS_MAX = 1_024;

/** Bytes of content that a file may keep here; more is for a store of data, which the chunk map points to. */
export const CONTENT_MAX = 64 * 1024;

/** Bytes of one chunk: opaque to us, of meaning to the store of the data. */
export const CHUNK_BYTES_MAX = 1024;

/** Chunks put, removed or listed at once. */
export const CHUNKS_MAX = 1_000;

/** Bytes in the value of one extended attribute, as in Linux. (`XATTR_SIZE_MAX`, limits.h) */
export const XATTR_VALUE_MAX = 64 * 1024;

/** Bytes that all extended attributes of one inode may take, 16 of each beside its name and value counted. */
export const XATTRS_BYTES_MAX = 256 * 1024;

/** Entries of one access list. */
export const ACL_MAX = 128;

/** Bytes in the name of an owner of advisory locks. */
export const OWNER_BYTES_MAX = 128;

/** Cluster time a file may live: about 35 years. */
export const TTL_MS_MAX = 2 ** 40;

/** Bytes in the name of a volume or a snapshot. */
export const LABEL_MAX = 64;

/** Snapshots of one volume, as in HDFS of one directory. */
export const SNAPSHOTS_MAX = 65_536;

/** Sources of one concat. */
export const SOURCES_MAX = 1_000;
