import type { ByteString } from '@lockstep/vr-core';
import { refuseGrowth } from '../accounting/growth';
import { weightOf, type Call, type FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import { LINK_MAX } from '../model/limits';
import type { Place } from '../model/place';
import { Refusal } from '../model/refusal';
import { resolveFree } from '../naming/create';
import { moveName } from '../naming/names';
import { refuseAccess, SEARCH, WRITE } from '../resolve/permission';
import { ownTrashed } from './own-trashed';
import { forgetTrashed } from './trash';
import { rowKey } from './trash-id';

/**
 * Brings back what is in the trash, with all that is below it, for who put it there: to `to`, or under the name it had
 * into the directory it was in, wherever that is now. Whoever restores must be able to make such a name, and it must
 * fit the quotas. What comes is `created`; watchers are told of its top alone.
 */
export function restore(
  tree: FileTree,
  call: Call,
  { id, to }: { readonly id: string; readonly to: ByteString | undefined },
): Inode | Refusal {
  const trashed = ownTrashed(tree, call.caller, id);
  if (trashed instanceof Refusal) return trashed;
  const { inode } = trashed;
  const place =
    to === undefined
      ? formerPlace(tree, call, rowKey(tree.volume.id, trashed.id))
      : resolveFree(tree, call, to, inode.isDirectory);
  if (place instanceof Refusal) return place;
  if (inode.isDirectory && place.directory.nlink >= LINK_MAX)
    return new Refusal('EMLINK', place.name);
  const refusal = refuseGrowth(tree, place.directory, weightOf(inode));
  if (refusal !== undefined) return refusal;
  forgetTrashed(tree, call, trashed);
  moveName(tree, call, inode, { from: trashed.place, to: place, replaced: undefined });
  return tree.inodes.get(inode.ino);
}

/** The directory is found by its number: it may have been moved. */
function formerPlace(tree: FileTree, call: Call, at: ByteString): Place | Refusal {
  const row = tree.tables.trash.get(at);
  const directory = row === undefined ? undefined : tree.inodes.find(row.parent);
  if (row === undefined || directory === undefined || !tree.isAttached(directory))
    return new Refusal('ENOENT', row?.name, 'detached');
  const { name } = row;
  if (tree.names.find(directory.ino, name) !== undefined) return new Refusal('EEXIST', name);
  return refuseAccess(tree, call.caller, directory, WRITE + SEARCH, name) ?? { directory, name };
}
