import type { ByteString } from '@lockstep/vr-core';
import type { FileTree } from '../model/file-tree';
import type { Inode, Usage } from '../model/inode';
import { Refusal } from '../model/refusal';
import { directoriesOf } from '../naming/names';
import { quotaOf } from './quota';

/** One more name of something without bytes of its own. */
export const ONE_NAME: Usage = { files: 1, directories: 0, bytes: 0 };

/**
 * What comes to a directory must fit the quotas there and above: EDQUOT, with the name of the directory whose quota it
 * is. Only what grows is refused, so that a quota below what is used already is kept to from then on. As many steps as
 * the directory is deep; `extra` is read where a quota is. (files.md N3)
 */
export function refuseGrowth(tree: FileTree, directory: Inode, delta: Usage): Refusal | undefined {
  for (const above of tree.upward(directory)) {
    const refusal = above.has('quota') ? refuseAt(tree, above, delta) : undefined;
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/**
 * What moves from one directory to another: those above both have it before and after. `delta` is what comes to `to`,
 * less what it replaces there. (juicefs#6714; apache/hadoop#2964)
 */
export function refuseArrival(
  tree: FileTree,
  from: Inode,
  to: Inode,
  delta: Usage,
): Refusal | undefined {
  for (const above of tree.upward(to)) {
    const refusal = above.has('quota') ? refuseAt(tree, above, delta) : undefined;
    // Everything above a directory that is above both is so too.
    if (refusal !== undefined) return tree.isWithin(from, above.ino) ? undefined : refusal;
  }
  return undefined;
}

/** A file that becomes longer does so under each name of its. */
export function refuseLonger(tree: FileTree, file: Inode, bytes: number): Refusal | undefined {
  if (bytes <= 0) return undefined;
  // How often a directory with a quota is above it, so far: the last name there brings the whole.
  const times = new Map<number, number>();
  for (const parent of directoriesOf(tree, file))
    for (const above of tree.upward(tree.inodes.get(parent))) {
      if (!above.has('quota')) continue;
      const time = (times.get(above.ino) ?? 0) + 1;
      times.set(above.ino, time);
      const refusal = refuseAt(tree, above, { files: 0, directories: 0, bytes: time * bytes });
      if (refusal !== undefined) return refusal;
    }
  return undefined;
}

function refuseAt(tree: FileTree, directory: Inode, delta: Usage): Refusal | undefined {
  const { inodes, bytes } = quotaOf(tree, directory);
  const { usage } = directory;
  const names = delta.files + delta.directories;
  if (exceeds(usage.files + usage.directories, names, inodes))
    return new Refusal('EDQUOT', nameOf(tree, directory), 'quota-inodes');
  if (exceeds(usage.bytes, delta.bytes, bytes))
    return new Refusal('EDQUOT', nameOf(tree, directory), 'quota-bytes');
  return undefined;
}

const exceeds = (used: number, more: number, max: number): boolean =>
  max !== 0 && more > 0 && used + more > max;

const nameOf = (tree: FileTree, { ino }: Inode): ByteString =>
  tree.names.ownName(ino) ?? ('/' as ByteString);
