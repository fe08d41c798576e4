import type { Hook } from '../model/hook';
import { readLifespan } from '../model/lifespan';
import { findTransient, takeAway } from './take-away';
import { armExpiry, firstExpiry, putExpiry, type Due } from './transients';

/** Inodes that one step looks at; the rest follows in the next Ticks. (decision 20) */
const INODES_PER_STEP = 100;

/** Something may have lived for its time after its last change. */
export function expire(hook: Hook): void {
  const { tables, context } = hook;
  for (let left = INODES_PER_STEP; left > 0; left -= 1) {
    const due = firstExpiry(tables, context.clusterMs);
    if (due === undefined) break;
    tables.expiries.delete(due.at);
    lookAt(hook, due);
    context.charge(1);
  }
  armExpiry(hook);
}

/**
 * What was changed since it was looked at last has more time. So has what is not empty, or in the trash: nothing there
 * can be due before its time after now is over.
 */
function lookAt(hook: Hook, due: Due): void {
  const found = findTransient(hook, due);
  if (found === undefined) return;
  const { tree, inode } = found;
  const span = readLifespan(tree.extra, inode.ino);
  if (span.kind !== 'ttl') return;
  const nowMs = hook.context.clusterMs;
  const endMs = span.changedMs + span.ttlMs;
  const later = (dueMs: number): void => putExpiry(hook, inode.ino, { ...span, dueMs }, due.volume);
  if (endMs > nowMs) return later(endMs);
  if (!inode.isDirectory || inode.size === 0) takeAway(tree, hook, inode, false);
  const left = tree.inodes.find(inode.ino);
  if (left !== undefined && left.nlink > 0) later(nowMs + span.ttlMs);
}
