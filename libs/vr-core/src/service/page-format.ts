/**
 * The first byte of everything that is hashed into the root of a state: what it is, and in which version. A number is
 * never used again for another format, so that no block can be taken for one of another kind or level.
 */
export const RECORD_PAGE_FORMAT = 1;
export const LEAF_PAGE_FORMAT = 2;
export const BRANCH_PAGE_FORMAT = 3;
export const INNER_BLOCK_FORMAT = 4;
export const DIRECTORY_FORMAT = 5;

/** A table has pages 0 to this, not included: 64 GiB of 4 KiB. */
export const PAGES_MAX = 1 << 24;
