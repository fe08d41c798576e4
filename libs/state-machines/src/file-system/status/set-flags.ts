import type { Call, FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import type { Target } from '../model/place';
import { Refusal } from '../model/refusal';
import { actsAsOwner, isRoot } from '../resolve/permission';
import { KEPT_FLAGS, needRoot, refuseReadOnly } from './flags';
import { changed } from './set-attributes';

/** `chflags` of FreeBSD, FS_IOC_SETFLAGS of Linux: all flags at once. Any inode has them, a link itself as well. */
export function setFlags(
  tree: FileTree,
  call: Call,
  target: Target,
  flags: number,
): Inode | Refusal {
  const { inode } = target;
  if ((flags & ~KEPT_FLAGS) !== 0) return new Refusal('EOPNOTSUPP');
  const refusal = refuseReadOnly(tree);
  if (refusal !== undefined) return refusal;
  if (!actsAsOwner(call.caller, inode)) return new Refusal('EPERM', undefined, 'not-owner');
  if (!isRoot(call.caller) && needRoot(tree, inode.flags, flags))
    return new Refusal('EPERM', undefined, 'not-root');
  return changed(tree, call, target, { flags });
}
