import type { Call, FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import { Refusal } from '../model/refusal';
import { isLater } from '../model/time';
import { READ, owns, refuseAccess } from '../resolve/permission';
import { findTarget } from '../resolve/target';
import type { FileObject } from '../wire/arguments';
import { refuseReadOnly } from './flags';

/**
 * Says of many files at once that they were read: what may be read, or is one's own. The rule is that of `relatime`
 * without its day: a time of access moves only when it is no later than the last change, so that it tells whether
 * something was read since. Only stored times are compared, never the present one. (files.md; decision 4) It changes
 * nothing else, so no ETag either, and nobody is told. All or none.
 */
export function touch(
  tree: FileTree,
  call: Call,
  objects: readonly FileObject[],
): Refusal | undefined {
  for (const object of objects) {
    const target = findTarget(tree, call, object);
    if (target instanceof Refusal) return target;
    const { inode } = target;
    const refusal = refuseReadOnly(tree) ?? refuseReader(tree, call, inode);
    if (refusal !== undefined) return refusal;
    if (isUnread(inode)) tree.inodes.change(inode, { atime: call.now, changedOp: call.opNumber });
  }
  return undefined;
}

function refuseReader(tree: FileTree, { caller }: Call, inode: Inode): Refusal | undefined {
  return owns(caller, inode) ? undefined : refuseAccess(tree, caller, inode, READ);
}

const isUnread = ({ atime, mtime, ctime }: Inode): boolean =>
  !(isLater(atime, mtime) && isLater(atime, ctime));
