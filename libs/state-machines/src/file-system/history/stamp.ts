import { getU64, putU64 } from '../model/fixed-width';
import type { Ino } from '../model/inode-type';

export const STAMP_BYTES = 16;

/** What every row of one op has in the window. */
export function makeStamp(births: Ino, clusterMs: number): Uint8Array {
  const stamp = new Uint8Array(STAMP_BYTES);
  putU64(stamp, 0, births);
  putU64(stamp, 8, clusterMs);
  return stamp;
}

/** Inodes from this number on were made by that op or later. */
export const birthsOf = (stamp: Uint8Array): Ino => getU64(stamp, 0);

/** Cluster time of the op. */
export const msOf = (stamp: Uint8Array): number => getU64(stamp, 8);
