import type { Call, FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import { Refusal } from '../model/refusal';
import { create, findOrCreate, mkdir } from '../naming/create';
import { mkdirWithParents } from '../naming/mkdir-with-parents';
import { resolve } from '../resolve/path';
import type { FileOperationOf } from '../wire/operations';
import type { FileResult } from '../wire/outcomes';
import { beginLife, refuseLife } from './begin';
import { inSequence } from './sequential';

/** `create`, also of what does not live for ever, under a name that may be completed here. */
export function createFile(
  tree: FileTree,
  call: Call,
  op: FileOperationOf<'create'>,
): Inode | FileResult | Refusal {
  const refusal = refuseLife(call, 'file', op.life);
  if (refusal !== undefined) return refusal;
  if (!op.sequential) return createLiving(tree, call, op);
  return inSequence(tree, call, op.path, (path) =>
    createLiving(tree, call, { ...op, path, exclusive: true }),
  );
}

/** A file that is there goes on living as it did. */
function createLiving(tree: FileTree, call: Call, op: FileOperationOf<'create'>): Inode | Refusal {
  if (op.life.kind === 'permanent') return create(tree, call, op.path, op);
  const { mode, exclusive } = op;
  const made = findOrCreate(tree, call, op.path, { mode, exclusive, follow: true });
  if (made instanceof Refusal) return made;
  return made.isNew ? beginLife(tree, call, made, op.life) : made.inode;
}

/** `mkdir`, also of what does not live for ever, under a name that may be completed here. */
export function makeDirectory(
  tree: FileTree,
  call: Call,
  op: FileOperationOf<'mkdir'>,
): Inode | FileResult | Refusal {
  const refusal = refuseLife(call, 'dir', op.life);
  if (refusal !== undefined) return refusal;
  if (!op.sequential) return mkdirLiving(tree, call, op);
  return inSequence(tree, call, op.path, (path) => mkdirLiving(tree, call, { ...op, path }));
}

function mkdirLiving(tree: FileTree, call: Call, op: FileOperationOf<'mkdir'>): Inode | Refusal {
  const isThere = op.life.kind !== 'permanent' && op.parents && exists(tree, call, op);
  const made = (op.parents ? mkdirWithParents : mkdir)(tree, call, op.path, op.mode);
  if (made instanceof Refusal || isThere) return made;
  return beginLife(tree, call, { inode: made, place: undefined }, op.life);
}

function exists(tree: FileTree, call: Call, { path }: FileOperationOf<'mkdir'>): boolean {
  return !(resolve(tree, call.caller, path, true) instanceof Refusal);
}
