import type { ByteString } from '@lockstep/vr-core';
import type { Call, FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import type { Place } from '../model/place';
import { Refusal } from '../model/refusal';
import { detachName, removeName } from '../naming/names';
import { NAMELESS_DIRECTORY, resolveEntry } from '../naming/remove';
import {
  actsAsOwner,
  READ,
  refuseAccess,
  refuseRemoval,
  SEARCH,
  WRITE,
} from '../resolve/permission';
import { refuseByFlags } from '../status/flags';
import { queuePurge } from './purge';
import { putInTrash } from './trash';

export interface RemoveArguments {
  readonly path: ByteString;
  /** Also what is below a directory. */
  readonly recursive: boolean;
  /** Keeps it for a while. */
  readonly trash: boolean;
}

/**
 * `remove` of C, `rm -r` in one operation, or a move to the trash: the name goes with all that is below, at once for
 * whoever looks, and in as many steps as the directory is deep. (files.md A3; apache/hadoop#3065)
 *
 * The caller must be able to take the name away as by unlink or rmdir. A directory that is not empty he must own, or
 * have all permissions on; root passes. What is below it is not asked, nor for its flags: that would take a walk, and whoever owns a
 * directory may empty it. So he can take away what `rm -r` could not, as in HDFS without sub-access checks.
 */
export function remove(
  tree: FileTree,
  call: Call,
  { path, recursive, trash }: RemoveArguments,
): Refusal | undefined {
  const found = resolveEntry(tree, call, path, NAMELESS_DIRECTORY);
  if (found instanceof Refusal) return found;
  const { directory, last, victim } = found;
  if (last.slash && !victim.isDirectory) return new Refusal('ENOTDIR', last.name);
  const refusal =
    refuseRemoval(tree, call.caller, directory, victim, last.name) ??
    refuseByFlags(directory, victim, last.name) ??
    refuseTree(tree, call, victim, last.name, recursive);
  if (refusal !== undefined) return refusal;
  const place = { directory, name: last.name };
  // What goes with a session is not kept beyond it.
  if (trash && !victim.has('ephemeral')) putInTrash(tree, call, place, victim);
  else takeAway(tree, call, place, victim);
  return undefined;
}

/** A name goes with what is below it. */
export function takeAway(tree: FileTree, call: Call, place: Place, inode: Inode): void {
  if (!inode.isDirectory || inode.size === 0) return removeName(tree, call, place, inode);
  queuePurge(tree, call, detachName(tree, call, place, inode));
}

function refuseTree(
  tree: FileTree,
  call: Call,
  victim: Inode,
  name: ByteString,
  recursive: boolean,
): Refusal | undefined {
  if (!victim.isDirectory || victim.size === 0) return undefined;
  if (!recursive) return new Refusal('ENOTEMPTY', name);
  if (actsAsOwner(call.caller, victim)) return undefined;
  return refuseAccess(tree, call.caller, victim, READ + WRITE + SEARCH, name);
}
