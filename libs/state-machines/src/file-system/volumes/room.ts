import type { FileTree } from '../model/file-tree';
import { Refusal } from '../model/refusal';
import { spaceOf, type Space } from '../model/space';
import type { FileChange } from '../wire/operations';

type Kinds = ReadonlySet<FileChange['kind']>;

/** What takes names away is for him who has no room left, also where it needs some for itself. */
const MAKES_ROOM: Kinds = new Set([
  'unlink',
  'rmdir',
  'remove',
  'discard',
  'definevolume',
  'dropvolume',
] as const);

/** What may add bytes: their sums are to stay exact, in a volume without limits as well. */
const ADDS_BYTES: Kinds = new Set([
  'link',
  'truncate',
  'write',
  'setchunks',
  'concat',
  'clone',
  'restore',
] as const);
const BYTES_MAX = Number.MAX_SAFE_INTEGER;

/** Whether an operation may need room that the volume has not. */
export function mayOverflow({ volume }: FileTree, kind: FileChange['kind']): boolean {
  const isLimited = volume.inodesMax !== 0 || volume.bytesMax !== 0;
  return isLimited ? !MAKES_ROOM.has(kind) : ADDS_BYTES.has(kind);
}

export const spaceHeld = (tree: FileTree): Space => spaceOf(tree.tables.space, tree.volume.id);

/**
 * Refuses an operation that has been done and has taken more room than there was, so that it is undone: what everything
 * has become in the end is exact, whichever way it came about. `before` is what the volume held. (files.md N9)
 */
export function refuseOverflow(tree: FileTree, before: Space): Refusal | undefined {
  const { inodesMax, bytesMax } = tree.volume;
  const now = spaceHeld(tree);
  if (now.inodes > before.inodes && isOver(now.inodes, inodesMax))
    return new Refusal('ENOSPC', undefined, 'volume-inodes');
  const isOverLimit = now.bytes > before.bytes && isOver(now.bytes, bytesMax);
  // Who has two names counts twice for the directories above.
  const isInexact = now.bytes > BYTES_MAX || tree.root.usage.bytes > BYTES_MAX;
  return isOverLimit || isInexact ? new Refusal('ENOSPC', undefined, 'volume-bytes') : undefined;
}

/** Of a limit, 0 is none. */
const isOver = (held: number, most: number): boolean => most !== 0 && held > most;
