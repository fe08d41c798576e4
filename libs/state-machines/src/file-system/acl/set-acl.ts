import { KIND } from '../model/extra-table';
import type { Call, FileTree } from '../model/file-tree';
import { MARK, type Inode, type InodeChanges } from '../model/inode';
import { PERMISSION_BITS, SETGID } from '../model/inode-type';
import type { Target } from '../model/place';
import { Refusal } from '../model/refusal';
import { actsAsOwner, actsInGroup } from '../resolve/permission';
import { find, findTarget, type Looking } from '../resolve/target';
import { refuseStatusChange } from '../status/flags';
import { publish } from '../watch/publish';
import type { Acl, FileOperationOf } from '../wire/operations';
import type { FileResult } from '../wire/outcomes';
import {
  beyondMode,
  bitsOf,
  inOrder,
  isMinimal,
  isValid,
  minimalList,
  readList,
  wholeList,
  writeList,
} from './access-list';

/** The lists to set: undefined leaves one, an empty one is taken away. */
interface Lists {
  readonly access: Acl | undefined;
  readonly fallback: Acl | undefined;
}

/**
 * Sets the access list of an inode, the list that what is made in a directory gets, or both. Checks come in the order
 * Linux makes them. (set_posix_acl, fs/posix_acl.c)
 */
export function setacl(
  tree: FileTree,
  call: Call,
  { object, access, default: fallback }: FileOperationOf<'setacl'>,
): Inode | Refusal {
  const target = findTarget(tree, call, object);
  if (target instanceof Refusal) return target;
  const { inode } = target;
  const frozen = refuseStatusChange(tree, inode);
  if (frozen !== undefined) return frozen;
  if (inode.isSymlink) return new Refusal('EOPNOTSUPP', undefined, 'wrong-type');
  if (!inode.isDirectory && fallback !== undefined) {
    // What is no directory has no such list to take away.
    if (fallback.length > 0) return new Refusal('EACCES', undefined, 'wrong-type');
    if (access === undefined) return inode;
  }
  if (!actsAsOwner(call.caller, inode)) return new Refusal('EPERM', undefined, 'not-owner');
  if (!maySet(access) || !maySet(fallback)) return new Refusal('EINVAL');
  return changed(tree, call, target, { access, fallback });
}

function maySet(list: Acl | undefined): boolean {
  return list === undefined || list.length === 0 || isValid(list);
}

/** The lists of an inode: whoever reaches it may know them. One that has none beyond its mode has that. */
export function getacl(
  tree: FileTree,
  looking: Looking,
  { object }: FileOperationOf<'getacl'>,
): FileResult | Refusal {
  const inode = find(tree, looking, object);
  if (inode instanceof Refusal) return inode;
  if (inode.isSymlink) return new Refusal('EOPNOTSUPP', undefined, 'wrong-type');
  const access = inode.has('acl')
    ? wholeList(inode, readList(tree, inode, KIND.acl))
    : minimalList(inode);
  const fallback = inode.has('defaultAcl') ? readList(tree, inode, KIND.defaultAcl) : [];
  return { kind: 'acl', access, default: fallback };
}

function changed(tree: FileTree, call: Call, { inode, place }: Target, lists: Lists): Inode {
  writeDefault(tree, inode, lists.fallback);
  const after = tree.inodes.change(inode, {
    ...writeAccess(tree, call, inode, lists.access),
    marks: marksAfter(inode, lists),
    ctime: call.now,
    metaGen: inode.metaGen + 1,
    changedOp: call.opNumber,
  });
  publish(tree, call, { change: 'acl', inode: after, place });
  return after;
}

/** Without its list an inode keeps its mode: the bits that were the mask's are the group's then. */
function writeAccess(
  tree: FileTree,
  call: Call,
  inode: Inode,
  list: Acl | undefined,
): InodeChanges {
  if (list === undefined) return {};
  if (list.length === 0 || isMinimal(list)) tree.extra.delete(inode.ino, KIND.acl);
  else writeList(tree, inode, KIND.acl, beyondMode(inOrder(list)));
  if (list.length === 0) return {};
  // As with chmod, who is not in the group cannot keep the bit that runs as the group. (posix_acl_update_mode)
  const kept = actsInGroup(call.caller, inode.gid) ? PERMISSION_BITS : PERMISSION_BITS & ~SETGID;
  return { mode: ((inode.mode & ~0o777) | bitsOf(list)) & kept };
}

function writeDefault(tree: FileTree, inode: Inode, list: Acl | undefined): void {
  if (list === undefined) return;
  if (list.length === 0) tree.extra.delete(inode.ino, KIND.defaultAcl);
  else writeList(tree, inode, KIND.defaultAcl, inOrder(list));
}

function marksAfter(inode: Inode, { access, fallback }: Lists): number {
  let [set, clear] = [0, 0];
  if (access !== undefined) {
    if (isMinimal(access)) clear |= MARK.acl;
    else set |= MARK.acl;
  }
  if (fallback !== undefined) {
    if (fallback.length === 0) clear |= MARK.defaultAcl;
    else set |= MARK.defaultAcl;
  }
  return inode.marksWith(set, clear);
}
