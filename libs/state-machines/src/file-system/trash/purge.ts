import { storeOf, type InodeStore } from '../model/inode-store';
import { key, keyU32, keyU64, readKeyU32, type ByteString } from '@lockstep/vr-core';
import { isForgotten } from '../history/forgotten';
import { recorded } from '../history/recorded';
import { nextNumber } from '../model/counter';
import { lessOf, weightOf, type Call, type FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import { ownCall } from '../model/own-call';
import type { Purge } from '../model/purge';
import type { Hook } from '../model/hook';
import { dropName, lastNameGone, type Stamp } from '../naming/names';
import { findVolumeOf } from '../volumes/find-volume';
import { purgeTimer } from './timer-keys';

/** Inodes that one step takes away; a Tick makes as many steps as it has time for. (decision 20) */
const INODES_PER_STEP = 64;

const LAST_NUMBER = 'lastPurge' as ByteString;

/** What is in a directory that has been taken out of the tree goes in steps, oldest first. */
export function queuePurge({ tables }: FileTree, call: Call, root: Inode): void {
  const { files, directories } = weightOf(root);
  const at = nextNumber(tables.counters, LAST_NUMBER, 1);
  tables.purges.put(key(keyU32(root.volume), keyU64(at)), {
    op: call.opNumber,
    root: root.ino,
    at: root.ino,
    names: files + directories,
  });
  armPurge(call.context, root.volume);
}

/** Names that are gone for who looks, and not from the tables yet. */
export function namesLeft({ tables, volume }: FileTree): number {
  let left = 0;
  for (const [, { names }] of tables.purges.in(keyU32(volume.id))) left += names;
  return left;
}

/** Purging goes on as soon as it may: with the next Tick. */
function armPurge({ timers, clusterMs }: Hook['context'], volume: number): void {
  timers.set(purgeTimer(volume), clusterMs);
}

/** One step. `volumeKey` is the volume's number; the volume itself may be gone. */
export function goOnPurging({ tables, context }: Hook, volumeKey: ByteString): void {
  const number = readKeyU32(volumeKey, 0);
  const volume = findVolumeOf(tables, number);
  const plain = storeOf(tables);
  const left =
    volume === undefined
      ? purgeStep({ plain, recorded: plain }, context, volumeKey)
      : recorded(tables, volume, context, (tree) =>
          purgeStep({ plain, recorded: tree }, context, volumeKey),
        );
  context.charge(INODES_PER_STEP - left);
  if (left <= 0) armPurge(context, number);
}

/**
 * What is nowhere in the tree, nor was in any state that can still be read, goes without a trace in the history; what
 * has another name elsewhere is changed as by anybody else.
 */
interface Stores {
  readonly plain: InodeStore;
  readonly recorded: InodeStore;
}

/** Gives how many inodes more the step might have taken away. */
function purgeStep(stores: Stores, context: Hook['context'], volumeKey: ByteString): number {
  const { tables } = stores.plain;
  const stamp = ownCall(context);
  let left = INODES_PER_STEP;
  while (left > 0) {
    const first = tables.purges.firstIn(volumeKey);
    // What was taken away later can be read of for longer: whoever forgets it arms the purge again.
    if (first === undefined) break;
    const [at, row] = first;
    if (!isForgotten(tables, readKeyU32(volumeKey, 0), row.op)) break;
    const { now, steps } = purgeSome(stores, stamp, row, left);
    if (now === undefined) tables.purges.delete(at);
    else tables.purges.put(at, now);
    left -= steps;
  }
  return left;
}

function purgeSome(
  stores: Stores,
  stamp: Stamp,
  purge: Purge,
  most: number,
): { readonly now: Purge | undefined; readonly steps: number } {
  let now: Purge | undefined = purge;
  let steps = 0;
  for (; steps < most && now !== undefined; steps += 1) now = purgeNext(stores, stamp, now);
  return { now, steps };
}

/**
 * The first name in the directory goes, or, of a directory, is gone into; one that is empty goes from the directory
 * above. So there is one place to go on from, however deep or wide the tree is.
 */
function purgeNext(stores: Stores, stamp: Stamp, purge: Purge): Purge | undefined {
  const { plain: store } = stores;
  const directory = store.inodes.get(purge.at);
  const [entry] = store.names.list(directory.ino);
  if (entry === undefined) return purgeEmpty(store, stamp, purge, directory);
  const inode = store.inodes.get(entry.ino);
  if (inode.isDirectory) return { ...purge, at: inode.ino };
  const place = { directory, name: entry.name };
  dropName(inode.has('links') ? stores.recorded : store, stamp, place, inode);
  return { ...purge, names: purge.names - 1 };
}

function purgeEmpty(
  store: InodeStore,
  stamp: Stamp,
  purge: Purge,
  directory: Inode,
): Purge | undefined {
  // Who has it open still sees it.
  const empty = store.inodes.change(directory, { size: 0 });
  const now = store.inodes.addUsage(empty, lessOf(empty.usage));
  if (now.ino === purge.root) {
    lastNameGone(store, stamp, now);
    return undefined;
  }
  const parent = store.inodes.get(now.parent);
  const name = store.names.ownName(now.ino);
  if (name === undefined) throw new Error(`a directory in another has a name: inode ${now.ino}`);
  dropName(store, stamp, { directory: parent, name }, now);
  return { ...purge, at: parent.ino, names: purge.names - 1 };
}
