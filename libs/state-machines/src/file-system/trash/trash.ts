import { utf8Encode, type ByteString, type ClusterMs } from '@lockstep/vr-core';
import { nextNumber } from '../model/counter';
import type { Call, FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import { NO_DEVICE } from '../model/inode-type';
import type { Place } from '../model/place';
import type { Volume } from '../model/volume';
import { moveName } from '../naming/names';
import { findVolume, putVolume } from '../volumes/find-volume';
import { pathOf, publish } from '../watch/publish';
import { idOf, rowKey, type TrashId } from './trash-id';
import { trashTimer } from './timer-keys';

const LAST_NUMBER = 'lastTrash' as ByteString;

/** Something in the trash: an entry of the hidden directory, under its id. */
export interface Trashed {
  readonly id: TrashId;
  readonly place: Place;
  readonly inode: Inode;
}

/**
 * The name goes to the hidden directory of the volume, which is in no other: nothing there is found by a path, or
 * counts for a quota.
 */
export function putInTrash(tree: FileTree, call: Call, from: Place, inode: Inode): void {
  const { clusterMs, timers } = call.context;
  const number = nextNumber(tree.tables.counters, LAST_NUMBER, 1);
  const id = { uid: call.caller.uid, number };
  const { trashMs } = tree.volume;
  const row = {
    volume: tree.volume.name,
    path: pathOf(tree, from) ?? ('' as ByteString),
    parent: from.directory.ino,
    name: from.name,
    atMs: clusterMs,
    untilMs: trashMs === 0 ? 0 : clusterMs + trashMs,
  };
  tree.tables.trash.put(rowKey(tree.volume.id, id), row);
  if (row.untilMs !== 0)
    timers.set(trashTimer(rowKey(tree.volume.id, id)), row.untilMs as ClusterMs);
  publish(tree, call, { change: 'removed', inode, place: from });
  const to = { directory: hiddenDirectory(tree, call), name: utf8Encode(idOf(id)) };
  moveName(tree, call, inode, { from, to, replaced: undefined });
}

/** Undefined when there is nothing of that id. */
export function findTrashed(tree: FileTree, id: TrashId): Trashed | undefined {
  const { trash } = volumeNow(tree);
  const name = utf8Encode(idOf(id));
  const ino = trash === 0 ? undefined : tree.names.find(trash, name);
  if (ino === undefined) return undefined;
  return { id, place: { directory: tree.inodes.get(trash), name }, inode: tree.inodes.get(ino) };
}

/** It is in the trash no longer, wherever it goes. */
export function forgetTrashed(tree: FileTree, call: Call, { id }: Trashed): void {
  const at = rowKey(tree.volume.id, id);
  tree.tables.trash.delete(at);
  call.context.timers.cancel(trashTimer(at));
}

/** Made when it is first needed, in no directory: it is its own parent, as a root is. */
function hiddenDirectory(tree: FileTree, call: Call): Inode {
  const volume = volumeNow(tree);
  if (volume.trash !== 0) return tree.inodes.get(volume.trash);
  const made = tree.inodes.make({
    type: 'dir',
    mode: 0o700,
    nlink: 2,
    uid: 0,
    gid: 0,
    size: 0,
    rdev: NO_DEVICE,
    parent: 0,
    volume: volume.id,
    time: call.now,
    opNumber: call.opNumber,
  });
  putVolume(tree.tables, { ...volume, trash: made.ino });
  return tree.inodes.change(made, { parent: made.ino });
}

/** The volume as an earlier operation of the same request may have left it. */
function volumeNow({ tables, volume }: FileTree): Volume {
  return findVolume(tables, volume.name) ?? volume;
}
