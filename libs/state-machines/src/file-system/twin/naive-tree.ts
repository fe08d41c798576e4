import type { Errno } from '../model/errno';
import type { InodeType } from '../model/inode-type';

/** A file system as one would draw it: objects that hold each other, everything else counted when asked. */
export interface NaiveNode {
  readonly type: InodeType;
  /** Of a directory. */
  readonly entries: Map<string, NaiveNode>;
  readonly target: string;
  parent: NaiveNode | undefined;
}

type Found = NaiveNode | Errno;

/** Where a path leads, before its last component is looked up. */
interface NaivePlace {
  readonly directory: NaiveNode;
  readonly name: string;
  readonly slash: boolean;
}

/**
 * The naive twin of the file tree, for one caller, root, at `/`: it knows the rules and none of the tables. Slow on
 * purpose: links are counted by looking everywhere.
 */
export class NaiveTree {
  readonly root: NaiveNode = node('dir');
  private linksLeft = 0;

  create(path: string, exclusive: boolean): Errno | 'ok' {
    const place = this.place(path);
    return typeof place === 'string' ? place : this.createAt(place, exclusive);
  }

  mkdir(path: string): Errno | 'ok' {
    return this.make(path, node('dir'), true);
  }

  symlink(target: string, path: string): Errno | 'ok' {
    if (target === '') return 'ENOENT';
    return this.make(path, node('symlink', target), false);
  }

  link(from: string, to: string, follow: boolean): Errno | 'ok' {
    const source = this.find(from, follow);
    if (typeof source === 'string') return source;
    const place = this.place(to);
    if (typeof place === 'string') return place;
    if (nameless(place) || place.directory.entries.has(place.name)) return 'EEXIST';
    if (place.slash) return 'ENOENT';
    if (source.type === 'dir') return 'EPERM';
    place.directory.entries.set(place.name, source);
    return 'ok';
  }

  unlink(path: string): Errno | 'ok' {
    const place = this.place(path);
    if (typeof place === 'string') return place;
    if (nameless(place)) return 'EISDIR';
    const victim = place.directory.entries.get(place.name);
    if (victim === undefined) return 'ENOENT';
    if (victim.type === 'dir') return 'EISDIR';
    if (place.slash) return 'ENOTDIR';
    place.directory.entries.delete(place.name);
    return 'ok';
  }

  rmdir(path: string): Errno | 'ok' {
    const place = this.place(path);
    if (typeof place === 'string') return place;
    if (place.name === '') return 'EBUSY';
    if (place.name === '.') return 'EINVAL';
    if (place.name === '..') return 'ENOTEMPTY';
    const victim = place.directory.entries.get(place.name);
    if (victim === undefined) return 'ENOENT';
    if (victim.type !== 'dir') return 'ENOTDIR';
    if (victim.entries.size > 0) return 'ENOTEMPTY';
    place.directory.entries.delete(place.name);
    return 'ok';
  }

  rename(from: string, to: string, flag: 'noreplace' | 'exchange' | 'none'): Errno | 'ok' {
    const [old, young] = [this.place(from), this.place(to)];
    if (typeof old === 'string') return old;
    if (typeof young === 'string') return young;
    if (nameless(old)) return 'EBUSY';
    if (nameless(young)) return flag === 'noreplace' ? 'EEXIST' : 'EBUSY';
    const source = old.directory.entries.get(old.name);
    if (source === undefined) return 'ENOENT';
    const target = young.directory.entries.get(young.name);
    const refusal = refuseRename({ old, young, source, target, exchange: flag === 'exchange' });
    if (flag === 'noreplace' && target !== undefined) return 'EEXIST';
    if (refusal !== undefined) return refusal;
    if (source === target) return 'ok';
    old.directory.entries.delete(old.name);
    young.directory.entries.set(young.name, source);
    source.parent = young.directory;
    if (flag === 'exchange' && target !== undefined) {
      old.directory.entries.set(old.name, target);
      target.parent = old.directory;
    }
    return 'ok';
  }

  find(path: string, follow: boolean): Found {
    this.linksLeft = 40;
    return path === '' ? 'ENOENT' : this.look(this.root, path, follow);
  }

