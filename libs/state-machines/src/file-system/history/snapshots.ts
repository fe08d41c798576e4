import { clusterMs, keyU32, utf8Encode, key } from '@lockstep/vr-core';
import type { Call, FileTree } from '../model/file-tree';
import { NO_INO } from '../model/inode-type';
import { InodeTable, nextIno } from '../model/inode-table';
import { SNAPSHOTS_MAX } from '../model/limits';
import { Refusal } from '../model/refusal';
import type { FileTables } from '../model/tables';
import type { Volume } from '../model/volume';
import { actsAsOwner } from '../resolve/permission';
import type { FileResult } from '../wire/outcomes';
import { changeHistory, readHistory, snapshotOpOf } from './history-record';
import { queueRelease } from './release';
import type { Snapshot } from './snapshot-row';
import {
  deleteSnapshot,
  findSnapshot,
  putSnapshot,
  snapshotFrom,
  snapshotsOfOp,
} from './snapshot-table';
import { historyTimer } from './timer-key';
import { firstFloor } from './window';

/**
 * Keeps the state of the whole volume as this op leaves it, under a name, until it is removed: no work now, and later as
 * much room as what is changed. (files.md A3)
 */
export function snapshot(tree: FileTree, call: Call, name: string): Refusal | undefined {
  const { tables, volume } = tree;
  const refusal = refuseManaging(tree, call);
  if (refusal !== undefined) return refusal;
  if (findSnapshot(tables, volume.id, name) !== undefined)
    return new Refusal('EEXIST', utf8Encode(name));
  const history = readHistory(tables.histories, volume.id);
  const count = history?.snapshots ?? 0;
  if (count >= SNAPSHOTS_MAX) return new Refusal('ENOSPC', undefined, 'limit');
  const { opNumber, context } = call;
  putSnapshot(tables, volume.id, {
    name,
    op: opNumber,
    atMs: context.clusterMs,
    ...stateNow(tables, volume),
  });
  const floor = history === undefined ? firstFloor(tables, volume) : history.floor;
  changeHistory(tables.histories, volume.id, { floor, snapshots: count + 1, snapshotOp: opNumber });
  return undefined;
}

/** What only this snapshot was made of goes in steps. */
export function removeSnapshot(tree: FileTree, call: Call, name: string): Refusal | undefined {
  const { tables, volume } = tree;
  const found = findManaged(tree, call, name);
  if (found instanceof Refusal) return found;
  const history = readHistory(tables.histories, volume.id);
  if (history === undefined) throw new Error('a volume with a snapshot has a history');
  deleteSnapshot(tables, volume.id, found);
  changeHistory(tables.histories, volume.id, { snapshots: history.snapshots - 1 });
  const upTo = Math.min(snapshotFrom(tables, volume.id, found.op) ?? history.floor, history.floor);
  queueRelease(tables, volume.id, { after: found.op, upTo });
  call.context.timers.set(historyTimer(volume), clusterMs(call.context.clusterMs));
  return undefined;
}

export function renameSnapshot(
  tree: FileTree,
  call: Call,
  { from, to }: { readonly from: string; readonly to: string },
): Refusal | undefined {
  const { tables, volume } = tree;
  const found = findManaged(tree, call, from);
  if (found instanceof Refusal) return found;
  if (from === to) return undefined;
  if (findSnapshot(tables, volume.id, to) !== undefined)
    return new Refusal('EEXIST', utf8Encode(to));
  deleteSnapshot(tables, volume.id, found);
  putSnapshot(tables, volume.id, { ...found, name: to });
  return undefined;
}

/** In bytewise order of their names. */
export function listSnapshots(
  { tables, volume }: FileTree,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): FileResult {
  const prefix = keyU32(volume.id);
  // No name starts with a zero byte behind the last.
  const from = after === undefined ? prefix : key(prefix, utf8Encode(`${after}\0`));
  const snapshots: Omit<Snapshot, 'births'>[] = [];
  for (const [, { name, op, atMs, usage }] of tables.snapshots.in(prefix, from)) {
    if (snapshots.length === limit)
      return { kind: 'snapshots', snapshots, next: snapshots.at(-1)?.name };
    snapshots.push({ name, op, atMs, usage });
  }
  return { kind: 'snapshots', snapshots, next: undefined };
}

/** Snapshots show what the whole op has left, so also what requests of the same op do after they were made. */
export function refreshSnapshots(tables: FileTables, volume: Volume, op: number): void {
  // A volume that was not there is counted as the first, and has no root.
  if (volume.root === NO_INO) return;
  if (snapshotOpOf(tables.histories, volume.id) !== op) return;
  for (const row of snapshotsOfOp(tables, volume.id, op))
    putSnapshot(tables, volume.id, { ...row, ...stateNow(tables, volume) });
}

function stateNow(tables: FileTables, { root }: Volume): Pick<Snapshot, 'usage' | 'births'> {
  const { usage } = new InodeTable(tables).get(root);
  return { usage, births: nextIno(tables.counters) };
}

function findManaged(tree: FileTree, call: Call, name: string): Snapshot | Refusal {
  const refusal = refuseManaging(tree, call);
  if (refusal !== undefined) return refusal;
  const found = findSnapshot(tree.tables, tree.volume.id, name);
  return found ?? new Refusal('ENOENT', utf8Encode(name), 'no-snapshot');
}

/** Snapshots are for root and for who owns the root of the volume. */
function refuseManaging(tree: FileTree, { caller }: Call): Refusal | undefined {
  return actsAsOwner(caller, tree.root) ? undefined : new Refusal('EPERM', undefined, 'not-owner');
}
