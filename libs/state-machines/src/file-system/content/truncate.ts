import { refuseLonger } from '../accounting/growth';
import type { Call, FileTree } from '../model/file-tree';
import { MARK, type Inode } from '../model/inode';
import type { Target } from '../model/place';
import { Refusal } from '../model/refusal';
import { refuseAccess, WRITE } from '../resolve/permission';
import { refuseOverwriting, refuseWriting } from '../status/flags';
import { blocksOf, contentChanged } from './change';
import { dropChunks } from './chunk-map';
import { cutPieces } from './pieces';

/**
 * POSIX `truncate` and `ftruncate`, to a size from 0 to `FILE_SIZE_MAX` bytes: what is added is a hole and takes no
 * blocks. Where the chunks of a file begin and end is not known here, so they stay, all of them, until it is cut to 0.
 */
export function truncate(
  tree: FileTree,
  call: Call,
  target: Target,
  size: number,
): Inode | Refusal {
  return refuseTruncation(tree, call, target) ?? cutContent(tree, call, target, size);
}

/** With O_TRUNC `open` has asked for permission already. */
export function cutContent(
  tree: FileTree,
  call: Call,
  target: Target,
  size: number,
): Inode | Refusal {
  const { inode } = target;
  const refusal = refuseLonger(tree, inode, size - inode.size);
  if (refusal !== undefined) return refusal;
  if (inode.has('content')) {
    const gone = size < inode.size ? cutPieces(tree.extra, inode.ino, size) : 0;
    const blocks = inode.blocks - gone;
    const marks = inode.marksWith(0, blocks === 0 ? MARK.content : 0);
    return contentChanged(tree, call, target, { size, blocks, marks });
  }
  if (inode.has('chunks') && size === 0) {
    dropChunks(tree.extra, inode.ino);
    const marks = inode.marksWith(0, MARK.chunks);
    return contentChanged(tree, call, target, { size, blocks: 0, marks });
  }
  const blocks = Math.min(inode.blocks, blocksOf(size));
  return contentChanged(tree, call, target, { size, blocks });
}

/** A handle that is not for writing is a bad argument here, as it is no bad handle. (POSIX `ftruncate`, EINVAL) */
function refuseTruncation(
  tree: FileTree,
  call: Call,
  { inode, handle }: Target,
): Refusal | undefined {
  if (handle !== undefined)
    return handle.write && inode.type === 'file'
      ? (refuseWriting(tree, inode) ?? refuseOverwriting(inode))
      : new Refusal('EINVAL', undefined, 'not-for-writing');
  if (inode.isDirectory) return new Refusal('EISDIR');
  if (inode.type !== 'file') return new Refusal('EINVAL');
  return refuseAccess(tree, call.caller, inode, WRITE) ?? refuseOverwriting(inode);
}
