import { refuseLonger } from '../accounting/growth';
import type { Call, FileTree } from '../model/file-tree';
import { MARK, type Inode } from '../model/inode';
import { Refusal } from '../model/refusal';
import { findTarget, type Looking } from '../resolve/target';
import { refuseOverwriting } from '../status/flags';
import type { Chunk, FileOperationOf } from '../wire/operations';
import type { FileResult } from '../wire/outcomes';
import { refuseChange, refuseReading } from './access';
import { blocksOf, contentChanged } from './change';
import { changeChunks, CHUNKS_OF_FILE_MAX, chunksOf, countOfChunks } from './chunk-map';

/**
 * Changes the chunk map: first what is removed goes, then what is put comes. What chunks mean is for the store of the
 * data to know, so also how long the file is. A file has its content here or a chunk map: who has neither may get either.
 */
export function setChunks(
  tree: FileTree,
  call: Call,
  { object, put, remove, size: asked }: FileOperationOf<'setchunks'>,
): Inode | Refusal {
  const target = findTarget(tree, call, object);
  if (target instanceof Refusal) return target;
  const { inode } = target;
  // Whether a chunk only adds to what is there is not known here.
  const refusal = refuseChange(tree, call.caller, target) ?? refuseOverwriting(inode);
  if (refusal !== undefined) return refusal;
  if (inode.has('content') || !areApart(put, remove)) return new Refusal('EINVAL');
  if (countOfChunks(tree.extra, inode.ino) + put.length - remove.length > CHUNKS_OF_FILE_MAX)
    return new Refusal('EFBIG', undefined, 'limit');
  const size = asked ?? inode.size;
  const full = refuseLonger(tree, inode, size - inode.size);
  if (full !== undefined) return full;
  const count = changeChunks(tree.extra, inode.ino, put, remove);
  const blocks = count === 0 ? 0 : blocksOf(size);
  const marks = count === 0 ? inode.marksWith(0, MARK.chunks) : inode.marksWith(MARK.chunks);
  return contentChanged(tree, call, target, { size, blocks, marks });
}

/** An index that is named twice does not say what it is to be. */
function areApart(put: readonly Chunk[], remove: readonly number[]): boolean {
  const indexes = [...put.map(({ index }) => index), ...remove];
  return new Set(indexes).size === indexes.length;
}

/** Chunks in order of their indexes, a page at a time. */
export function getChunks(
  tree: FileTree,
  looking: Looking,
  { object, from, limit }: FileOperationOf<'getchunks'>,
): FileResult | Refusal {
  const target = findTarget(tree, looking, object);
  if (target instanceof Refusal) return target;
  const { inode } = target;
  const refusal = refuseReading(tree, looking.caller, target);
  if (refusal !== undefined) return refusal;
  const chunks: Chunk[] = [];
  for (const chunk of chunksOf(tree.extra, inode.ino, from)) {
    if (chunks.length === limit) return { kind: 'chunks', chunks, next: chunk.index };
    chunks.push(chunk);
  }
  return { kind: 'chunks', chunks, next: undefined };
}
