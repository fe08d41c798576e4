import type { ByteString } from '@lockstep/vr-core';
import type { Caller, FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import { STICKY } from '../model/inode-type';
import { NAME_MAX } from '../model/limits';
import { Refusal } from '../model/refusal';
import { actsAsOwner, isRoot, READ, refuseAccess, WRITE } from '../resolve/permission';
import { refuseStatusChange } from '../status/flags';

const USER = 'user.';
const TRUSTED = 'trusted.';
const SECURITY = 'security.';
const NAMESPACES: readonly string[] = [USER, TRUSTED, SECURITY];

/** Access lists have operations of their own, and do not travel as bytes of a Linux kernel. */
const ACL_NAMES: readonly string[] = ['system.posix_acl_access', 'system.posix_acl_default'];

/** What the name alone says, before anything is looked up. (import_xattr_name, fs/xattr.c) */
export function refuseName(name: ByteString): Refusal | undefined {
  const tooLong = name.length === 0 || name.length > NAME_MAX;
  return tooLong ? new Refusal('ERANGE', name) : undefined;
}

/** Whether the caller may read it, and whether there can be one of that name. (xattr_permission, xattr_resolve_name) */
export function refuseReading(
  tree: FileTree,
  caller: Caller,
  inode: Inode,
  name: ByteString,
): Refusal | undefined {
  if (ACL_NAMES.includes(name)) return new Refusal('EOPNOTSUPP', name, 'access-list');
  if (name.startsWith(TRUSTED) && !isRoot(caller)) return new Refusal('ENODATA', name, 'not-root');
  if (name.startsWith(USER) && !mayHaveUserAttributes(inode))
    return new Refusal('ENODATA', name, 'wrong-type');
  return refuseByMode(tree, caller, inode, name, READ) ?? refuseUnknown(name);
}

/**
 * Whether the caller may set or remove it. In a sticky directory, where everybody may write, the attributes are the
 * owner's alone.
 */
export function refuseWriting(
  tree: FileTree,
  caller: Caller,
  inode: Inode,
  name: ByteString,
): Refusal | undefined {
  const frozen = refuseStatusChange(tree, inode);
  if (frozen !== undefined) return frozen;
  if (ACL_NAMES.includes(name)) return new Refusal('EOPNOTSUPP', name, 'access-list');
  if (name.startsWith(TRUSTED) && !isRoot(caller)) return new Refusal('EPERM', name, 'not-root');
  if (name.startsWith(USER)) {
    if (!mayHaveUserAttributes(inode)) return new Refusal('EPERM', name, 'wrong-type');
    const isSticky = inode.isDirectory && (inode.mode & STICKY) !== 0;
    if (isSticky && !actsAsOwner(caller, inode)) return new Refusal('EPERM', name, 'sticky');
  }
  const refusal = refuseByMode(tree, caller, inode, name, WRITE);
  if (refusal !== undefined) return refusal;
  if (name.startsWith(SECURITY) && !isRoot(caller)) return new Refusal('EPERM', name, 'not-root');
  return refuseUnknown(name);
}

/** Names of `trusted.` are told to root alone. (xattr(7)) */
export function mayList(caller: Caller, name: ByteString): boolean {
  return isRoot(caller) || !name.startsWith(TRUSTED);
}

/** The mode of a special file says who may use the device, not who may note something on it. (xattr(7)) */
function mayHaveUserAttributes({ type }: Inode): boolean {
  return type === 'file' || type === 'dir';
}

/** The kernel asks nothing of the mode for what modules of its own look after. */
function refuseByMode(
  tree: FileTree,
  caller: Caller,
  inode: Inode,
  name: ByteString,
  wanted: number,
): Refusal | undefined {
  if (name.startsWith(SECURITY) || name.startsWith('system.')) return undefined;
  return refuseAccess(tree, caller, inode, wanted);
}

function refuseUnknown(name: ByteString): Refusal | undefined {
  const namespace = NAMESPACES.find((prefix) => name.startsWith(prefix));
  if (namespace === undefined) return new Refusal('EOPNOTSUPP', name);
  return name.length === namespace.length ? new Refusal('EINVAL', name) : undefined;
}
