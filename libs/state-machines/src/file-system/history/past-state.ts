import type { Ino } from '../model/inode-type';

/** A state of a volume, as an op has left it. */
export interface PastState {
  /** Id of the volume. */
  readonly volume: number;
  readonly op: number;
  /** Inodes from this number on were made later. */
  readonly births: Ino;
}

export function notOfThePast(): never {
  throw new Error('the past is only read, one inode at a time');
}
