import type { InodeStore } from '../model/inode-store';
import { dropLocks } from '../advisory/lock-table';
import type { Call, FileTree } from '../model/file-tree';
import { MARK } from '../model/inode';
import { Refusal } from '../model/refusal';
import { keyOfSession } from '../model/session-key';
import { freeInode } from '../naming/names';
import { findTarget, handleNumberOf } from '../resolve/target';
import type { FileObject } from '../wire/arguments';
import { deleteHandle, firstHandle, isOpen, type HandleEntry } from './handle-table';

/** POSIX `close`. */
export function close(tree: FileTree, call: Call, object: FileObject): Refusal | undefined {
  if (object.kind === 'path' || object.kind === 'ino') return new Refusal('EINVAL');
  const target = findTarget(tree, call, object);
  if (target instanceof Refusal) return target;
  const number = handleNumberOf(call, object);
  const { handle } = target;
  if (number === undefined || handle === undefined)
    throw new Error('what was found by its handle has one');
  closeHandle(tree, { session: keyOfSession(call.session), number, handle });
  return undefined;
}

/** What a request without a session has opened ends with it. */
export function closeUnowned(store: InodeStore): void {
  const session = keyOfSession(undefined);
  for (;;) {
    const entry = firstHandle(store.tables, session);
    if (entry === undefined) return;
    closeHandle(store, entry);
  }
}

/**
 * The handle goes; with the last of an inode, the inode too when it has no name. As in POSIX, to close any handle of a
 * file gives up all byte ranges that the session, whoever its owners are, has locked of it. What `flock` has locked goes
 * with the session's last handle of the file, as with the last descriptor. (fcntl, flock(2))
 */
export function closeHandle(store: InodeStore, entry: HandleEntry): void {
  const { tables } = store;
  const { ino } = entry.handle;
  deleteHandle(tables, entry);
  const inode = store.inodes.find(ino);
  if (inode === undefined) return;
  if (inode.has('locks')) {
    const isLast = !isOpen(tables, ino, entry.session);
    dropLocks(store, inode, entry.session, isLast ? ['flock', 'plock'] : ['plock']);
  }
  if (isOpen(tables, ino)) return;
  const closed = store.inodes.get(ino);
  if (closed.nlink === 0) freeInode(store, closed);
  else store.inodes.change(closed, { marks: closed.marksWith(0, MARK.open) });
}
