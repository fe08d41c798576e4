import { readKeyU64, type ByteString } from '@lockstep/vr-core';
import { recorded } from '../history/recorded';
import { KIND } from '../model/extra-table';
import { FileTree, type Call } from '../model/file-tree';
import type { Hook } from '../model/hook';
import type { Inode } from '../model/inode';
import { ownCall } from '../model/own-call';
import type { Place } from '../model/place';
import { removeName } from '../naming/names';
import { findVolume } from '../volumes/find-volume';
import type { Due } from './transients';

/** The volume of what goes by itself and the inode; undefined when either has gone already. */
export function findTransient(
  { tables, context }: Hook,
  { volume: name, ino }: Due,
): { readonly tree: FileTree; readonly inode: Inode } | undefined {
  const volume = findVolume(tables, name);
  if (volume === undefined) return undefined;
  const tree = new FileTree(tables, volume, context.clusterMs);
  const inode = tree.inodes.find(ino);
  return inode === undefined || inode.volume !== volume.id ? undefined : { tree, inode };
}

/**
 * Takes away every name of an inode that leads to it from the root, or from what is in the trash when `alsoTrash`. What is
 * being purged goes with the purge.
 */
export function takeAway(
  { volume }: FileTree,
  { tables, context }: Hook,
  inode: Inode,
  alsoTrash: boolean,
): void {
  recorded(tables, volume, context, (tree) => {
    takeNames(tree, ownCall(context), inode, alsoTrash);
  });
}

function takeNames(tree: FileTree, call: Call, inode: Inode, alsoTrash: boolean): void {
  const tops = alsoTrash ? [tree.volume.root, tree.volume.trash] : [tree.volume.root];
  for (const place of Array.from(placesOf(tree, inode))) {
    if (!tops.includes(topOf(tree, place.directory))) continue;
    // With each name the inode becomes another.
    removeName(tree, call, place, tree.inodes.get(inode.ino));
  }
}

/** All names of an inode that goes by itself are written down. */
function* placesOf(tree: FileTree, inode: Inode): Iterable<Place> {
  if (inode.isDirectory) {
    const name = tree.names.ownName(inode.ino);
    if (name !== undefined) yield { directory: tree.inodes.get(inode.parent), name };
    return;
  }
  if (inode.nlink === 0) return;
  for (const [at] of tree.extra.list(inode.ino, KIND.link))
    yield { directory: tree.inodes.get(readKeyU64(at, 0)), name: at.slice(8) as ByteString };
}

function topOf(tree: FileTree, directory: Inode): number {
  let top = directory.ino;
  for (const { ino } of tree.upward(directory)) top = ino;
  return top;
}
