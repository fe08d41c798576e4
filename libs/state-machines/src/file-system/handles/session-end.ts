import type { ByteString, Session } from '@lockstep/vr-core';
import { clusterMs } from '@lockstep/vr-core';
import { dropLocks, firstLocked } from '../advisory/lock-table';
import { FileTree } from '../model/file-tree';
import { TIMER, type Hook } from '../model/hook';
import { keyOfSession } from '../model/session-key';
import type { FileTables } from '../model/tables';
import { UNTOUCHED_MAIN } from '../model/volume';
import { findVolume } from '../volumes/find-volume';
import { closeHandle } from './close';
import { firstHandle } from './handle-table';

/** Handles and locked files that one step clears away; the rest follows in the next Ticks. (decision 20) */
const ROWS_PER_STEP = 250;

/** A Tick that has done so much has many sessions to end: it leaves what they had open for later. */
const MANY_UNITS = 250;

/**
 * What a session has open is closed with it, and what it has locked is free. Until all is cleared away nobody can use
 * its handles, as no request can name it, and its locks are in nobody's way.
 */
export function endOpenFiles(hook: Hook, session: Session): void {
  const key = keyOfSession(session);
  const isOneOfMany = session.ended === 'expired' && hook.context.charge(0) > MANY_UNITS;
  if (isOneOfMany && hasAny(hook.tables, key)) putOff(hook, key);
  else goOnEnding(hook, key);
}

/** One step, and the next when there is more to do. */
export function goOnEnding(hook: Hook, session: ByteString): void {
  for (let left = ROWS_PER_STEP; left > 0; left -= 1) {
    if (!endNext(hook, session)) return;
    hook.context.charge(1);
  }
  if (hasAny(hook.tables, session)) putOff(hook, session);
}

/** False when nothing is left. Handles go first: most locks go with them. */
function endNext({ tables }: Hook, session: ByteString): boolean {
  const entry = firstHandle(tables, session);
  if (entry !== undefined) {
    closeHandle(treeOf(tables, entry.handle.volume), entry);
    return true;
  }
  const ino = firstLocked(tables, session);
  if (ino === undefined) return false;
  // Locks know nothing of volumes.
  const tree = new FileTree(tables, UNTOUCHED_MAIN);
  dropLocks(tree, tree.inodes.get(ino), session, ['flock', 'plock']);
  return true;
}

/** Of a volume that was dropped only inodes are left, which are freed in any. */
const treeOf = (tables: FileTables, volume: string): FileTree =>
  new FileTree(tables, findVolume(tables, volume) ?? UNTOUCHED_MAIN);

const hasAny = (tables: FileTables, session: ByteString): boolean =>
  firstHandle(tables, session) !== undefined || firstLocked(tables, session) !== undefined;

function putOff({ context }: Hook, session: ByteString): void {
  context.timers.set((TIMER.openFiles + session) as ByteString, clusterMs(context.clusterMs));
}
