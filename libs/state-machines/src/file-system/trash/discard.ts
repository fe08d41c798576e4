import type { ByteString } from '@lockstep/vr-core';
import { recorded } from '../history/recorded';
import type { Hook } from '../model/hook';
import type { Call, FileTree } from '../model/file-tree';
import { BATCH_MAX } from '../model/limits';
import { ownCall } from '../model/own-call';
import { Refusal } from '../model/refusal';
import { isRoot } from '../resolve/permission';
import { refuseReadOnly } from '../status/flags';
import { findVolume } from '../volumes/find-volume';
import { ownTrashed } from './own-trashed';
import { takeAway } from './remove';
import { findTrashed, forgetTrashed, type Trashed } from './trash';
import { idOfRow, rowsOf } from './trash-id';

/**
 * Takes away for good what is in the trash: that of the id, or everything the caller has there, root everything; then
 * at most `BATCH_MAX` at once, the oldest of each owner first, so that nobody waits for long: ask again while
 * `listtrash` tells of more.
 */
export function discard(tree: FileTree, call: Call, id: string | undefined): Refusal | undefined {
  const refusal = refuseReadOnly(tree);
  if (refusal !== undefined) return refusal;
  if (id !== undefined) {
    const trashed = ownTrashed(tree, call.caller, id);
    if (trashed instanceof Refusal) return trashed;
    discardOne(tree, call, trashed);
    return undefined;
  }
  const owner = isRoot(call.caller) ? undefined : call.caller.uid;
  const keys: ByteString[] = [];
  for (const [at] of tree.tables.trash.in(rowsOf(tree.volume.id, owner))) {
    if (keys.length === BATCH_MAX) break;
    keys.push(at);
  }
  for (const at of keys) discardRow(tree, call, at);
  return undefined;
}

/** It has been kept as long as was promised when it came. */
export function expireTrash({ tables, context }: Hook, at: ByteString): void {
  const row = tables.trash.get(at);
  const volume = row === undefined ? undefined : findVolume(tables, row.volume);
  if (volume === undefined) return tables.trash.delete(at);
  recorded(tables, volume, context, (tree) => {
    discardRow(tree, ownCall(context), at);
  });
}

function discardRow(tree: FileTree, call: Call, at: ByteString): void {
  const trashed = findTrashed(tree, idOfRow(at));
  if (trashed === undefined) return tree.tables.trash.delete(at);
  discardOne(tree, call, trashed);
}

function discardOne(tree: FileTree, call: Call, trashed: Trashed): void {
  forgetTrashed(tree, call, trashed);
  takeAway(tree, call, trashed.place, trashed.inode);
}
