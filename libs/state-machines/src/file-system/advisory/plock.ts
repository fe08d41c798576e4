import type { Call, FileTree } from '../model/file-tree';
import { Refusal } from '../model/refusal';
import { findTarget } from '../resolve/target';
import type { FileOperationOf } from '../wire/operations';
import { bytesOf, LOCKS_MAX, obstacle, ownerOf } from './conflict';
import { isOwnedBy, locksOn, replaceLocks, type AdvisoryLock } from './lock-table';
import { refuseLocking } from './permission';
import { withoutBytes, withRange } from './range';

/**
 * POSIX `fcntl` with F_SETLK: a range of bytes, for reading by many or for writing by one. An owner's own ranges are never
 * in its way: the new one takes the place of what it has locked of these bytes. Any range goes when the session closes
 * any handle of the file.
 */
export function plock(
  tree: FileTree,
  call: Call,
  { object, owner: name, mode, start, length }: FileOperationOf<'plock'>,
): Refusal | undefined {
  const owner = ownerOf(call, name);
  if (owner instanceof Refusal) return owner;
  const bytes = bytesOf(start, length);
  if (bytes === undefined) return new Refusal('EINVAL');
  const target = findTarget(tree, call, object);
  if (target instanceof Refusal) return target;
  const { inode } = target;
  const refusal = refuseLocking(tree, call.caller, target, mode === 'unlock' ? 'any' : mode);
  if (refusal !== undefined) return refusal;
  const locks = Array.from(locksOn(tree.tables, inode.ino));
  const range: AdvisoryLock = { kind: 'plock', ...bytes, exclusive: mode === 'write', ...owner };
  if (mode !== 'unlock' && obstacle(call.context, locks, range, owner) !== undefined)
    return new Refusal('EAGAIN', undefined, 'held');
  const before = locks.filter((lock) => lock.kind === 'plock' && isOwnedBy(lock, owner));
  const after = mode === 'unlock' ? withoutBytes(before, bytes) : withRange(before, range);
  // To give up the middle of a range makes two of it.
  if (after.length > before.length && locks.length - before.length + after.length > LOCKS_MAX)
    return new Refusal('ENOLCK', undefined, 'limit');
  if (before.length + after.length > 0) replaceLocks(tree, inode, before, after);
  return undefined;
}
