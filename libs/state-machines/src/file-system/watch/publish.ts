import { readKeyU64, type ByteString } from '@lockstep/vr-core';
import { KIND } from '../model/extra-table';
import type { Call, FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import type { Place } from '../model/place';
import { encodeFileChange, type FileChangeEvent } from './change';

/** What has happened, and where. */
export interface Happening {
  readonly change: FileChangeEvent['change'];
  /** As it is now. */
  readonly inode: Inode;
  /** The name by which it was met. */
  readonly place: Place | undefined;
  /** Of what has moved: where it was. */
  readonly from?: ByteString | undefined;
}

/** Tells watchers of a change, as the inode is now. What no path leads to any more is of no interest to them. */
export function publish(
  tree: FileTree,
  call: Call,
  { change, inode, place, from }: Happening,
): void {
  const path = place === undefined ? directoryOf(tree, inode) : pathOf(tree, place);
  if (path === undefined) return;
  const { ino, type, contentGen, metaGen } = inode;
  const named = place !== undefined || inode.isDirectory;
  const volume = tree.volume.name;
  const event = { volume, change, ino, type, path, named, from, contentGen, metaGen };
  call.context.events.publish(encodeFileChange(event));
}

export function pathOf(tree: FileTree, { directory, name }: Place): ByteString | undefined {
  const above = tree.pathTo(directory);
  return above === undefined ? undefined : (`${above}/${name}` as ByteString);
}

/** Of a directory its own path; of what has one name only that of its directory; of several an empty one. */
function directoryOf(tree: FileTree, inode: Inode): ByteString | undefined {
  if (inode.isDirectory) return tree.pathTo(inode);
  if (inode.has('links')) return isAnywhere(tree, inode) ? ('' as ByteString) : undefined;
  return inode.nlink === 0 ? undefined : tree.pathTo(tree.inodes.get(inode.parent));
}

/** Whether one name at least is in no directory that was taken away. */
function isAnywhere(tree: FileTree, { ino }: Inode): boolean {
  for (const [at] of tree.extra.list(ino, KIND.link))
    if (tree.isAttached(tree.inodes.get(readKeyU64(at, 0)))) return true;
  return false;
}
