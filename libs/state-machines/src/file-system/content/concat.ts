import { refuseLonger } from '../accounting/growth';
import type { Call, FileTree } from '../model/file-tree';
import { MARK, type Inode } from '../model/inode';
import { CONTENT_MAX, FILE_SIZE_MAX } from '../model/limits';
import type { Place, Target } from '../model/place';
import { Refusal } from '../model/refusal';
import { removeName } from '../naming/names';
import { resolve } from '../resolve/path';
import { refuseRemoval } from '../resolve/permission';
import { refuseByFlags } from '../status/flags';
import type { Chunk, FileOperationOf } from '../wire/operations';
import { refuseChange, refuseReading } from './access';
import { blocksOf, contentChanged } from './change';
import {
  changeChunks,
  CHUNKS_OF_FILE_MAX,
  chunksOf,
  countOfChunks,
  lastIndexOf,
} from './chunk-map';
import { piecesOf, writePieces, type Piece } from './pieces';

type Source = Target & { readonly place: Place };

/** What comes to the target: chunks with their new indexes, or bytes with their new places; never both. */
interface Addition {
  readonly chunks: readonly Chunk[];
  readonly pieces: readonly Piece[];
  /** Of the target afterwards. */
  readonly size: number;
}

/**
 * HDFS `concat`: what is in the sources is appended to the target in their order, and the sources go. The indexes of a
 * source's chunks follow the last one before them, with the holes between them; sizes add up. All have chunk maps, or all
 * their content here. A source with several names would be missed under the others, so it is refused.
 */
export function concat(
  tree: FileTree,
  call: Call,
  { to, from }: FileOperationOf<'concat'>,
): Inode | Refusal {
  const target = resolve(tree, call.caller, to, true);
  if (target instanceof Refusal) return target;
  const refusal = refuseChange(tree, call.caller, target);
  if (refusal !== undefined) return refusal;
  const sources = sourcesOf(tree, call, target.inode, from);
  if (sources instanceof Refusal) return sources;
  const addition = additionOf(tree, target.inode, sources);
  if (addition instanceof Refusal) return addition;
  // What goes makes room, in the same directory, for what comes.
  for (const { place, inode } of sources) removeName(tree, call, place, inode);
  return append(tree, call, target, addition);
}

function sourcesOf(
  tree: FileTree,
  call: Call,
  target: Inode,
  paths: FileOperationOf<'concat'>['from'],
): readonly Source[] | Refusal {
  const sources: Source[] = [];
  const met = new Set([target.ino]);
  for (const path of paths) {
    const found = resolve(tree, call.caller, path, false);
    if (found instanceof Refusal) return found;
    const { inode, place } = found;
    // A path that ends in no name leads to a directory.
    if (place === undefined) return new Refusal('EISDIR');
    const refusal =
      refuseReading(tree, call.caller, found) ??
      refuseRemoval(tree, call.caller, place.directory, inode, place.name) ??
      refuseByFlags(place.directory, inode, place.name);
    if (refusal !== undefined) return refusal;
    if (met.has(inode.ino) || inode.nlink > 1) return new Refusal('EINVAL', place.name);
    met.add(inode.ino);
    sources.push({ inode, place });
  }
  return sources.length === 0 ? new Refusal('EINVAL') : sources;
}

function additionOf(
  { extra }: FileTree,
  target: Inode,
  sources: readonly Source[],
): Addition | Refusal {
  const files = [target, ...sources.map(({ inode }) => inode)];
  const hasContent = files.some((file) => file.has('content'));
  if (hasContent && files.some((file) => file.has('chunks'))) return new Refusal('EINVAL');
  const chunkCount = files.reduce((sum, { ino }) => sum + countOfChunks(extra, ino), 0);
  const pieces: Piece[] = [];
  const chunks: Chunk[] = [];
  let { size } = target;
  let base = (lastIndexOf(extra, target.ino) ?? -1) + 1;
  if (chunkCount > CHUNKS_OF_FILE_MAX) return new Refusal('EFBIG', undefined, 'limit');
  for (const { inode } of sources) {
    for (const { offset, data } of piecesOf(extra, inode.ino))
      pieces.push({ offset: size + offset, data: data.slice() });
    for (const { index, data } of chunksOf(extra, inode.ino))
      chunks.push({ index: base + index, data: data.slice() });
    base = (chunks.at(-1)?.index ?? base - 1) + 1;
    size += inode.size;
    if (size > FILE_SIZE_MAX || base > FILE_SIZE_MAX) return new Refusal('EFBIG');
  }
  if (hasContent && size > CONTENT_MAX) return new Refusal('EFBIG', undefined, 'limit');
  return { chunks, pieces, size };
}

function append(
  tree: FileTree,
  call: Call,
  target: Target,
  { chunks, pieces, size }: Addition,
): Inode | Refusal {
  const { extra } = tree;
  const { inode } = target;
  const refusal = refuseLonger(tree, inode, size - inode.size);
  if (refusal !== undefined) return refusal;
  let { blocks } = inode;
  for (const { offset, data } of pieces) blocks += writePieces(extra, inode.ino, offset, data);
  const count = chunks.length === 0 ? 0 : changeChunks(extra, inode.ino, chunks, []);
  if (count > 0 || inode.has('chunks')) blocks = blocksOf(size);
  const marks = (pieces.length > 0 ? MARK.content : 0) | (count > 0 ? MARK.chunks : 0);
  return contentChanged(tree, call, target, { size, blocks, marks: inode.marksWith(marks) });
}
