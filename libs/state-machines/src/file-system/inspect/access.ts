import type { Caller, FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import { Refusal } from '../model/refusal';
import { isRoot, refuseAccess, SEARCH } from '../resolve/permission';

const ANY_EXECUTE = 0o111;

/**
 * POSIX `access` with the ids of the call: 4 to read, 2 to write, 1 to search or execute; 0 asks no more than whether it
 * is there. What nobody may execute root may not either. (`faccessat`, `generic_permission` of Linux)
 */
export function access(
  tree: FileTree,
  caller: Caller,
  inode: Inode,
  mode: number,
): Refusal | undefined {
  const refusal = refuseAccess(tree, caller, inode, mode);
  if (refusal !== undefined) return refusal;
  const executes = (mode & SEARCH) !== 0 && !inode.isDirectory;
  if (executes && isRoot(caller) && (inode.mode & ANY_EXECUTE) === 0)
    return new Refusal('EACCES', undefined, 'other-bits');
  return undefined;
}
