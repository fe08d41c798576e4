import type { Call, FileTree } from '../model/file-tree';
import type { Inode, InodeChanges } from '../model/inode';
import { GROUP_EXECUTE, PERMISSION_BITS, SETGID, SETUID } from '../model/inode-type';
import {
  actsAsOwner,
  actsInGroup,
  isMember,
  isRoot,
  owns,
  refuseAccess,
  WRITE,
} from '../resolve/permission';
import { Refusal } from '../model/refusal';
import type { FileTime } from '../model/time';
import type { Target } from '../model/place';
import { publish } from '../watch/publish';

/** POSIX `chmod`: for the owner. Who is not in the group cannot set the bit that runs as the group. */
export function chmod(tree: FileTree, call: Call, target: Target, mode: number): Inode | Refusal {
  const { inode } = target;
  // Permissions of a symbolic link are never asked for, and Linux does not keep any.
  if (inode.isSymlink) return new Refusal('EOPNOTSUPP');
  if (!actsAsOwner(call.caller, inode)) return new Refusal('EPERM', undefined, 'not-owner');
  const kept = actsInGroup(call.caller, inode.gid) ? PERMISSION_BITS : PERMISSION_BITS & ~SETGID;
  return changed(tree, call, target, { mode: mode & kept });
}

export interface Ownership {
  /** Undefined leaves it. */
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/**
 * POSIX `chown`: a new owner only by root, a new group also by the owner, to a group of his. What could run with the
 * rights of the old owner no longer may, whoever asks. As in Linux, leaving both is still a change of status, for
 * anyone who reaches the file.
 */
export function chown(
  tree: FileTree,
  call: Call,
  target: Target,
  { uid, gid }: Ownership,
): Inode | Refusal {
  const { inode } = target;
  const { caller } = call;
  const owner = owns(caller, inode);
  if (uid !== undefined && !isRoot(caller) && !(owner && uid === inode.uid))
    return new Refusal('EPERM', undefined, 'not-root');
  if (gid !== undefined && !isRoot(caller)) {
    if (!owner) return new Refusal('EPERM', undefined, 'not-owner');
    if (gid !== inode.gid && !isMember(caller, gid))
      return new Refusal('EPERM', undefined, 'not-member');
  }
  const mode = inode.isDirectory ? inode.mode : withoutSetId(call, inode);
  if (mode !== inode.mode && !actsAsOwner(caller, inode))
    return new Refusal('EPERM', undefined, 'not-owner');
  return changed(tree, call, target, {
    mode,
    uid: uid ?? inode.uid,
    gid: gid ?? inode.gid,
  });
}

export type TimeChange =
  | { readonly kind: 'now' }
  | { readonly kind: 'omit' }
  | { readonly kind: 'set'; readonly time: FileTime };

export interface TimeChanges {
  readonly atime: TimeChange;
  readonly mtime: TimeChange;
}

/**
 * POSIX `utimensat`: whoever may write may set both times to now; any other time, and one time alone, is for the
 * owner. Leaving both is the caller's to find out before anything is looked up.
 */
export function utimens(
  tree: FileTree,
  call: Call,
  target: Target,
  { atime, mtime }: TimeChanges,
): Inode | Refusal {
  const { inode } = target;
  if (!actsAsOwner(call.caller, inode)) {
    if (atime.kind !== 'now' || mtime.kind !== 'now')
      return new Refusal('EPERM', undefined, 'not-owner');
    const refusal = refuseAccess(tree, call.caller, inode, WRITE);
    if (refusal !== undefined) return refusal;
  }
  return changed(tree, call, target, {
    atime: timeAfter(inode.atime, atime, call.now),
    mtime: timeAfter(inode.mtime, mtime, call.now),
  });
}

/**
 * The mode once the owner or the content changed. Without execution by the group, the set-group-id bit means
 * something else and stays, for members of the group.
 */
export function withoutSetId(call: Call, inode: Inode): number {
  const runsAsGroup = (inode.mode & GROUP_EXECUTE) !== 0;
  const dropGroup = runsAsGroup || !actsInGroup(call.caller, inode.gid);
  return inode.mode & ~SETUID & (dropGroup ? ~SETGID : ~0);
}

function timeAfter(before: FileTime, change: TimeChange, now: FileTime): FileTime {
  switch (change.kind) {
    case 'now':
      return now;
    case 'omit':
      return before;
    case 'set':
      return change.time;
  }
}

export function changed(
  tree: FileTree,
  call: Call,
  { inode, place }: Target,
  changes: InodeChanges,
  what: 'attributes' | 'content' = 'attributes',
): Inode {
  const after = tree.inodes.change(inode, {
    ...changes,
    ctime: call.now,
    metaGen: inode.metaGen + 1,
    changedOp: call.opNumber,
  });
  publish(tree, call, { change: what, inode: after, place });
  return after;
}
