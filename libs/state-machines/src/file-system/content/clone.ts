import type { ByteString } from '@lockstep/vr-core';
import { refuseGrowth } from '../accounting/growth';
import { weightOf, type Call, type FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import type { Ino } from '../model/inode-type';
import { LINK_MAX } from '../model/limits';
import type { Place } from '../model/place';
import { Refusal } from '../model/refusal';
import { resolveFree } from '../naming/create';
import { nameAgain } from '../naming/names';
import { resolve } from '../resolve/path';
import { isRoot, READ, refuseAccess, SEARCH } from '../resolve/permission';
import type { FileOperationOf } from '../wire/operations';
import { bytesOfAll } from '../xattr/attribute-store';
import { countOfChunks } from './chunk-map';
import { copyInode } from './copy-inode';

/** Names that one clone copies: what is larger is cloned directory by directory. */
export const CLONE_NAMES_MAX = 1_000;

/** Rows of content, chunks and attributes that come with them. */
const CLONE_ROWS_MAX = 10_000;
const ATTRIBUTE_ROW_BYTES = 1_024;

/** What is to be copied, under the name it has. */
interface Original {
  readonly inode: Inode;
  readonly name: ByteString;
  readonly entries: readonly Original[];
}

/**
 * Copies a file, or, when `recursive`, a directory and all that is below, to a name that is free: all at once for who looks.
 * Chunks are not copied, only what points to them. A link at the end is copied itself; names of one inode become names of
 * one again. (juicefs `clone`)
 */
export function clone(
  tree: FileTree,
  call: Call,
  { from, to, recursive }: FileOperationOf<'clone'>,
): Inode | Refusal {
  const found = resolve(tree, call.caller, from, false);
  if (found instanceof Refusal) return found;
  const { inode } = found;
  if (inode.isDirectory && !recursive) return new Refusal('EISDIR', found.place?.name);
  const place = resolveFree(tree, call, to, inode.isDirectory);
  if (place instanceof Refusal) return place;
  const original = originalOf(tree, call, inode, place.name);
  if (original instanceof Refusal) return original;
  const refusal = refuseCopy(tree, original, place);
  if (refusal !== undefined) return refusal;
  copy(tree, call, place.directory, original, new Map());
  const made = tree.names.find(place.directory.ino, place.name);
  if (made === undefined) throw new Error('what was copied has its name');
  return tree.inodes.get(made);
}

/** Looks at everything before anything is made: who copies must be able to read it. */
function originalOf(
  tree: FileTree,
  call: Call,
  inode: Inode,
  name: ByteString,
): Original | Refusal {
  const { files, directories } = weightOf(inode);
  if (files + directories > CLONE_NAMES_MAX) return new Refusal('EFBIG', name, 'limit');
  const refusal = refuseReadingAll(tree, call, inode, name);
  if (refusal !== undefined) return refusal;
  const entries: Original[] = [];
  for (const entry of inode.isDirectory ? Array.from(tree.names.list(inode.ino)) : []) {
    const below = originalOf(tree, call, tree.inodes.get(entry.ino), entry.name);
    if (below instanceof Refusal) return below;
    entries.push(below);
  }
  return { inode, name, entries };
}

function refuseReadingAll(
  tree: FileTree,
  { caller }: Call,
  inode: Inode,
  name: ByteString,
): Refusal | undefined {
  switch (inode.type) {
    case 'file':
      return refuseAccess(tree, caller, inode, READ, name);
    case 'dir':
      return refuseAccess(tree, caller, inode, READ + SEARCH, name);
    case 'char':
    case 'block':
      return isRoot(caller) ? undefined : new Refusal('EPERM', name, 'not-root');
    default:
      return undefined;
  }
}

function refuseCopy(
  tree: FileTree,
  original: Original,
  { directory, name }: Place,
): Refusal | undefined {
  const { inode } = original;
  if (inode.isDirectory) {
    // It would hold a copy of itself.
    if (tree.isWithin(directory, inode.ino)) return new Refusal('EINVAL', name);
    if (directory.nlink >= LINK_MAX) return new Refusal('EMLINK', name);
  }
  if (rowsOf(tree, original) > CLONE_ROWS_MAX) return new Refusal('EFBIG', name, 'limit');
  return refuseGrowth(tree, directory, weightOf(inode));
}

function rowsOf(tree: FileTree, { inode, entries }: Original): number {
  const attributes = inode.has('xattr') ? bytesOfAll(tree, inode.ino) / ATTRIBUTE_ROW_BYTES : 0;
  const content = inode.has('content') ? inode.blocks : 0;
  const chunks = inode.has('chunks') ? countOfChunks(tree.extra, inode.ino) : 0;
  return entries.reduce(
    (sum, entry) => sum + rowsOf(tree, entry),
    Math.ceil(attributes) + content + chunks,
  );
}

/** `first`: where an inode with several names has its first copy. */
function copy(
  tree: FileTree,
  call: Call,
  directory: Inode,
  { inode, name, entries }: Original,
  first: Map<Ino, Place>,
): void {
  const place = { directory, name };
  const before = first.get(inode.ino);
  if (before !== undefined) {
    const ino = tree.names.find(before.directory.ino, before.name);
    if (ino !== undefined) nameAgain(tree, call, place, tree.inodes.get(ino), before);
    return;
  }
  const { atime, mtime } = inode;
  const made = copyInode(tree, call, place, inode);
  if (inode.has('links')) first.set(inode.ino, place);
  for (const entry of entries) copy(tree, call, made, entry, first);
  // What came into it has changed its times.
  if (entries.length > 0) tree.inodes.change(made, { atime, mtime });
}
