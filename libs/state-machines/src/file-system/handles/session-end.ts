import { storeOf, type InodeStore } from '../model/inode-store';
import type { ByteString, Session } from '@lockstep/vr-core';
import { clusterMs } from '@lockstep/vr-core';
import { dropLocks, firstLocked } from '../advisory/lock-table';
import { recorded } from '../history/recorded';
import { TIMER, type Hook } from '../model/hook';
import type { Ino } from '../model/inode-type';
import { keyOfSession } from '../model/session-key';
import type { FileTables } from '../model/tables';
import type { Volume } from '../model/volume';
import { findVolumeOf } from '../volumes/find-volume';
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
  const store = storeOf(hook.tables);
  for (let left = ROWS_PER_STEP; left > 0; left -= 1) {
    if (!endNext(store, hook, session)) return;
    hook.context.charge(1);
  }
  if (hasAny(hook.tables, session)) putOff(hook, session);
}

/** False when nothing is left. Handles go first: most locks go with them. */
function endNext(store: InodeStore, { context }: Hook, session: ByteString): boolean {
  const { tables, inodes } = store;
  const entry = firstHandle(tables, session);
  if (entry !== undefined) {
    const volume = volumeOf(store, entry.handle.ino);
    if (volume === undefined) closeHandle(store, entry);
    else
      recorded(tables, volume, context, (tree) => {
        closeHandle(tree, entry);
      });
    return true;
  }
  const ino = firstLocked(tables, session);
  if (ino === undefined) return false;
  dropLocks(store, inodes.get(ino), session, ['flock', 'plock']);
  return true;
}

function volumeOf({ tables, inodes }: InodeStore, ino: Ino): Volume | undefined {
  const inode = inodes.find(ino);
  return inode && findVolumeOf(tables, inode.volume);
}

const hasAny = (tables: FileTables, session: ByteString): boolean =>
  firstHandle(tables, session) !== undefined || firstLocked(tables, session) !== undefined;

function putOff({ context }: Hook, session: ByteString): void {
  context.timers.set((TIMER.openFiles + session) as ByteString, clusterMs(context.clusterMs));
}
