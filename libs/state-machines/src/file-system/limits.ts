/** Bytes in one component of a path. (POSIX `limits.h`) */
export const NAME_MAX = 255;

/** Bytes in a path together with the zero byte that ends it in C: a path itself has one less. */
export const PATH_MAX = 4096;

/** Symbolic links followed for one path, at most, as in Linux. */
export const SYMLINKS_MAX = 40;

/** Names of one inode, and `..` in one directory, at most, as in XFS. */
export const LINK_MAX = 2 ** 31 - 1;

/** Bytes in the largest file: sizes are exact integers everywhere. */
export const FILE_SIZE_MAX = Number.MAX_SAFE_INTEGER;

/** Entries in one page of a listing. */
export const LISTING_MAX = 10_000;

/** Operations in one batch. */
export const BATCH_MAX = 1_000;

/** Groups of one caller, the effective one included. */
export const GROUPS_MAX = 1_024;
