import { integer, struct, text, type ShapeOf } from '@lockstep/vr-core';
import { LABEL_MAX } from '../model/limits';

const count = integer();

/** A state of a volume that has a name and is kept until the snapshot is removed: as `op`, all of it, left it. */
export const snapshotShape = struct({
  name: text(LABEL_MAX, 1),
  op: count,
  /** Cluster time. */
  atMs: count,
  /** What was below the root. */
  usage: struct({ files: count, directories: count, bytes: count }),
  /** Inodes from this number on were made later. */
  births: count,
});
export type Snapshot = ShapeOf<typeof snapshotShape>;
