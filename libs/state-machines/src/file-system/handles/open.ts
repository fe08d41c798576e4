import type { Call, FileTree } from '../model/file-tree';
import { cutContent } from '../content/truncate';
import { MARK, type Inode } from '../model/inode';
import type { Target } from '../model/place';
import { Refusal } from '../model/refusal';
import { keyOfSession } from '../model/session-key';
import { findOrCreate } from '../naming/create';
import { resolve } from '../resolve/path';
import { READ, refuseAccess, WRITE } from '../resolve/permission';
import { refuseOverwriting } from '../status/flags';
import type { FileOperationOf } from '../wire/operations';
import type { FileResult } from '../wire/outcomes';
import { hasRoom, putHandle } from './handle-table';
import { openModeOf, type OpenMode } from './open-flags';

/**
 * POSIX `open`, without a position in the file, as no two requests follow each other by it. The handle is the session's,
 * or, without one, lasts as long as the request. What it was opened for it may do whatever becomes of the permissions.
 */
export function open(
  tree: FileTree,
  call: Call,
  { path, flags, mode }: FileOperationOf<'open'>,
): FileResult | Refusal {
  const how = openModeOf(flags);
  if (how === undefined) return new Refusal('EINVAL');
  const session = keyOfSession(call.session);
  if (!hasRoom(tree.tables, session)) return new Refusal('EMFILE', undefined, 'limit');
  const found = how.create
    ? findOrCreate(tree, call, path, { ...how, mode })
    : resolve(tree, call.caller, path, how.follow);
  if (found instanceof Refusal) return found;
  const isNew = 'isNew' in found && found.isNew;
  const refusal = isNew ? undefined : refuseOpen(tree, call, found, how);
  if (refusal !== undefined) return refusal;
  const cuts = how.truncate && !isNew && found.inode.type === 'file';
  const inode = cuts ? cutContent(tree, call, found, 0) : found.inode;
  if (inode instanceof Refusal) return inode;
  const { read, write, append } = how;
  const { ino } = inode;
  const handle = putHandle(tree.tables, session, {
    volume: tree.volume.name,
    ino,
    read,
    write,
    append,
  });
  return { kind: 'opened', handle, attributes: markOpen(tree, inode) };
}

function markOpen(tree: FileTree, inode: Inode): Inode {
  if (inode.has('open')) return inode;
  return tree.inodes.change(inode, { marks: inode.marksWith(MARK.open) });
}

/** In the order of Linux: what it is, permission, then whether there is anything at the other end. (do_open, may_open) */
function refuseOpen(
  tree: FileTree,
  call: Call,
  { inode, place }: Target,
  how: OpenMode,
): Refusal | undefined {
  const name = place?.name;
  const writes = how.write || how.truncate;
  if (how.directory && !inode.isDirectory) return new Refusal('ENOTDIR', name);
  if (inode.isSymlink)
    return new Refusal(tree.volume.flavour === 'freebsd' ? 'EMLINK' : 'ELOOP', name);
  if (inode.isDirectory && writes) return new Refusal('EISDIR', name);
  const wanted = (how.read ? READ : 0) + (writes ? WRITE : 0);
  const cuts = how.truncate || (how.write && !how.append);
  return (
    refuseAccess(tree, call.caller, inode, wanted, name) ??
    (cuts ? refuseOverwriting(inode, name) : undefined) ??
    refuseSpecial(tree, inode, how)
  );
}

/**
 * Special files are inert here: no driver and no peer is at the other end. A pipe that would wait for its peer does not,
 * so that its permissions can be asked for, and is opened. (fifo(7), unix(7), mknod(2))
 */
function refuseSpecial(
  { volume }: FileTree,
  inode: Inode,
  { read, nonblock }: OpenMode,
): Refusal | undefined {
  switch (inode.type) {
    case 'socket':
      return new Refusal(volume.flavour === 'freebsd' ? 'EOPNOTSUPP' : 'ENXIO');
    case 'char':
    case 'block':
      return new Refusal('ENXIO');
    case 'fifo':
      return !read && nonblock ? new Refusal('ENXIO') : undefined;
    default:
      return undefined;
  }
}
