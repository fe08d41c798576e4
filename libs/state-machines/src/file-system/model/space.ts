import type { Records } from '@lockstep/vr-core';
import { getU64, putU64 } from './fixed-width';
import { UNTOUCHED_ROOT } from './inode';

/** What a volume holds, whether a name leads to it or not: also what is only open, in the trash, or not purged yet. */
export interface Space {
  readonly inodes: number;
  /** Sizes of regular files, each once. */
  readonly bytes: number;
}

/** The record of a volume, by its id: 8 bytes of inodes, 8 of bytes. */
export const SPACE_BYTES = 16;
const INODES = 0;
const BYTES = 8;

export function spaceOf(space: Records, volume: number): Space {
  // The first root is there before anything is written, and not counted.
  const untouched = volume === UNTOUCHED_ROOT.volume ? 1 : 0;
  const record = space.get(volume);
  if (record === undefined) return { inodes: untouched, bytes: 0 };
  return { inodes: getU64(record, INODES) + untouched, bytes: getU64(record, BYTES) };
}

export function addSpace(space: Records, volume: number, { inodes, bytes }: Space): void {
  const record = space.edit(volume);
  putU64(record, INODES, getU64(record, INODES) + inodes);
  putU64(record, BYTES, getU64(record, BYTES) + bytes);
  // Only a volume that is gone has no inode left, not even its root.
  if (getU64(record, INODES) === 0) space.free(volume);
}
