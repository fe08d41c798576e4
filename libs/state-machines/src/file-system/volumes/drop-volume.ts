import { queuePurge } from '../trash/purge';
import type { Call, FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import { NO_INO } from '../model/inode-type';
import { BATCH_MAX } from '../model/limits';
import { Refusal } from '../model/refusal';
import { MAIN_VOLUME } from '../model/volume';
import { lastNameGone } from '../naming/names';
import { isRoot } from '../resolve/permission';
import { trashTimer } from '../trash/timer-keys';
import { rowsOf } from '../trash/trash-id';
import { findVolume, forgetVolume } from './find-volume';

/**
 * Takes away a volume with all that is in it, at once for who looks; its inodes are purged in steps, and its id never
 * comes again. `main` stays. What is in the trash has a row each: when there are more than one operation may take away,
 * they are discarded first.
 */
export function dropVolume(tree: FileTree, call: Call): Refusal | undefined {
  if (!isRoot(call.caller)) return new Refusal('EPERM', undefined, 'not-root');
  if (tree.volume.name === MAIN_VOLUME) return new Refusal('EBUSY');
  const rows = Array.from(tree.tables.trash.in(rowsOf(tree.volume.id)), ([row]) => row);
  if (rows.length > BATCH_MAX) return new Refusal('EBUSY', undefined, 'limit');
  for (const row of rows) {
    tree.tables.trash.delete(row);
    call.context.timers.cancel(trashTimer(row));
  }
  // An operation before may have given it a trash.
  const volume = findVolume(tree.tables, tree.volume.name) ?? tree.volume;
  for (const top of [volume.root, volume.trash])
    if (top !== NO_INO) takeAwayTree(tree, call, tree.inodes.get(top));
  forgetVolume(tree.tables, volume.name);
  tree.volume = { ...volume, root: NO_INO };
  return undefined;
}

function takeAwayTree(tree: FileTree, call: Call, top: Inode): void {
  if (top.size === 0) lastNameGone(tree, call, top);
  else queuePurge(tree, call, top);
}
