import { KIND } from '../model/extra-table';
import type { FileTree } from '../model/file-tree';
import { MARK, type Inode } from '../model/inode';
import type { InodeType } from '../model/inode-type';
import { beyondMode, bitsOf, isMinimal, readList, writeList } from './access-list';

/** What is asked for when an inode is made. */
interface Wish {
  readonly type: InodeType;
  /** As the caller says, before his umask. */
  readonly mode: number;
  readonly umask: number;
}

/**
 * The mode of what is made in a directory. Where the directory has a default list, that limits it and the umask does not;
 * the mode of a symbolic link is limited by nothing. (posix_acl_create of Linux)
 */
export function modeInDirectory(
  tree: FileTree,
  directory: Inode,
  { type, mode, umask }: Wish,
): number {
  if (type === 'symlink') return mode;
  if (!directory.has('defaultAcl')) return mode & ~(umask & 0o777);
  return mode & (~0o777 | bitsOf(readList(tree, directory, KIND.defaultAcl)));
}

/** Gives what was made with such a mode the lists that come with it, and gives it as it is now. */
export function handDownLists(tree: FileTree, directory: Inode, made: Inode): Inode {
  if (!directory.has('defaultAcl') || made.isSymlink) return made;
  const list = readList(tree, directory, KIND.defaultAcl);
  if (made.isDirectory) writeList(tree, made, KIND.defaultAcl, list);
  // Of a list that only names the three classes the mode says all.
  if (!isMinimal(list)) writeList(tree, made, KIND.acl, beyondMode(list));
  const marks = (made.isDirectory ? MARK.defaultAcl : 0) | (isMinimal(list) ? 0 : MARK.acl);
  return tree.inodes.change(made, { marks: made.marksWith(marks) });
}
