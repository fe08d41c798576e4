import { decode, encode, integer, struct, type ShapeOf } from '@lockstep/vr-core';
import { KIND } from '../model/extra-table';
import type { Call, FileTree } from '../model/file-tree';
import { MARK, type Inode } from '../model/inode';
import type { Target } from '../model/place';
import { Refusal } from '../model/refusal';
import { isRoot } from '../resolve/permission';
import { refuseReadOnly } from '../status/flags';
import { publish } from '../watch/publish';
import type { FileResult } from '../wire/outcomes';

/** What may be below a directory: names of anything, and bytes of files, by names. 0: no limit. */
export const quotaShape = struct({ inodes: integer(), bytes: integer() });
export type Quota = ShapeOf<typeof quotaShape>;

const NO_QUOTA: Quota = { inodes: 0, bytes: 0 };

/**
 * Sets the limits of what may be below a directory, itself not counted, at once and whatever is there already: usage is
 * always known, and a limit that is exceeded when it is set refuses only what grows. Both 0 takes the quota away.
 * For root.
 */
export function setQuota(
  tree: FileTree,
  call: Call,
  { inode, place }: Target,
  { inodes, bytes }: Quota,
): Inode | Refusal {
  if (!isRoot(call.caller)) return new Refusal('EPERM', undefined, 'not-root');
  const refusal = refuseReadOnly(tree);
  if (refusal !== undefined) return refusal;
  if (!inode.isDirectory) return new Refusal('ENOTDIR');
  const isLimited = inodes !== 0 || bytes !== 0;
  if (isLimited) tree.extra.put(inode.ino, KIND.quota, encode(quotaShape, { inodes, bytes }));
  else tree.extra.delete(inode.ino, KIND.quota);
  const after = tree.inodes.change(inode, {
    marks: isLimited ? inode.marksWith(MARK.quota) : inode.marksWith(0, MARK.quota),
    ctime: call.now,
    metaGen: inode.metaGen + 1,
    changedOp: call.opNumber,
  });
  publish(tree, call, { change: 'quota', inode: after, place });
  return after;
}

/** The limits of one directory alone; of those above it nothing. */
export function getQuota(tree: FileTree, inode: Inode): FileResult | Refusal {
  if (!inode.isDirectory) return new Refusal('ENOTDIR');
  const { inodes, bytes } = quotaOf(tree, inode);
  return { kind: 'quota', inodesMax: inodes, bytesMax: bytes, usage: inode.usage };
}

export function quotaOf(tree: FileTree, directory: Inode): Quota {
  const row = directory.has('quota') ? tree.extra.get(directory.ino, KIND.quota) : undefined;
  return row === undefined ? NO_QUOTA : decode(quotaShape, row);
}
