import type { Caller } from '../model/file-tree';
import type { Inode } from '../model/inode';
import { SETGID, SETUID, STICKY } from '../model/inode-type';
import { Refusal } from '../model/refusal';
import { actsAsOwner, isMember, isRoot } from '../resolve/permission';

/** Bits that only root may set there. (`ufs_chmod` of FreeBSD) */
export function refuseBits(caller: Caller, inode: Inode, mode: number): Refusal | undefined {
  if (isRoot(caller)) return undefined;
  if ((mode & STICKY) !== 0 && !inode.isDirectory)
    return new Refusal('EFTYPE', undefined, 'not-root');
  if ((mode & SETGID) !== 0 && !isMember(caller, inode.gid))
    return new Refusal('EPERM', undefined, 'not-member');
  return undefined;
}

/** Owner and group as they are to be, and the mode that goes with them. */
export interface Ownership {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * A change of ownership by whoever may make it: set-id bits go only where something changes and the caller is not root,
 * but then both of them, of directories as well. (`ufs_chown` of FreeBSD)
 */
export function ownershipAfter(
  caller: Caller,
  inode: Inode,
  uid: number,
  gid: number,
): Ownership | Refusal {
  if (isRoot(caller)) return { mode: inode.mode, uid, gid };
  if (!actsAsOwner(caller, inode)) return new Refusal('EPERM', undefined, 'not-owner');
  if (uid !== inode.uid) return new Refusal('EPERM', undefined, 'not-root');
  if (gid === inode.gid) return { mode: inode.mode, uid, gid };
  if (!isMember(caller, gid)) return new Refusal('EPERM', undefined, 'not-member');
  return { mode: inode.mode & ~(SETUID | SETGID), uid, gid };
}
