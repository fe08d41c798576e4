import type { ByteString } from '@lockstep/vr-core';
import type { Caller, FileTree } from '../model/file-tree';
import { ROOT_INO, type Inode } from '../model/inode';
import { NAME_MAX, PATH_MAX, SYMLINKS_MAX } from '../model/limits';
import { Confinement } from './confinement';
import { refuseAccess, SEARCH } from './permission';
import type { Target } from '../model/place';
import { Refusal } from '../model/refusal';

/** The last component of a path, not looked up yet. */
export interface LastComponent {
  /** `name` is an entry to look up; the others name a directory without one. */
  readonly kind: 'name' | 'dot' | 'dot-dot' | 'root';
  readonly name: ByteString;
  /** Slashes follow: the path asks for a directory. */
  readonly slash: boolean;
}

/** Where a path leads: the directory and the component in it, which nobody has looked up yet. */
export interface PathEnd {
  readonly directory: Inode;
  readonly last: LastComponent;
}

/**
 * One resolution of a path, always while the operation is applied, so that it sees the tree as the operations
 * before left it. Checks come in the order Linux makes them. (POSIX XBD 4.16 Pathname Resolution)
 */
export class Walk {
  private readonly tree: FileTree;
  private readonly caller: Caller;
  private readonly confinement: Confinement | undefined;
  private directory: Inode;
  /** The component that led to `directory`. */
  private reachedBy: ByteString;
  private linksFollowed = 0;

  private constructor(tree: FileTree, caller: Caller, start: Inode, path: ByteString) {
    this.tree = tree;
    this.caller = caller;
    this.confinement = Confinement.of(tree, caller);
    this.directory = start;
    this.reachedBy = isAbsolute(path) ? SLASH : DOT;
  }

  static start(tree: FileTree, caller: Caller, path: ByteString): Walk | Refusal {
    if (path.length === 0) return new Refusal('ENOENT');
    if (path.length >= PATH_MAX) return new Refusal('ENAMETOOLONG');
    if (isAbsolute(path)) return new Walk(tree, caller, tree.root, path);
    const cwd = caller.cwd === ROOT_INO ? tree.root : tree.inodes.find(caller.cwd);
    // A working directory that was removed has no entries to find.
    if (cwd === undefined) return new Refusal('ENOENT', DOT);
    if (cwd.volume !== tree.volume.id) return new Refusal('EXDEV', DOT);
    if (!cwd.isDirectory) return new Refusal('ENOTDIR', DOT);
    if (!tree.isAttached(cwd)) return new Refusal('ENOENT', DOT, 'detached');
    return new Walk(tree, caller, cwd, path);
  }

  /** Goes to the directory of the last component. Links on the way are followed, the last component is not looked at. */
  toLast(path: ByteString): PathEnd | Refusal {
    let rest = withoutLeadingSlashes(path);
    if (rest === '') return this.place('root', SLASH, false);
    const pending: ByteString[] = [];
    for (;;) {
      const refusal = refuseAccess(this.tree, this.caller, this.directory, SEARCH, this.reachedBy);
      if (refusal !== undefined) return refusal;
      const slashAt = rest.indexOf('/');
      const name = (slashAt < 0 ? rest : rest.slice(0, slashAt)) as ByteString;
      const outside = this.refuseName(name);
      if (outside !== undefined) return outside;
      const after = slashAt < 0 ? rest.slice(rest.length) : rest.slice(slashAt);
      let following = withoutLeadingSlashes(after as ByteString);
      if (following === '') {
        const outer = pending.pop();
        if (outer === undefined) return this.place(kindOf(name), name, slashAt >= 0);
        following = outer;
      }
      const step = this.through(name);
      if (step instanceof Refusal) return step;
      if (step === undefined || step === '') {
        rest = following;
      } else {
        pending.push(following);
        rest = step;
      }
    }
  }

  /** The entry of a directory by its name, or undefined. One that is longer than the volume allows now can be met. */
  entry(directory: Inode, name: ByteString): Inode | Refusal | undefined {
    if (name.length > NAME_MAX) return new Refusal('ENAMETOOLONG', name);
    const ino = this.tree.names.find(directory.ino, name);
    if (ino !== undefined) return this.tree.inodes.get(ino);
    return name.length > this.tree.volume.nameMax ? new Refusal('ENAMETOOLONG', name) : undefined;
  }

  /** Follows a link in the directory where we are: the rest of its path, empty when it leads to the root itself. */
  follow(link: Inode, name: ByteString): ByteString | Refusal {
    this.linksFollowed += 1;
    if (this.linksFollowed > SYMLINKS_MAX[this.tree.volume.flavour])
      return new Refusal('ELOOP', name);
    const target = this.tree.extra.target(link.ino);
    if (isAbsolute(target)) this.enter(this.tree.root, SLASH);
    return withoutLeadingSlashes(target);
  }

