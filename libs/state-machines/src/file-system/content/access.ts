import type { Caller, FileTree } from '../model/file-tree';
import type { Target } from '../model/place';
import { Refusal } from '../model/refusal';
import { READ, refuseAccess, WRITE } from '../resolve/permission';
import { refuseWriting } from '../status/flags';

/** Only regular files have content. What was opened for reading may be read, whatever its permissions are now. */
export function refuseReading(
  tree: FileTree,
  caller: Caller,
  { inode, handle }: Target,
): Refusal | undefined {
  if (handle?.read === false) return new Refusal('EBADF', undefined, 'not-for-reading');
  return (
    refuseType({ inode }) ??
    (handle === undefined ? refuseAccess(tree, caller, inode, READ) : undefined)
  );
}

/** The same for writing. */
export function refuseChange(
  tree: FileTree,
  caller: Caller,
  { inode, handle }: Target,
): Refusal | undefined {
  if (handle?.write === false) return new Refusal('EBADF', undefined, 'not-for-writing');
  return (
    refuseType({ inode }) ??
    // Nobody writes to what is immutable, not even through what he had open before. (ext4_write_checks of Linux)
    (handle === undefined ? refuseAccess(tree, caller, inode, WRITE) : refuseWriting(tree, inode))
  );
}

/** Special files are inert, and what they would give is not here. */
function refuseType({ inode }: Pick<Target, 'inode'>): Refusal | undefined {
  if (inode.isDirectory) return new Refusal('EISDIR');
  return inode.type === 'file' ? undefined : new Refusal('EINVAL');
}