  private createAt(place: NaivePlace, exclusive: boolean): Errno | 'ok' {
    if (nameless(place)) return exclusive ? 'EEXIST' : 'EISDIR';
    if (place.slash) return 'EISDIR';
    const there = place.directory.entries.get(place.name);
    if (there !== undefined && exclusive) return 'EEXIST';
    if (there?.type === 'dir') return 'EISDIR';
    if (there?.type === 'symlink') {
      if (this.linksLeft-- === 0) return 'ELOOP';
      const next = this.walk(place.directory, there.target);
      return typeof next === 'string' ? next : this.createAt(next, false);
    }
    if (there === undefined) place.directory.entries.set(place.name, node('file'));
    return 'ok';
  }

  private make(path: string, made: NaiveNode, isDirectory: boolean): Errno | 'ok' {
    const place = this.place(path);
    if (typeof place === 'string') return place;
    if (nameless(place) || place.directory.entries.has(place.name)) return 'EEXIST';
    if (place.slash && !isDirectory) return 'ENOENT';
    place.directory.entries.set(place.name, made);
    made.parent = place.directory;
    return 'ok';
  }

  private place(path: string): NaivePlace | Errno {
    this.linksLeft = 40;
    return path === '' ? 'ENOENT' : this.walk(this.root, path);
  }

  private walk(start: NaiveNode, path: string): NaivePlace | Errno {
    const parts = path.split('/').filter((part) => part !== '');
    const name = parts.pop() ?? '';
    const above = parts.length === 0 ? '' : `${parts.join('/')}/.`;
    const from = path.startsWith('/') ? this.root : start;
    const directory = above === '' ? from : this.look(from, above, true);
    if (typeof directory === 'string') return directory;
    return { directory, name, slash: path.endsWith('/') };
  }

  private look(start: NaiveNode, path: string, follow: boolean): Found {
    let at = path.startsWith('/') ? this.root : start;
    const parts = path.split('/').filter((part) => part !== '');
    for (const [index, part] of parts.entries()) {
      const last = index === parts.length - 1;
      if (at.type !== 'dir') return 'ENOTDIR';
      let next = step(at, part);
      if (next === undefined) return 'ENOENT';
      if (next.type === 'symlink' && (!last || follow || path.endsWith('/'))) {
        if (this.linksLeft-- === 0) return 'ELOOP';
        const end = this.look(at, next.target, true);
        if (typeof end === 'string') return end;
        next = end;
      }
      at = next;
    }
    return path.endsWith('/') && at.type !== 'dir' ? 'ENOTDIR' : at;
  }
}

function refuseRename(move: {
  readonly old: NaivePlace;
  readonly young: NaivePlace;
  readonly source: NaiveNode;
  readonly target: NaiveNode | undefined;
  readonly exchange: boolean;
}): Errno | undefined {
  const { old, young, source, target, exchange } = move;
  if (exchange && target === undefined) return 'ENOENT';
  if (exchange && young.slash && target?.type !== 'dir') return 'ENOTDIR';
  if (source.type !== 'dir' && (old.slash || (young.slash && !exchange))) return 'ENOTDIR';
  if (isAbove(source, young.directory)) return 'EINVAL';
  if (target !== undefined && old.directory !== young.directory && isAbove(target, old.directory))
    return exchange ? 'EINVAL' : 'ENOTEMPTY';
  if (exchange || target === undefined || source === target) return undefined;
  if (source.type === 'dir' && target.type !== 'dir') return 'ENOTDIR';
  if (source.type !== 'dir' && target.type === 'dir') return 'EISDIR';
  return target.entries.size > 0 ? 'ENOTEMPTY' : undefined;
}

function isAbove(above: NaiveNode, below: NaiveNode | undefined): boolean {
  return below !== undefined && (above === below || isAbove(above, below.parent));
}

function step(directory: NaiveNode, part: string): NaiveNode | undefined {
  if (part === '.') return directory;
  if (part === '..') return directory.parent ?? directory;
  return directory.entries.get(part);
}

function nameless({ name }: NaivePlace): boolean {
  return name === '' || name === '.' || name === '..';
}

function node(type: InodeType, target = ''): NaiveNode {
  return { type, entries: new Map(), target, parent: undefined };
}
