import type { ReadContext } from '@lockstep/vr-core';
import { findHandle } from '../handles/handle-table';
import type { Caller, FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import type { Target } from '../model/place';
import { Refusal } from '../model/refusal';
import { keyOfSession } from '../model/session-key';
import { directoriesOf } from '../naming/names';
import type { FileObject } from '../wire/arguments';
import { Confinement } from './confinement';
import { resolve } from './path';

/** Who looks, and what he has open. A `Call` is one that may also change what it finds. */
export interface Looking {
  readonly caller: Caller;
  /** Whose handles and advisory locks he has. */
  readonly session: { readonly id: string } | undefined;
  /** Handles that earlier operations of the same request have opened, by the operation's place. */
  readonly opened: ReadonlyMap<number, number>;
  readonly context: ReadContext;
}

/** Finds what an operation is about. */
export function findTarget(tree: FileTree, looking: Looking, object: FileObject): Target | Refusal {
  switch (object.kind) {
    case 'path':
      return resolve(tree, looking.caller, object.path, object.follow);
    case 'ino':
      return confined(tree, looking, findByNumber(tree, object.ino));
    case 'handle':
    case 'opened':
      return confined(tree, looking, findByHandle(tree, looking, object));
  }
}

/** What was found without a path may be anywhere. */
function confined(tree: FileTree, { caller }: Looking, target: Target | Refusal): Target | Refusal {
  if (target instanceof Refusal) return target;
  return Confinement.of(tree, caller)?.refuseInode(target.inode) ?? target;
}

/** Numbers are never used twice: whoever has one that is gone, or of another volume, holds something stale. */
function findByNumber(tree: FileTree, ino: number): Target | Refusal {
  const inode = tree.inodes.find(ino);
  if (inode === undefined || inode.volume !== tree.volume.id) return new Refusal('ESTALE');
  return isReachable(tree, inode)
    ? { inode, place: undefined }
    : new Refusal('ESTALE', undefined, 'detached');
}

function isReachable(tree: FileTree, inode: Inode): boolean {
  if (inode.isDirectory) return tree.isAttached(inode);
  // One of several names may be in a directory that was taken away, and another not.
  for (const parent of directoriesOf(tree, inode))
    if (tree.isAttached(tree.inodes.get(parent))) return true;
  return false;
}

type OpenObject = Extract<FileObject, { readonly kind: 'handle' | 'opened' }>;

/** The number of the handle that is meant; a session has no other's. */
export const handleNumberOf = (looking: Looking, object: OpenObject): number | undefined =>
  object.kind === 'handle' ? object.handle : looking.opened.get(object.at);

/** What is open is found whether or not a name leads to it. */
function findByHandle(tree: FileTree, looking: Looking, object: OpenObject): Target | Refusal {
  const number = handleNumberOf(looking, object);
  const session = keyOfSession(looking.session);
  const handle = number === undefined ? undefined : findHandle(tree.tables, session, number);
  if (handle?.volume !== tree.volume.name) return new Refusal('EBADF', undefined, 'not-open');
  const inode = tree.inodes.find(handle.ino);
  if (inode?.volume !== tree.volume.id) return new Refusal('ESTALE');
  return { inode, place: undefined, handle };
}

/** The inode alone. */
export function find(tree: FileTree, looking: Looking, object: FileObject): Inode | Refusal {
  const target = findTarget(tree, looking, object);
  return target instanceof Refusal ? target : target.inode;
}
