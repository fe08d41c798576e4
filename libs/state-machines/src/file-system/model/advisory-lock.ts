import { bool, integer, struct, type ShapeOf } from '@lockstep/vr-core';
import { FILE_SIZE_MAX } from './limits';

/** What a key does not say of an advisory lock. */
export const lockRowShape = struct({
  exclusive: bool,
  /** The last byte of the range: `FILE_SIZE_MAX` when it goes to the end, and of a lock on the whole file. */
  last: integer(0, FILE_SIZE_MAX),
});
export type LockRow = ShapeOf<typeof lockRowShape>;
