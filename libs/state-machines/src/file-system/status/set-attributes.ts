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
import { ownershipAfter, refuseBits } from './freebsd';
import { refuseStatusChange, refuseTouching } from './flags';

/**
 * POSIX `chmod`: for the owner. Who is not in the group cannot set the bit that runs as the group, which FreeBSD tells
 * him. Permissions of a symbolic link are never asked for, and Linux does not keep any.
 */
export function chmod(tree: FileTree, call: Call, target: Target, mode: number): Inode | Refusal {
  const { inode } = target;
  const refusal = refuseStatusChange(tree, inode);
  if (refusal !== undefined) return refusal;
  const isFreeBsd = tree.volume.flavour === 'freebsd';
  if (inode.isSymlink && !isFreeBsd) return new Refusal('EOPNOTSUPP');
  if (!actsAsOwner(call.caller, inode)) return new Refusal('EPERM', undefined, 'not-owner');
  if (isFreeBsd)
    return refuseBits(call.caller, inode, mode) ?? changed(tree, call, target, { mode });
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
): Inode | Refusal | undefined {
  const { inode } = target;
  const { caller } = call;
  if (tree.volume.flavour === 'freebsd') return chownAsFreeBsd(tree, call, target, { uid, gid });
  const mode = inode.isDirectory ? inode.mode : withoutSetId(call, inode);
  const leaves = uid === undefined && gid === undefined && mode === inode.mode;
  const refusal = leaves ? refuseTouching(tree, inode) : refuseStatusChange(tree, inode);
  if (refusal !== undefined) return refusal;
  const owner = owns(caller, inode);
  if (uid !== undefined && !isRoot(caller) && !(owner && uid === inode.uid))
    return new Refusal('EPERM', undefined, 'not-root');
  if (gid !== undefined && !isRoot(caller)) {
    if (!owner) return new Refusal('EPERM', undefined, 'not-owner');
    if (gid !== inode.gid && !isMember(caller, gid))
      return new Refusal('EPERM', undefined, 'not-member');
  }
  if (mode !== inode.mode && !actsAsOwner(caller, inode))
    return new Refusal('EPERM', undefined, 'not-owner');
  return changed(tree, call, target, {
    mode,
    uid: uid ?? inode.uid,
    gid: gid ?? inode.gid,
  });
}

/** There, leaving both changes nothing. */
function chownAsFreeBsd(
  tree: FileTree,
  call: Call,
  target: Target,
  { uid, gid }: Ownership,
): Inode | Refusal | undefined {
  const { inode } = target;
  const refusal = refuseStatusChange(tree, inode);
  if (refusal !== undefined || (uid === undefined && gid === undefined)) return refusal;
  const after = ownershipAfter(call.caller, inode, uid ?? inode.uid, gid ?? inode.gid);
  return after instanceof Refusal ? after : changed(tree, call, target, after);
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
  const isTouch = atime.kind === 'now' && mtime.kind === 'now';
  const mayTouch = isTouch && tree.volume.flavour === 'linux';
  const forbidden = mayTouch ? refuseTouching(tree, inode) : refuseStatusChange(tree, inode);
  if (forbidden !== undefined) return forbidden;
  if (!actsAsOwner(call.caller, inode)) {
    if (!isTouch) return new Refusal('EPERM', undefined, 'not-owner');
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

/** Changes what is of an inode, its content or not, and tells who watches. */
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
