import type { Call, Caller, FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import type { Target } from '../model/place';
import { Refusal } from '../model/refusal';
import { directoriesOf } from '../naming/names';
import type { FileObject } from '../wire/arguments';
import { resolve } from './path';

/** Who looks, and what he has open. */
export type Looking = Pick<Call, 'caller' | 'opened' | 'session'>;

/** Finds what an operation is about. */
export function findTarget(tree: FileTree, looking: Looking, object: FileObject): Target | Refusal {
  switch (object.kind) {
    case 'path':
      return resolve(tree, looking.caller, object.path, object.follow);
    case 'ino':
      return findByNumber(tree, object.ino);
    case 'handle':
    case 'opened':
      return new Refusal('EBADF', undefined, 'not-open');
  }
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

/** The inode alone. */
export function find(tree: FileTree, looking: Looking, object: FileObject): Inode | Refusal {
  const target = findTarget(tree, looking, object);
  return target instanceof Refusal ? target : target.inode;
}

export const lookingAs = (caller: Caller): Looking => ({
  caller,
  opened: new Map(),
  session: undefined,
});
