import { clusterMs, type ApplyContext } from '@lockstep/vr-core';
import { FileTree } from '../model/file-tree';
import { NO_INO } from '../model/inode-type';
import type { FileTables } from '../model/tables';
import type { Volume } from '../model/volume';
import { wakePurge } from './forgotten';
import { changeHistory, NOTHING_KEPT, readHistory } from './history-record';
import { recordedTables } from './recorded-tables';
import { Recorder } from './recorder';
import { refreshSnapshots } from './snapshots';
import { historyTimer } from './timer-key';
import { hasWindow, trimAfter } from './window';

/**
 * Changes a volume so that it can still be read as it was: everything that changes one goes through here. What it
 * replaces is kept as long as the volume keeps anything, and images that are too old go: twice as many as came, and 2.
 */
export function recorded<R>(
  tables: FileTables,
  volume: Volume,
  context: ApplyContext,
  change: (tree: FileTree) => R,
): R {
  const recorder = recorderOf(tables, volume, context);
  const seen = recorder === undefined ? tables : recordedTables(tables, recorder);
  const tree = new FileTree(seen, volume, context.clusterMs);
  const result = change(tree);
  const made = recorder?.finish() ?? 0;
  if (made > 0 && trimAfter(tables, volume, context, made) > 0)
    wakePurge(tables, volume.id, context);
  refreshSnapshots(tables, volume, context.opNumber);
  // Other limits of the past, or none any more: what is too old by them goes with the next Tick.
  if (tree.volume !== volume && volume.root !== NO_INO)
    context.timers.set(historyTimer(volume), clusterMs(context.clusterMs));
  return result;
}

/** Undefined: nothing is kept of the volume. */
function recorderOf(
  tables: FileTables,
  volume: Volume,
  context: ApplyContext,
): Recorder | undefined {
  if (volume.root === NO_INO) return undefined;
  const history = readHistory(tables.histories, volume.id);
  if (hasWindow(volume) || (history !== undefined && history.snapshots > 0))
    return new Recorder(tables, volume, context, history);
  if (history?.floor !== NOTHING_KEPT)
    changeHistory(tables.histories, volume.id, { floor: NOTHING_KEPT });
  return undefined;
}
