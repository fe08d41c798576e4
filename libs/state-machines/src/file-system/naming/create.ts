import { fromByteString, type ByteString } from '@lockstep/vr-core';
import { ONE_NAME, refuseGrowth } from '../accounting/growth';
import { handDownLists, modeInDirectory } from '../acl/inherit';
import { KIND } from '../model/extra-table';
import type { Call, FileTree } from '../model/file-tree';
import { type Inode, type InodeBirth } from '../model/inode';
import { NO_DEVICE, type Device } from '../model/inode-type';
import { GROUP_EXECUTE, SETGID, STICKY, type InodeType } from '../model/inode-type';
import { LINK_MAX, PATH_MAX } from '../model/limits';
import { resolvePlace, Walk } from '../resolve/path';
import { actsInGroup, isRoot, refuseAccess, SEARCH, WRITE } from '../resolve/permission';
import { Refusal } from '../model/refusal';
import type { Place, Target } from '../model/place';
import { nameNew } from './names';

/**
 * The place of a new name: what exists is told before what is forbidden, and only a directory may be asked for with a
 * slash at the end.
 */
export function resolveFree(
  tree: FileTree,
  call: Call,
  path: ByteString,
  forDirectory = false,
): Place | Refusal {
  const place = resolvePlace(tree, call.caller, path);
  if (place instanceof Refusal) return place;
  const { directory, last, walk } = place;
  if (last.kind !== 'name') return new Refusal('EEXIST', last.name);
  const there = walk.entry(directory, last.name);
  if (there instanceof Refusal) return there;
  if (there !== undefined) return new Refusal('EEXIST', last.name);
  if (last.slash && !forDirectory) return new Refusal('ENOENT', last.name);
  return free(tree, call, directory, last.name);
}

/** POSIX `mkdir`. */
export function mkdir(tree: FileTree, call: Call, path: ByteString, mode: number): Inode | Refusal {
  const place = resolveFree(tree, call, path, true);
  if (place instanceof Refusal) return place;
  if (place.directory.nlink >= LINK_MAX) return new Refusal('EMLINK', place.name);
  return addInode(tree, call, place, {
    type: 'dir',
    mode: modeOfNewDirectory(tree, place.directory, mode),
  });
}

/** POSIX `symlink`: the target is any path, of something or of nothing, and is not looked at. */
export function symlink(
  tree: FileTree,
  call: Call,
  path: ByteString,
  target: ByteString,
): Inode | Refusal {
  if (target.length === 0) return new Refusal('ENOENT');
  if (target.length >= PATH_MAX) return new Refusal('ENAMETOOLONG');
  const place = resolveFree(tree, call, path);
  if (place instanceof Refusal) return place;
  const link = addInode(tree, call, place, { type: 'symlink', mode: 0o777, size: target.length });
  if (link instanceof Refusal) return link;
  tree.extra.put(link.ino, KIND.target, fromByteString(target));
  return link;
}

export interface NodeBirth {
  readonly type: Exclude<InodeType, 'dir' | 'symlink'>;
  readonly mode: number;
  readonly rdev: Device;
}

/**
 * POSIX `mknod` for files and inert special files, and `bind` for sockets, which is the only way to one and has its
 * own errno for a name that is taken. Devices are for root. (mknod(2), unix(7) of Linux)
 */
export function mknod(
  tree: FileTree,
  call: Call,
  path: ByteString,
  birth: NodeBirth,
): Inode | Refusal {
  const place = resolveFree(tree, call, path);
  if (place instanceof Refusal) {
    const taken = birth.type === 'socket' && place.code === 'EEXIST';
    return taken ? new Refusal('EADDRINUSE', place.component) : place;
  }
  const isDevice = birth.type === 'char' || birth.type === 'block';
  if (isDevice && !isRoot(call.caller)) return new Refusal('EPERM', place.name, 'not-root');
  const mode = modeOfNew(tree, call, place.directory, birth.mode);
  const rdev = isDevice ? birth.rdev : NO_DEVICE;
  return addInode(tree, call, place, { type: birth.type, mode, rdev });
}

/**
 * POSIX `open` with O_CREAT, and O_EXCL when `exclusive`, without the handle. A file that exists is left as it is,
 * and nothing is asked of its permissions, as nothing of it is opened; a link to nothing is followed and its target
 * made.
 */
export function create(
  tree: FileTree,
  call: Call,
  path: ByteString,
  birth: { readonly mode: number; readonly exclusive: boolean },
): Inode | Refusal {
  const found = findOrCreate(tree, call, path, { ...birth, follow: true });
  return found instanceof Refusal ? found : found.inode;
}

