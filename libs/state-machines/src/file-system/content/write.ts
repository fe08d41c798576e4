import { refuseLonger } from '../accounting/growth';
import type { Call, FileTree } from '../model/file-tree';
import { MARK, type Inode } from '../model/inode';
import { CONTENT_MAX } from '../model/limits';
import { Refusal } from '../model/refusal';
import { findTarget } from '../resolve/target';
import { refuseOverwriting } from '../status/flags';
import type { FileOperationOf } from '../wire/operations';
import { refuseChange } from './access';
import { contentChanged } from './change';
import { writePieces } from './pieces';

/**
 * POSIX `pwrite`, and `write` at the end when there is no offset or the handle was opened with O_APPEND. Content that is
 * kept here lies in the first `CONTENT_MAX` bytes of a file; the file itself may be longer, by a hole.
 */
export function write(
  tree: FileTree,
  call: Call,
  { object, offset, data }: FileOperationOf<'write'>,
): Inode | Refusal {
  const target = findTarget(tree, call, object);
  if (target instanceof Refusal) return target;
  const { inode, handle } = target;
  const refusal = refuseChange(tree, call.caller, target);
  if (refusal !== undefined) return refusal;
  if (inode.has('chunks')) return new Refusal('EINVAL');
  // To write nothing changes nothing, not even a time.
  if (data.length === 0) return inode;
  const from = handle?.append === true ? inode.size : (offset ?? inode.size);
  // What was open before it became so is written to anywhere, as in Linux.
  const forbidden =
    handle === undefined && from !== inode.size ? refuseOverwriting(inode) : undefined;
  if (forbidden !== undefined) return forbidden;
  const end = from + data.length;
  if (end > CONTENT_MAX) return new Refusal('EFBIG', undefined, 'limit');
  const size = Math.max(inode.size, end);
  const full = refuseLonger(tree, inode, size - inode.size);
  if (full !== undefined) return full;
  const blocks = inode.blocks + writePieces(tree.extra, inode.ino, from, data);
  return contentChanged(tree, call, target, {
    size,
    blocks,
    marks: inode.marksWith(MARK.content),
  });
}
