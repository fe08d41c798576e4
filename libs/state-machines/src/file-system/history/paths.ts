import { key, readKeyU64, type ByteString } from '@lockstep/vr-core';
import { KIND } from '../model/extra-table';
import type { FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import type { Ino } from '../model/inode-type';

const ROOT = '/' as ByteString;

/** The paths that lead to each inode, some of which are missing, from the root of the volume. */
export function pathsOf(
  tree: FileTree,
  inodes: readonly (Inode | undefined)[],
): ReadonlyMap<Ino, readonly ByteString[]> {
  const paths = new Map<Ino, ByteString[]>();
  const nameless = new Map<Ino, Set<Ino>>();
  for (const inode of inodes) {
    if (inode === undefined) continue;
    if (inode.isDirectory) paths.set(inode.ino, present(tree.pathTo(inode)));
    else if (inode.has('links')) paths.set(inode.ino, Array.from(linkedPaths(tree, inode)));
    else if (inode.nlink > 0) setOf(nameless, inode.parent).add(inode.ino);
  }
  for (const [parent, wanted] of nameless) nameAll(tree, parent, wanted, paths);
  return paths;
}

function* linkedPaths(tree: FileTree, { ino }: Inode): Iterable<ByteString> {
  for (const [at] of tree.extra.list(ino, KIND.link)) {
    const directory = tree.inodes.find(readKeyU64(at, 0));
    const above = directory && tree.pathTo(directory);
    if (above !== undefined) yield pathIn(above, at.slice(8) as ByteString);
  }
}

/** A file does not know its name: one walk through the directory finds those of all that are wanted. */
function nameAll(
  tree: FileTree,
  parent: Ino,
  wanted: Set<Ino>,
  paths: Map<Ino, ByteString[]>,
): void {
  const directory = tree.inodes.find(parent);
  const above = directory && tree.pathTo(directory);
  if (above === undefined) return;
  for (const { name, ino } of tree.names.list(parent)) {
    if (!wanted.delete(ino)) continue;
    paths.set(ino, [pathIn(above, name)]);
    if (wanted.size === 0) return;
  }
}

const pathIn = (above: ByteString, name: ByteString): ByteString =>
  key(above, '/' as ByteString, name);

const present = (path: ByteString | undefined): ByteString[] =>
  path === undefined ? [] : [path === '' ? ROOT : path];

function setOf(sets: Map<Ino, Set<Ino>>, at: Ino): Set<Ino> {
  const found = sets.get(at) ?? new Set<Ino>();
  sets.set(at, found);
  return found;
}
