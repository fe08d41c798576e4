import type { InodeStore } from '../model/inode-store';
import { key, keyU64, readKeyU64, type ByteString } from '@lockstep/vr-core';
import { forgetLocks } from '../advisory/lock-table';
import { forgetTransient } from '../lifetime/transients';
import { KIND } from '../model/extra-table';
import { lessOf, weightOf, type Call, type FileTree } from '../model/file-tree';
import { MARK, type Inode, type Usage } from '../model/inode';
import type { Ino } from '../model/inode-type';
import type { Place } from '../model/place';
import { pathOf, publish } from '../watch/publish';

const PRESENT = new Uint8Array(0);

/** What a change leaves on an inode. */
export type Stamp = Pick<Call, 'now' | 'opNumber'>;

/** Gives an inode that has been made its first name. */
export function nameNew(tree: FileTree, call: Call, place: Place, inode: Inode): void {
  enter(tree, call, place, inode);
  publish(tree, call, { change: 'created', inode: inode, place: place });
}

/** What goes by itself is found by its number: the name of a file that does is written down, also when it is the only one. */
export function writeDownName(tree: FileTree, { ino }: Inode, place: Place): void {
  putLink(tree, ino, place);
}

/** Gives an inode that has the name `first`, and maybe more, one more. */
export function nameAgain(
  tree: FileTree,
  call: Call,
  place: Place,
  inode: Inode,
  first: Place,
): Inode {
  if (!inode.has('links')) putLink(tree, inode.ino, first);
  putLink(tree, inode.ino, place);
  const linked = tree.inodes.change(inode, {
    nlink: inode.nlink + 1,
    parent: 0,
    marks: inode.marksWith(MARK.links),
    ctime: call.now,
    metaGen: inode.metaGen + 1,
    changedOp: call.opNumber,
  });
  enter(tree, call, place, linked);
  publish(tree, call, { change: 'created', inode: linked, place: place });
  return linked;
}

/** Takes one name of an inode away; with the last, or of a directory, the inode goes too, unless somebody has it open. */
export function removeName(tree: FileTree, call: Call, place: Place, inode: Inode): void {
  publish(tree, call, { change: 'removed', inode: inode, place: place });
  leave(tree, call, place, inode);
  nameGone(tree, call, place, inode);
  endContainer(tree, call, place.directory);
}

/** Takes a directory out of the tree with all that is in it: it is its own root from now on, and nobody finds it. */
export function detachName(tree: FileTree, call: Call, place: Place, directory: Inode): Inode {
  publish(tree, call, { change: 'removed', inode: directory, place });
  leave(tree, call, place, directory);
  tree.names.forgetOwnName(directory.ino);
  endContainer(tree, call, place.directory);
  return tree.inodes.change(directory, {
    parent: directory.ino,
    ctime: call.now,
    metaGen: directory.metaGen + 1,
    changedOp: call.opNumber,
  });
}

/** Takes a name away in what is detached already, where neither counts nor times of the directory matter any more. */
export function dropName(store: InodeStore, stamp: Stamp, place: Place, inode: Inode): void {
  store.names.remove(place.directory.ino, place.name);
  nameGone(store, stamp, place, inode);
}

export interface Move {
  readonly from: Place;
  readonly to: Place;
  readonly replaced: Inode | undefined;
}

/** The entry of `from` becomes that of `to`, in whose place `replaced` may have been. */
export function moveName(
  tree: FileTree,
  call: Call,
  inode: Inode,
  { from, to, replaced }: Move,
): void {
  const old = pathOf(tree, from);
  tree.names.remove(from.directory.ino, from.name);
  tree.names.put(to.directory.ino, to.name, inode);
  const weight = weightOf(inode);
  if (from.directory.ino !== to.directory.ino || replaced !== undefined) {
    tree.count(from.directory, lessOf(weight));
    tree.count(to.directory, weight);
    if (replaced !== undefined) tree.count(to.directory, lessOf(weightOf(replaced)));
  }
  const isDirectory = countOf(inode);
  changeEntries(
    tree,
    call,
    [from.directory, { entries: -1, directories: -isDirectory }],
    [
      to.directory,
      { entries: replaced === undefined ? 1 : 0, directories: isDirectory - countOf(replaced) },
    ],
  );
  if (replaced !== undefined)
    publish(tree, call, { change: 'removed', inode: replaced, place: to });
  const now = moved(tree, call, inode, from, to);
  // What comes out of the trash was nowhere before.
  publish(tree, call, {
    change: old === undefined ? 'created' : 'moved',
    inode: now,
    place: to,
    from: old,
  });
  if (replaced !== undefined) nameGone(tree, call, to, replaced);
  endContainer(tree, call, from.directory);
}

/** Two entries change places. */
export function exchangeNames(
  tree: FileTree,
  call: Call,
  [one, at]: readonly [Inode, Place],
  [other, there]: readonly [Inode, Place],
): void {
  const [pathOfOne, pathOfOther] = [pathOf(tree, at), pathOf(tree, there)];
  tree.names.put(at.directory.ino, at.name, other);
  tree.names.put(there.directory.ino, there.name, one);
  if (at.directory.ino !== there.directory.ino) {
    const [weight, otherWeight] = [weightOf(one), weightOf(other)];
    tree.count(at.directory, lessOf(weight));
    tree.count(there.directory, lessOf(otherWeight));
    tree.count(at.directory, otherWeight);
    tree.count(there.directory, weight);
  }
  const difference = countOf(one) - countOf(other);
  changeEntries(
    tree,
    call,
    [at.directory, { entries: 0, directories: -difference }],
    [there.directory, { entries: 0, directories: difference }],
  );
  const oneNow = moved(tree, call, one, at, there);
  publish(tree, call, { change: 'moved', inode: oneNow, place: there, from: pathOfOne });
  const otherNow = moved(tree, call, other, there, at);
  publish(tree, call, { change: 'moved', inode: otherNow, place: at, from: pathOfOther });
}

