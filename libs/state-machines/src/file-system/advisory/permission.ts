import type { Caller, FileTree } from '../model/file-tree';
import type { Target } from '../model/place';
import { Refusal } from '../model/refusal';
import { READ, refuseAccess, WRITE } from '../resolve/permission';

/** What a lock asks of a file: to be open, for whatever; for reading; for writing. */
type LockAccess = 'any' | 'read' | 'write';

/**
 * Who locks a file has it open, in POSIX, and for a range in the same mode. Who names it by its path is asked what
 * `open` would have asked. (fcntl: EBADF)
 */
export function refuseLocking(
  tree: FileTree,
  caller: Caller,
  { inode, handle }: Target,
  access: LockAccess,
): Refusal | undefined {
  if (handle !== undefined) {
    if (access === 'read' && !handle.read)
      return new Refusal('EBADF', undefined, 'not-for-reading');
    if (access === 'write' && !handle.write)
      return new Refusal('EBADF', undefined, 'not-for-writing');
    return undefined;
  }
  if (inode.isDirectory && access === 'write') return new Refusal('EISDIR');
  // Nothing else can be opened.
  if (inode.type !== 'file' && inode.type !== 'dir' && inode.type !== 'fifo')
    return new Refusal('EINVAL');
  if (access !== 'any') return refuseAccess(tree, caller, inode, access === 'read' ? READ : WRITE);
  const refusal = refuseAccess(tree, caller, inode, READ);
  return refusal && refuseAccess(tree, caller, inode, WRITE) && refusal;
}
