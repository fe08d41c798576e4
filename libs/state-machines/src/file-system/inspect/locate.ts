import { readKeyU64, type ByteString } from '@lockstep/vr-core';
import { KIND } from '../model/extra-table';
import type { Caller, FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import { LISTING_MAX } from '../model/limits';
import type { Place } from '../model/place';
import { Confinement } from '../resolve/confinement';
import { pathOf } from '../watch/publish';

const ROOT = '/' as ByteString;
/** Bytes of a directory's number before the name, in what is kept of a link. */
const INO_BYTES = 8;

/**
 * The paths from the root of the volume that lead to an inode, in order of its directories' numbers and then by name, at
 * most `LISTING_MAX`: none when it is only open, or was taken away with a directory above. A directory knows its name
 * and what has several has them written down; for the only name of the rest its directory is searched.
 */
export function locate(tree: FileTree, inode: Inode, caller: Caller): readonly ByteString[] {
  if (inode.isDirectory) {
    const path = tree.pathTo(inode);
    return path === undefined ? [] : [path === '' ? ROOT : path];
  }
  const confinement = Confinement.of(tree, caller);
  const paths: ByteString[] = [];
  for (const place of placesOf(tree, inode)) {
    if (paths.length === LISTING_MAX) break;
    if (confinement?.knows(place.directory, inode) === false) continue;
    const path = pathOf(tree, place);
    if (path !== undefined) paths.push(path);
  }
  return paths;
}

function* placesOf(tree: FileTree, inode: Inode): Iterable<Place> {
  if (inode.has('links')) {
    for (const [at] of tree.extra.list(inode.ino, KIND.link)) {
      const directory = tree.inodes.find(readKeyU64(at, 0));
      // Of a directory that was taken away, a state of the past may not have kept anything.
      if (directory === undefined) continue;
      yield { directory, name: at.slice(INO_BYTES) as ByteString };
    }
    return;
  }
  if (inode.nlink === 0) return;
  const directory = tree.inodes.get(inode.parent);
  for (const { ino, name } of tree.names.list(directory.ino)) {
    if (ino !== inode.ino) continue;
    yield { directory, name };
    return;
  }
}