  /** Why nothing may come or go at that place. */
  refusePlace({ directory, last }: PathEnd): Refusal | undefined {
    return this.confinement?.refusePlace(directory, last.name);
  }

  refuseInode(inode: Inode): Refusal | undefined {
    return this.confinement?.refuseInode(inode);
  }

  /** The directory that a last component without a name stands for. */
  named(last: LastComponent): Inode {
    return last.kind === 'dot-dot' ? this.parent() : this.directory;
  }

  /** Passes one component that is not the last: into a directory, or, for a link, gives the path to go on with. */
  private through(name: ByteString): ByteString | Refusal | undefined {
    if (name === DOT) return undefined;
    if (name === DOT_DOT) {
      this.enter(this.parent(), name);
      return undefined;
    }
    const inode = this.entry(this.directory, name);
    if (inode instanceof Refusal) return inode;
    if (inode === undefined) return new Refusal('ENOENT', name);
    if (inode.isSymlink) return this.follow(inode, name);
    if (!inode.isDirectory) return new Refusal('ENOTDIR', name);
    this.enter(inode, name);
    return undefined;
  }

  private refuseName(name: ByteString): Refusal | undefined {
    if (this.confinement === undefined || name === DOT || name === DOT_DOT) return undefined;
    return this.confinement.refuseName(this.directory, name);
  }

  private parent(): Inode {
    return this.tree.inodes.get(this.directory.parent);
  }

  private enter(directory: Inode, by: ByteString): void {
    this.directory = directory;
    this.reachedBy = by;
  }

  private place(kind: LastComponent['kind'], name: ByteString, slash: boolean): PathEnd {
    return { directory: this.directory, last: { kind, name, slash } };
  }
}

/** The directory of the last component and the component, which is not followed. */
export function resolvePlace(
  tree: FileTree,
  caller: Caller,
  path: ByteString,
): (PathEnd & { readonly walk: Walk }) | Refusal {
  const walk = Walk.start(tree, caller, path);
  if (walk instanceof Refusal) return walk;
  const place = walk.toLast(path);
  if (place instanceof Refusal) return place;
  return walk.refusePlace(place) ?? { ...place, walk };
}

/** What a path names. A slash at the end demands a directory, and follows a link to it. */
export function resolve(
  tree: FileTree,
  caller: Caller,
  path: ByteString,
  follow: boolean,
): Target | Refusal {
  const walk = Walk.start(tree, caller, path);
  if (walk instanceof Refusal) return walk;
  const target = passTo(walk, path, follow);
  return target instanceof Refusal ? target : (walk.refuseInode(target.inode) ?? target);
}

/** The same on the way to something: a confined caller may pass what is above his own. */
export function resolveOnTheWay(
  tree: FileTree,
  caller: Caller,
  path: ByteString,
): Target | Refusal {
  const walk = Walk.start(tree, caller, path);
  return walk instanceof Refusal ? walk : passTo(walk, path, true);
}

function passTo(walk: Walk, path: ByteString, follow: boolean): Target | Refusal {
  let rest = path;
  let mustBeDirectory = false;
  for (;;) {
    const place = walk.toLast(rest);
    if (place instanceof Refusal) return place;
    const { directory, last } = place;
    if (last.kind !== 'name') return { inode: walk.named(last), place: undefined };
    mustBeDirectory ||= last.slash;
    const inode = walk.entry(directory, last.name) ?? new Refusal('ENOENT', last.name);
    if (inode instanceof Refusal) return inode;
    if (!inode.isSymlink || !(follow || mustBeDirectory)) {
      if (mustBeDirectory && !inode.isDirectory) return new Refusal('ENOTDIR', last.name);
      return { inode, place: { directory, name: last.name } };
    }
    const target = walk.follow(inode, last.name);
    if (target instanceof Refusal) return target;
    rest = target;
  }
}

const SLASH = '/' as ByteString;
const DOT = '.' as ByteString;
const DOT_DOT = '..' as ByteString;

function isAbsolute(path: ByteString): boolean {
  return path.startsWith('/');
}

function withoutLeadingSlashes(path: ByteString): ByteString {
  let at = 0;
  while (path.charCodeAt(at) === 0x2f) at += 1;
  return (at === 0 ? path : path.slice(at)) as ByteString;
}

function kindOf(name: ByteString): LastComponent['kind'] {
  if (name === DOT) return 'dot';
  return name === DOT_DOT ? 'dot-dot' : 'name';
}
