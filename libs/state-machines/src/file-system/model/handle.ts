import { bool, integer, struct, text, type ShapeOf } from '@lockstep/vr-core';
import { LABEL_MAX } from './limits';

/** An open file. (POSIX: an open file description, without a position: who reads says from where) */
export const handleShape = struct({
  volume: text(LABEL_MAX, 1),
  ino: integer(1),
  /** For what it was opened. */
  read: bool,
  write: bool,
  /** Everything that is written goes to the end. */
  append: bool,
});
export type Handle = ShapeOf<typeof handleShape>;
