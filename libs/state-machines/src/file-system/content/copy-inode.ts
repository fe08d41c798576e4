import { KIND, type Kind } from '../model/extra-table';
import type { Call, FileTree } from '../model/file-tree';
import { MARK, type Inode } from '../model/inode';
import { SETGID, SETUID } from '../model/inode-type';
import type { Place } from '../model/place';
import { groupOfNew } from '../naming/create';
import { nameNew } from '../naming/names';
import { isMember, isRoot } from '../resolve/permission';
import { attributeNames, readAttribute, writeAttribute } from '../xattr/attribute-store';
import { refuseReading } from '../xattr/namespaces';

/** What is copied row by row: what makes an inode what it is, not what is set for its place in the tree. */
const KINDS: readonly Kind[] = [KIND.target, KIND.acl, KIND.defaultAcl, KIND.content, KIND.chunk];
const MARKS = MARK.acl | MARK.defaultAcl | MARK.content | MARK.chunks;

/**
 * A new inode like another, under a name of its own. As with `cp -a`, mode and times are kept; root keeps the owner too,
 * and anybody else owns what he makes, without what would run as somebody else. Flags and quotas stay where they are.
 */
export function copyInode(tree: FileTree, call: Call, place: Place, source: Inode): Inode {
  const owner = ownerOf(tree, call, place.directory, source);
  const copy = tree.inodes.make({
    type: source.type,
    mode: modeOf(source, owner),
    nlink: source.isDirectory ? 2 : 1,
    ...owner,
    size: source.isDirectory ? 0 : source.size,
    rdev: source.rdev,
    parent: place.directory.ino,
    volume: tree.volume.id,
    time: call.now,
    opNumber: call.opNumber,
  });
  for (const kind of KINDS) copyRows(tree, source, copy, kind);
  const hasAttributes = copyAttributes(tree, call, source, copy);
  const { atime, mtime } = source;
  const marks = source.marksWith(0, ~MARKS) | (hasAttributes ? MARK.xattr : 0);
  const blocks = source.isDirectory ? {} : { blocks: source.blocks };
  const whole = tree.inodes.change(copy, { atime, mtime, marks, ...blocks });
  nameNew(tree, call, place, whole);
  return whole;
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

function ownerOf(tree: FileTree, call: Call, directory: Inode, source: Inode): Owner {
  const { caller } = call;
  if (isRoot(caller)) return { uid: source.uid, gid: source.gid };
  const keeps = isMember(caller, source.gid);
  return { uid: caller.uid, gid: keeps ? source.gid : groupOfNew(tree, call, directory) };
}

function modeOf(source: Inode, { uid, gid }: Owner): number {
  const lost = (uid === source.uid ? 0 : SETUID) | (gid === source.gid ? 0 : SETGID);
  return source.mode & ~lost;
}

function copyRows({ extra }: FileTree, source: Inode, copy: Inode, kind: Kind): void {
  const rows = Array.from(extra.list(source.ino, kind));
  for (const [at, value] of rows) extra.put(copy.ino, kind, value.slice(), at);
}

/** Those that the caller may read, and may give to a file of his. (xattr(7)) */
function copyAttributes(tree: FileTree, { caller }: Call, source: Inode, copy: Inode): boolean {
  if (!source.has('xattr')) return false;
  let isAny = false;
  for (const name of Array.from(attributeNames(tree, source.ino))) {
    if (!isRoot(caller) && !name.startsWith('user.')) continue;
    if (refuseReading(tree, caller, source, name) !== undefined) continue;
    const value = readAttribute(tree, source.ino, name);
    if (value === undefined) continue;
    writeAttribute(tree, copy.ino, name, value);
    isAny = true;
  }
  return isAny;
}
