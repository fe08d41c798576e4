import type { Operation } from '../conformance-case';

/** Every operation that takes a path, by a short name, with the path put in. `src` and `new` are there for those of two. */
export const TAKERS = {
  stat: (path) => ({ kind: 'stat', path }),
  lstat: (path) => ({ kind: 'stat', path, follow: false }),
  readlink: (path) => ({ kind: 'readlink', path }),
  readdir: (path) => ({ kind: 'readdir', path }),
  create: (path) => ({ kind: 'create', path, mode: 0o640 }),
  excl: (path) => ({ kind: 'create', path, mode: 0o640, exclusive: true }),
  mkdir: (path) => ({ kind: 'mkdir', path }),
  mkfifo: (path) => ({ kind: 'mknod', path, type: 'fifo' }),
  bind: (path) => ({ kind: 'mknod', path, type: 'socket' }),
  symlink: (path) => ({ kind: 'symlink', path, target: 'x' }),
  linkfrom: (path) => ({ kind: 'link', from: path, to: 'new' }),
  linkfollow: (path) => ({ kind: 'link', from: path, to: 'new', follow: true }),
  linkto: (path) => ({ kind: 'link', from: 'src', to: path }),
  unlink: (path) => ({ kind: 'unlink', path }),
  rmdir: (path) => ({ kind: 'rmdir', path }),
  renamefrom: (path) => ({ kind: 'rename', from: path, to: 'new' }),
  renameto: (path) => ({ kind: 'rename', from: 'src', to: path }),
  chmod: (path) => ({ kind: 'chmod', path, mode: 0o755 }),
  chown: (path) => ({ kind: 'chown', path, uid: -1, gid: -1 }),
  lchown: (path) => ({ kind: 'chown', path, uid: -1, gid: -1, follow: false }),
  utimens: (path) => ({ kind: 'utimens', path, atime: 'now', mtime: 'now' }),
  lutimens: (path) => ({ kind: 'utimens', path, atime: 'now', mtime: 'now', follow: false }),
  truncate: (path) => ({ kind: 'truncate', path, size: 1 }),
} as const satisfies Record<string, (path: string) => Operation>;

export type Taker = keyof typeof TAKERS;
export const TAKER_NAMES = Object.keys(TAKERS) as Taker[];
