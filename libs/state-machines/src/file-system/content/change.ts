import type { Call, FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import type { Target } from '../model/place';
import { countAtNames } from '../naming/names';
import { isRoot } from '../resolve/permission';
import { changed, withoutSetId } from '../status/set-attributes';

/** What a file is after its content has changed. */
export interface ContentChange {
  readonly size: number;
  readonly blocks: number;
  /** All marks of the inode. */
  readonly marks?: number;
}

/** `st_blocks` of a file whose bytes are elsewhere. */
export const blocksOf = (size: number): number => Math.ceil(size / 512);

/**
 * The content of a file has changed: its size is counted in the directories above, and what could run with the rights of
 * the owner no longer may, unless root has written it. (POSIX `write`, `ftruncate`; file_remove_privs of Linux)
 */
export function contentChanged(
  tree: FileTree,
  call: Call,
  target: Target,
  change: ContentChange,
): Inode {
  const { inode } = target;
  const bytes = change.size - inode.size;
  if (bytes !== 0) countAtNames(tree, inode, { files: 0, directories: 0, bytes });
  const changes = {
    ...change,
    mode: isRoot(call.caller) ? inode.mode : withoutSetId(call, inode),
    mtime: call.now,
    contentGen: inode.contentGen + 1,
  };
  return changed(tree, call, target, changes, 'content');
}
