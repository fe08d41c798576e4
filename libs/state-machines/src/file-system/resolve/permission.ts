import type { ByteString } from '@lockstep/vr-core';
import { refuseByAcl } from '../acl/access';
import type { Caller, FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import { STICKY } from '../model/inode-type';
import { Refusal, type Rule } from '../model/refusal';
import { refuseWriting } from '../status/flags';

/** Permission bits of one class: they can be added. */
export const READ = 4;
export const WRITE = 2;
export const SEARCH = 1;

export function isRoot(caller: Caller): boolean {
  return caller.uid === 0;
}

export function owns(caller: Caller, inode: Inode): boolean {
  return caller.uid === inode.uid;
}

/** Acts for the owner: the owner or root. */
export function actsAsOwner(caller: Caller, inode: Inode): boolean {
  return owns(caller, inode) || isRoot(caller);
}

export function isMember(caller: Caller, gid: number): boolean {
  return caller.gids.includes(gid);
}

/** May keep the setgid bit on a file of this group. */
export function actsInGroup(caller: Caller, gid: number): boolean {
  return isMember(caller, gid) || isRoot(caller);
}

/**
 * The first class that fits the caller decides alone: an owner whose bits lack a permission is refused even where
 * others would be let in. Root passes, except where nobody writes; none of our operations executes. (POSIX XBD 4.7 File
 * Access Permissions)
 */
export function refuseAccess(
  tree: FileTree,
  caller: Caller,
  inode: Inode,
  wanted: number,
  component?: ByteString,
): Refusal | undefined {
  if ((wanted & WRITE) !== 0) {
    const refusal = refuseWriting(tree, inode, component);
    if (refusal !== undefined) return refusal;
  }
  if (isRoot(caller)) return undefined;
  if (inode.has('acl')) return refuseByAcl(tree, caller, inode, wanted, component);
  const [shift, rule] = classOf(caller, inode);
  if (((inode.mode >> shift) & wanted) === wanted) return undefined;
  return new Refusal('EACCES', component, rule);
}

/**
 * Whether the entry of a directory, which stands for `victim`, may be taken away, as far as this depends on who asks.
 * (POSIX unlink, rmdir, rename)
 */
export function refuseRemoval(
  tree: FileTree,
  caller: Caller,
  directory: Inode,
  victim: Inode,
  component: ByteString,
): Refusal | undefined {
  const refusal = refuseAccess(tree, caller, directory, WRITE + SEARCH, component);
  if (refusal !== undefined) return refusal;
  if ((directory.mode & STICKY) === 0) return undefined;
  if (owns(caller, victim) || actsAsOwner(caller, directory)) return undefined;
  return new Refusal('EPERM', component, 'sticky');
}

function classOf(caller: Caller, inode: Inode): readonly [shift: number, rule: Rule] {
  if (owns(caller, inode)) return [6, 'owner-bits'];
  if (isMember(caller, inode.gid)) return [3, 'group-bits'];
  return [0, 'other-bits'];
}
