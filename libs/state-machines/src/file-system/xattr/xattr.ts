import type { ByteString } from '@lockstep/vr-core';
import type { Call, FileTree } from '../model/file-tree';
import { MARK, type Inode } from '../model/inode';
import { XATTRS_BYTES_MAX, XATTR_VALUE_MAX } from '../model/limits';
import type { Target } from '../model/place';
import { Refusal } from '../model/refusal';
import { find, findTarget, type Looking } from '../resolve/target';
import { publish } from '../watch/publish';
import type { FileOperationOf } from '../wire/operations';
import type { FileResult } from '../wire/outcomes';
import {
  attributeNames,
  bytesOf,
  bytesOfAll,
  eraseAttribute,
  readAttribute,
  writeAttribute,
} from './attribute-store';
import { mayList, refuseName, refuseReading, refuseWriting } from './namespaces';

/** `setxattr` of Linux. Name and size are looked at before the object is. (setxattr(2); fs/xattr.c) */
export function setxattr(
  tree: FileTree,
  call: Call,
  { object, name, value, how }: FileOperationOf<'setxattr'>,
): Inode | Refusal {
  const bad = refuseName(name);
  if (bad !== undefined) return bad;
  if (value.length > XATTR_VALUE_MAX) return new Refusal('E2BIG', name);
  const target = findTarget(tree, call, object);
  if (target instanceof Refusal) return target;
  const { inode } = target;
  const refusal =
    refuseWriting(tree, call.caller, inode, name) ?? refuseValue(tree, inode, { name, value, how });
  if (refusal !== undefined) return refusal;
  writeAttribute(tree, inode.ino, name, value);
  return changed(tree, call, target);
}

/** `removexattr` of Linux. */
export function removexattr(
  tree: FileTree,
  call: Call,
  { object, name }: FileOperationOf<'removexattr'>,
): Inode | Refusal {
  const target = refuseName(name) ?? findTarget(tree, call, object);
  if (target instanceof Refusal) return target;
  const refusal = refuseWriting(tree, call.caller, target.inode, name);
  if (refusal !== undefined) return refusal;
  const { inode } = target;
  if (!inode.has('xattr') || !eraseAttribute(tree, inode.ino, name))
    return new Refusal('ENODATA', name);
  return changed(tree, call, target);
}

/** `getxattr` of Linux. */
export function getxattr(
  tree: FileTree,
  looking: Looking,
  { object, name }: FileOperationOf<'getxattr'>,
): FileResult | Refusal {
  const inode = refuseName(name) ?? find(tree, looking, object);
  if (inode instanceof Refusal) return inode;
  const refusal = refuseReading(tree, looking.caller, inode, name);
  if (refusal !== undefined) return refusal;
  const value = valueOf(tree, inode, name);
  return value === undefined ? new Refusal('ENODATA', name) : { kind: 'value', value };
}

/** `listxattr` of Linux: whoever reaches the inode may know the names. */
export function listxattr(
  tree: FileTree,
  looking: Looking,
  { object }: FileOperationOf<'listxattr'>,
): FileResult | Refusal {
  const inode = find(tree, looking, object);
  if (inode instanceof Refusal) return inode;
  const all = inode.has('xattr') ? Array.from(attributeNames(tree, inode.ino)) : [];
  return { kind: 'names', names: all.filter((name) => mayList(looking.caller, name)) };
}

interface NewValue {
  readonly name: ByteString;
  readonly value: Uint8Array;
  readonly how: 'any' | 'create' | 'replace';
}

function refuseValue(
  tree: FileTree,
  inode: Inode,
  { name, value, how }: NewValue,
): Refusal | undefined {
  const before = valueOf(tree, inode, name);
  if (how === 'create' && before !== undefined) return new Refusal('EEXIST', name);
  if (how === 'replace' && before === undefined) return new Refusal('ENODATA', name);
  const others = inode.has('xattr') ? bytesOfAll(tree, inode.ino) : 0;
  const freed = before === undefined ? 0 : bytesOf(name, before);
  const isFull = others - freed + bytesOf(name, value) > XATTRS_BYTES_MAX;
  return isFull ? new Refusal('ENOSPC', name, 'limit') : undefined;
}

function valueOf(tree: FileTree, inode: Inode, name: ByteString): Uint8Array | undefined {
  return inode.has('xattr') ? readAttribute(tree, inode.ino, name) : undefined;
}

function changed(tree: FileTree, call: Call, { inode, place }: Target): Inode {
  const hasAny = bytesOfAll(tree, inode.ino) > 0;
  const after = tree.inodes.change(inode, {
    marks: hasAny ? inode.marksWith(MARK.xattr) : inode.marksWith(0, MARK.xattr),
    ctime: call.now,
    metaGen: inode.metaGen + 1,
    changedOp: call.opNumber,
  });
  publish(tree, call, { change: 'xattr', inode: after, place });
  return after;
}
