import type { ByteString } from '@lockstep/vr-core';
import { KIND } from '../model/extra-table';
import type { Caller, FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import { Refusal, type Rule } from '../model/refusal';
import { readList } from './access-list';

/**
 * What the access list of an inode says to a caller other than root, where it has one beyond its mode. The owner's entry
 * comes first, then the one that names the caller, then those of his groups, of which one must have all that is wanted;
 * the mask limits all but the owner's and the others'. (acl(5); POSIX.1e draft 17, 23.1.5)
 */
export function refuseByAcl(
  tree: FileTree,
  caller: Caller,
  inode: Inode,
  wanted: number,
  component?: ByteString,
): Refusal | undefined {
  const rule = deniedBy(tree, caller, inode, wanted);
  return rule === undefined ? undefined : new Refusal('EACCES', component, rule);
}

function deniedBy(tree: FileTree, caller: Caller, inode: Inode, wanted: number): Rule | undefined {
  const { mode } = inode;
  if (caller.uid === inode.uid) return grants(mode >> 6, wanted) ? undefined : 'owner-bits';
  // Linux does not look at a list whose mask is empty, so whom it names counts as one of the others.
  // (acl_permission_check, fs/namei.c)
  const isMaskEmpty = ((mode >> 3) & 7) === 0;
  if (isMaskEmpty && tree.volume.flavour === 'linux') return deniedToOther(caller, inode, wanted);
  return deniedByList(tree, caller, inode, wanted);
}

function deniedToOther(caller: Caller, { mode, gid }: Inode, wanted: number): Rule | undefined {
  if (wanted !== 0 && caller.gids.includes(gid)) return 'acl-mask';
  return grants(mode, wanted) ? undefined : 'other-bits';
}

function deniedByList(
  tree: FileTree,
  caller: Caller,
  inode: Inode,
  wanted: number,
): Rule | undefined {
  const isMasked = grants(inode.mode >> 3, wanted) ? undefined : 'acl-mask';
  let isInGroup = false;
  for (const { tag, id, perm } of readList(tree, inode, KIND.acl)) {
    if (tag === 'user') {
      if (id === caller.uid) return grants(perm, wanted) ? isMasked : 'acl-user';
    } else if (caller.gids.includes(tag === 'group-obj' ? inode.gid : id)) {
      if (grants(perm, wanted)) return isMasked;
      isInGroup = true;
    }
  }
  if (isInGroup) return 'acl-group';
  return grants(inode.mode, wanted) ? undefined : 'other-bits';
}

const grants = (perm: number, wanted: number): boolean => (perm & wanted) === wanted;
