import type { Call, FileTree } from '../model/file-tree';
import { Refusal } from '../model/refusal';
import { findTarget } from '../resolve/target';
import type { FileOperationOf } from '../wire/operations';
import { refuseLocking } from './permission';
import { LOCKS_MAX, obstacle, ownerOf, WHOLE } from './conflict';
import { isOwnedBy, locksOn, replaceLocks, type AdvisoryLock } from './lock-table';

/**
 * `flock` of BSD and Linux, with LOCK_NB: the whole file, shared or exclusive, and apart from the ranges of `fcntl`. The
 * owner is who is said, not an open file: it may change its mode, and keeps the one it has when the other is refused.
 */
export function flock(
  tree: FileTree,
  call: Call,
  { object, owner: name, mode }: FileOperationOf<'flock'>,
): Refusal | undefined {
  const owner = ownerOf(call, name);
  if (owner instanceof Refusal) return owner;
  const target = findTarget(tree, call, object);
  if (target instanceof Refusal) return target;
  const { inode } = target;
  const refusal = refuseLocking(tree, call.caller, target, 'any');
  if (refusal !== undefined) return refusal;
  const locks = Array.from(locksOn(tree.tables, inode.ino));
  const before = locks.filter((lock) => lock.kind === 'flock' && isOwnedBy(lock, owner));
  if (mode === 'unlock') {
    if (before.length > 0) replaceLocks(tree, inode, before, []);
    return undefined;
  }
  const exclusive = mode === 'exclusive';
  const lock: AdvisoryLock = { kind: 'flock', ...WHOLE, exclusive, ...owner };
  if (obstacle(call.context, locks, lock, owner) !== undefined)
    return new Refusal('EAGAIN', undefined, 'held');
  if (locks.length - before.length >= LOCKS_MAX) return new Refusal('ENOLCK', undefined, 'limit');
  replaceLocks(tree, inode, before, [lock]);
  return undefined;
}
