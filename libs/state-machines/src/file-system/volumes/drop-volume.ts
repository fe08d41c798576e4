import type { Call, FileTree } from '../model/file-tree';
import { Refusal } from '../model/refusal';
import { spaceOf } from '../model/space';
import { MAIN_VOLUME } from '../model/volume';
import { freeInode } from '../naming/names';
import { isRoot } from '../resolve/permission';
import { NO_INO } from '../model/inode-type';
import { forgetVolume } from './find-volume';

/** Takes away a volume that holds nothing any more but its root. `main` stays. */
export function dropVolume(tree: FileTree, call: Call): Refusal | undefined {
  const { volume } = tree;
  if (!isRoot(call.caller)) return new Refusal('EPERM', undefined, 'not-root');
  if (volume.name === MAIN_VOLUME) return new Refusal('EBUSY');
  if (spaceOf(tree.tables.space, volume.id).inodes > 1) return new Refusal('EBUSY');
  freeInode(tree, tree.root);
  tree.tables.space.free(volume.id);
  forgetVolume(tree.tables, volume.name);
  tree.volume = { ...volume, root: NO_INO };
  return undefined;
}
