import { byteString, integer, struct, type ShapeOf } from '@lockstep/vr-core';
import { fullPathShape } from '../watch/change';
import { labelShape } from '../wire/arguments';
import { NAME_MAX } from './limits';

/** Where something in the trash comes from, and how long it is kept. Its key says whose it is. */
export const trashRowShape = struct({
  volume: labelShape,
  /** The path it had, to be shown; it goes back to the directory, wherever that is by then. */
  path: fullPathShape,
  parent: integer(1),
  name: byteString(NAME_MAX),
  /** Cluster time. */
  atMs: integer(),
  /** Cluster time; 0: until it is discarded. */
  untilMs: integer(),
});
export type TrashRow = ShapeOf<typeof trashRowShape>;