export interface FileBirth {
  readonly mode: number;
  readonly exclusive: boolean;
  /** False: a link at the end is what is found. */
  readonly follow: boolean;
}

/** The file of that path, and whether it had to be made. */
export function findOrCreate(
  tree: FileTree,
  call: Call,
  path: ByteString,
  birth: FileBirth,
): (Target & { readonly isNew: boolean }) | Refusal {
  const walk = Walk.start(tree, call.caller, path);
  if (walk instanceof Refusal) return walk;
  let rest = path;
  for (;;) {
    const place = walk.toLast(rest);
    if (place instanceof Refusal) return place;
    const { directory, last } = place;
    if (last.kind !== 'name') return new Refusal(birth.exclusive ? 'EEXIST' : 'EISDIR', last.name);
    if (last.slash) return new Refusal('EISDIR', last.name);
    const there = walk.entry(directory, last.name);
    if (there instanceof Refusal) return there;
    if (there === undefined) {
      const found = free(tree, call, directory, last.name);
      if (found instanceof Refusal) return found;
      const mode = modeOfNew(tree, call, directory, birth.mode);
      const inode = addInode(tree, call, found, { type: 'file', mode });
      return inode instanceof Refusal ? inode : { inode, place: found, isNew: true };
    }
    if (birth.exclusive) return new Refusal('EEXIST', last.name);
    if (there.isDirectory) return new Refusal('EISDIR', last.name);
    if (!there.isSymlink || !birth.follow)
      return { inode: there, place: { directory, name: last.name }, isNew: false };
    const target = walk.follow(there, last.name);
    if (target instanceof Refusal) return target;
    rest = target;
  }
}

function free(tree: FileTree, call: Call, directory: Inode, name: ByteString): Place | Refusal {
  const refusal = refuseAccess(tree, call.caller, directory, WRITE + SEARCH, name);
  return refusal ?? { directory, name };
}

/**
 * Of the mode, set-id bits are ignored. Linux hands the set-group-id bit of the parent down; FreeBSD, where every
 * directory acts as if it had the bit, does not, and ignores the sticky bit too. (vfs_mkdir; kern_mkdirat)
 */
function modeOfNewDirectory(tree: FileTree, directory: Inode, mode: number): number {
  if (tree.volume.flavour === 'freebsd') return mode & 0o777;
  return (mode & (0o777 | STICKY)) | (directory.mode & SETGID);
}

/**
 * A program that runs with a group's rights is made only by a member of the group. (mode_strip_sgid of Linux;
 * ufs_makeinode of FreeBSD, where it need not be a program)
 */
function modeOfNew(tree: FileTree, call: Call, directory: Inode, mode: number): number {
  const runsAsGroup =
    (mode & SETGID) !== 0 && ((mode & GROUP_EXECUTE) !== 0 || tree.volume.flavour === 'freebsd');
  const strip =
    runsAsGroup && handsGroupDown(tree, directory) && !actsInGroup(call.caller, directory.gid);
  return strip ? mode & ~SETGID : mode;
}

interface Birth extends Pick<InodeBirth, 'type'> {
  /** As the caller says, before his umask. */
  readonly mode: number;
  readonly size?: number;
  readonly rdev?: Device;
}

/** Makes an inode, and gives it its name. What it is found by in `extra` is put there by who asks. */
export function addInode(tree: FileTree, call: Call, place: Place, birth: Birth): Inode | Refusal {
  const { directory } = place;
  const refusal = refuseGrowth(tree, directory, ONE_NAME);
  if (refusal !== undefined) return refusal;
  const inode = tree.inodes.make({
    type: birth.type,
    mode: modeInDirectory(tree, directory, { ...birth, umask: call.caller.umask }),
    nlink: birth.type === 'dir' ? 2 : 1,
    uid: call.caller.uid,
    gid: groupOfNew(tree, call, directory),
    size: birth.size ?? 0,
    rdev: birth.rdev ?? NO_DEVICE,
    parent: directory.ino,
    volume: tree.volume.id,
    time: call.now,
    opNumber: call.opNumber,
  });
  const made = handDownLists(tree, directory, inode);
  nameNew(tree, call, place, made);
  return made;
}

export function groupOfNew(tree: FileTree, call: Call, directory: Inode): number {
  return handsGroupDown(tree, directory) ? directory.gid : (call.caller.gids[0] ?? 0);
}

/** What is made in a directory belongs to its group: in Linux when the bit says so, in FreeBSD always. */
function handsGroupDown(tree: FileTree, directory: Inode): boolean {
  return tree.volume.flavour === 'freebsd' || (directory.mode & SETGID) !== 0;
}
