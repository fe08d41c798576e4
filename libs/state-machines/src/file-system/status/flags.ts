import type { ByteString } from '@lockstep/vr-core';
import type { FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import type { InodeType } from '../model/inode-type';
import { Refusal } from '../model/refusal';

/** The flags of an inode that are kept, by the numbers of `st_flags`. (FreeBSD sys/stat.h, chflags(2)) */
export const FLAG = {
  UF_NODUMP: 0x1,
  UF_IMMUTABLE: 0x2,
  UF_APPEND: 0x4,
  UF_NOUNLINK: 0x10,
  SF_IMMUTABLE: 0x2_0000,
  SF_APPEND: 0x4_0000,
  SF_NOUNLINK: 0x10_0000,
} as const;

const IMMUTABLE = FLAG.UF_IMMUTABLE | FLAG.SF_IMMUTABLE;
const APPEND = FLAG.UF_APPEND | FLAG.SF_APPEND;
const NO_UNLINK = FLAG.UF_NOUNLINK | FLAG.SF_NOUNLINK;
const SYSTEM = FLAG.SF_IMMUTABLE | FLAG.SF_APPEND | FLAG.SF_NOUNLINK;

export const KEPT_FLAGS = FLAG.UF_NODUMP | IMMUTABLE | APPEND | NO_UNLINK;

const isImmutable = ({ flags }: Inode): boolean => (flags & IMMUTABLE) !== 0;
const isAppendOnly = ({ flags }: Inode): boolean => (flags & APPEND) !== 0;

/** Nobody changes anything in a volume that is read-only. (`mnt_want_write` of Linux) */
export function refuseReadOnly(tree: FileTree, component?: ByteString): Refusal | undefined {
  return tree.volume.readOnly ? new Refusal('EROFS', component, 'read-only') : undefined;
}

/** Types whose bytes are in the volume: what is written to the others goes elsewhere. (`sb_permission` of Linux) */
const KEPT_HERE: ReadonlySet<InodeType> = new Set<InodeType>(['file', 'dir', 'symlink']);

/** What forbids everyone, root as well, to write to it. (`inode_permission` of Linux, `ufs_access` of FreeBSD) */
export function refuseWriting(
  tree: FileTree,
  inode: Inode,
  component?: ByteString,
): Refusal | undefined {
  if (tree.volume.readOnly && KEPT_HERE.has(inode.type)) return refuseReadOnly(tree, component);
  return isImmutable(inode) ? new Refusal('EPERM', component, 'immutable') : undefined;
}

/** What may only grow is not cut, nor written to elsewhere than at its end. (`may_open` of Linux) */
export function refuseOverwriting(inode: Inode, component?: ByteString): Refusal | undefined {
  return isAppendOnly(inode) ? new Refusal('EPERM', component, 'append-only') : undefined;
}

/** What is of an inode beside its content stays as it is. (`may_setattr`, `may_write_xattr` of Linux) */
export function refuseStatusChange(tree: FileTree, inode: Inode): Refusal | undefined {
  return refuseTouching(tree, inode) ?? refuseOverwriting(inode);
}

/** What may only grow may still be given the time of now. */
export function refuseTouching(tree: FileTree, inode: Inode): Refusal | undefined {
  const refusal = refuseReadOnly(tree);
  if (refusal !== undefined) return refusal;
  return isImmutable(inode) ? new Refusal('EPERM', undefined, 'immutable') : undefined;
}

/** One more name would let it be changed elsewhere. (`vfs_link` of Linux, `ufs_link` of FreeBSD) */
export function refuseLinking(inode: Inode, component: ByteString): Refusal | undefined {
  if (isAppendOnly(inode)) return new Refusal('EPERM', component, 'append-only');
  return isImmutable(inode) ? new Refusal('EPERM', component, 'immutable') : undefined;
}

/** Whether an entry stays where it is, whoever asks. (`may_delete` of Linux, `ufs_remove` of FreeBSD) */
export function refuseByFlags(
  directory: Inode,
  victim: Inode,
  component: ByteString,
): Refusal | undefined {
  if (isAppendOnly(directory)) return new Refusal('EPERM', component, 'append-only');
  if (victim.flags === 0) return undefined;
  const refusal = refuseLinking(victim, component);
  if (refusal !== undefined) return refusal;
  return (victim.flags & NO_UNLINK) === 0
    ? undefined
    : new Refusal('EPERM', component, 'no-unlink');
}

/** Flags that only root sets and clears. (`fileattr_set_prepare` of Linux, `ufs_setattr` of FreeBSD) */
export function needRoot(tree: FileTree, before: number, after: number): boolean {
  const changed = before ^ after;
  // Linux has one capability for both, whatever FreeBSD calls them; the rest it does not know.
  if (tree.volume.flavour === 'linux') return (changed & (IMMUTABLE | APPEND | SYSTEM)) !== 0;
  return ((changed | before) & SYSTEM) !== 0;
}
