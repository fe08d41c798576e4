import type { FileTree } from '../model/file-tree';
import { Refusal } from '../model/refusal';
import { findTarget, type Looking } from '../resolve/target';
import type { FileOperationOf } from '../wire/operations';
import type { FileResult } from '../wire/outcomes';
import { refuseReading } from './access';
import { readPieces } from './pieces';

/** POSIX `pread`: fewer bytes than asked for at the end of the file, and zeros where nothing was written. */
export function read(
  tree: FileTree,
  looking: Looking,
  { object, offset, length }: FileOperationOf<'read'>,
): FileResult | Refusal {
  const target = findTarget(tree, looking, object);
  if (target instanceof Refusal) return target;
  const { inode } = target;
  const refusal = refuseReading(tree, looking.caller, target);
  if (refusal !== undefined) return refusal;
  // The bytes of a file with a chunk map are in another store.
  if (inode.has('chunks')) return new Refusal('EINVAL');
  const there = Math.max(0, Math.min(length, inode.size - offset));
  return { kind: 'data', data: readPieces(tree.extra, inode.ino, offset, there) };
}
