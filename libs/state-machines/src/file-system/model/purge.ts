import { integer, struct, type ShapeOf } from '@lockstep/vr-core';

/** A tree that was taken away and of which something is left. It is in no directory, and nobody finds it. */
export const purgeShape = struct({
  /** The op that took it away. */
  op: integer(),
  root: integer(1),
  /** Where the purge goes on: the root, or a directory below it of which everything before has gone. */
  at: integer(1),
  /** Names that are left, with that which the root had. */
  names: integer(),
});
export type Purge = ShapeOf<typeof purgeShape>;