/** The directories an inode is in, once for each name. */
export function* directoriesOf(tree: FileTree, inode: Inode): Iterable<Ino> {
  if (inode.has('links'))
    for (const [at] of tree.extra.list(inode.ino, KIND.link)) yield readKeyU64(at, 0);
  else if (inode.nlink > 0) yield inode.parent;
}

/** What a file is worth in every directory above it has changed. */
export function countAtNames(tree: FileTree, inode: Inode, delta: Usage): void {
  for (const ino of Array.from(directoriesOf(tree, inode))) tree.count(tree.inodes.get(ino), delta);
}

/** Everything of an inode goes, its number for ever. */
export function freeInode(tree: InodeStore, inode: Inode): void {
  const { ino } = inode;
  if (inode.has('locks')) forgetLocks(tree, ino);
  if (inode.has('ephemeral') || inode.has('ttl')) forgetTransient(tree.tables, inode);
  tree.extra.clear(ino);
  tree.inodes.free(ino);
}

function enter(tree: FileTree, call: Call, { directory, name }: Place, inode: Inode): void {
  tree.names.put(directory.ino, name, inode);
  tree.entriesChanged(directory, call, { entries: 1, directories: countOf(inode) });
  tree.count(directory, weightOf(inode));
}

function leave(tree: FileTree, call: Call, { directory, name }: Place, inode: Inode): void {
  tree.names.remove(directory.ino, name);
  tree.entriesChanged(directory, call, { entries: -1, directories: -countOf(inode) });
  tree.count(directory, lessOf(weightOf(inode)));
}

function nameGone(store: InodeStore, stamp: Stamp, place: Place, inode: Inode): void {
  if (inode.isDirectory || inode.nlink === 1) return lastNameGone(store, stamp, inode);
  store.inodes.change(inode, {
    ...placeAfterLoss(store, inode, place, inode.nlink - 1),
    nlink: inode.nlink - 1,
    ctime: stamp.now,
    metaGen: inode.metaGen + 1,
    changedOp: stamp.opNumber,
  });
}

/** Nothing is left of an inode, an empty directory for one, unless somebody has it open. */
export function lastNameGone(store: InodeStore, stamp: Stamp, inode: Inode): void {
  if (inode.isDirectory) store.names.forgetOwnName(inode.ino);
  if (!inode.has('open')) return freeInode(store, inode);
  store.inodes.change(inode, {
    // What is open and in no directory is its own root: no walk upward leads out of it.
    parent: inode.isDirectory ? inode.ino : 0,
    nlink: 0,
    ctime: stamp.now,
    metaGen: inode.metaGen + 1,
    changedOp: stamp.opNumber,
  });
}

/** Where the record says that an inode is once it has lost a name: the only one that is left is no further name. */
function placeAfterLoss(
  tree: InodeStore,
  inode: Inode,
  place: Place,
  nlink: number,
): { readonly parent?: Ino; readonly marks?: number } {
  dropLink(tree, inode.ino, place);
  if (nlink > 1) return {};
  const [last] = tree.extra.list(inode.ino, KIND.link);
  if (last === undefined) throw new Error(`inode ${inode.ino} has a name that is not written down`);
  if (!goesByItself(inode)) tree.extra.delete(inode.ino, KIND.link, last[0]);
  return { parent: readKeyU64(last[0], 0), marks: inode.marksWith(0, MARK.links) };
}

function moved(tree: FileTree, call: Call, inode: Inode, from: Place, to: Place): Inode {
  if (inode.has('links') || goesByItself(inode)) {
    dropLink(tree, inode.ino, from);
    putLink(tree, inode.ino, to);
  }
  return tree.inodes.change(inode, {
    parent: inode.has('links') ? 0 : to.directory.ino,
    ctime: call.now,
    metaGen: inode.metaGen + 1,
    changedOp: call.opNumber,
  });
}

type DirectoryChange = readonly [Inode, { readonly entries: number; readonly directories: number }];

function changeEntries(
  tree: FileTree,
  call: Call,
  [from, gone]: DirectoryChange,
  [to, come]: DirectoryChange,
): void {
  if (from.ino !== to.ino) {
    tree.entriesChanged(from, call, gone);
    tree.entriesChanged(to, call, come);
    return;
  }
  tree.entriesChanged(from, call, {
    entries: gone.entries + come.entries,
    directories: gone.directories + come.directories,
  });
}

function goesByItself(inode: Inode): boolean {
  return !inode.isDirectory && (inode.has('ephemeral') || inode.has('ttl'));
}

/** A container goes with its last entry, and with it the one it was in. What is detached, or in the trash, stays there. */
function endContainer(tree: FileTree, call: Call, before: Inode): void {
  if (!before.has('container')) return;
  const { ino } = before;
  const directory = tree.inodes.get(ino);
  if (directory.size > 0) return;
  const name = tree.names.ownName(ino);
  const parent = tree.inodes.get(directory.parent);
  if (name !== undefined && tree.isAttached(parent))
    removeName(tree, call, { directory: parent, name }, directory);
}

const linkKey = ({ directory, name }: Place): ByteString => key(keyU64(directory.ino), name);

function putLink(tree: FileTree, ino: Ino, place: Place): void {
  tree.extra.put(ino, KIND.link, PRESENT, linkKey(place));
}

function dropLink(tree: InodeStore, ino: Ino, place: Place): void {
  tree.extra.delete(ino, KIND.link, linkKey(place));
}

const countOf = (inode: Inode | undefined): number => (inode?.isDirectory === true ? 1 : 0);
