import { nameField, type PathLike } from './file-name';
import type { Operation } from './protocol';

/** What an operation is about: a path, or an inode by its number. */
export type FileObject = PathLike | { readonly ino: bigint };

export interface FollowOption {
  /** `false` for a symbolic link itself. */
  readonly follow?: boolean;
}

/** Nanoseconds since 1970; `now` by the group's clock; `omit` leaves it. */
export type FileTime = bigint | 'now' | 'omit';

/**
 * The operations of the service `files`, as values: what `Files` sends one by one, and `Files.batch` together. Modes
 * are the twelve bits of POSIX, before the umask.
 */
export const fileOperation = {
  create: (path: PathLike, options: { mode?: number; exclusive?: boolean } = {}) =>
    operation('create', { ...nameField('path', path), ...options }),
  mkdir: (path: PathLike, options: { mode?: number } = {}) =>
    operation('mkdir', { ...nameField('path', path), ...options }),
  mknod: (
    path: PathLike,
    type: 'file' | 'fifo' | 'socket' | 'char' | 'block',
    options: { mode?: number; rdev?: { major: number; minor: number } } = {},
  ) => operation('mknod', { ...nameField('path', path), type, ...options }),
  symlink: (target: PathLike, path: PathLike) =>
    operation('symlink', { ...nameField('path', path), ...nameField('target', target) }),
  /** A second name for the same inode. `from` that is a symbolic link is linked itself, unless `follow`. */
  link: (from: PathLike, to: PathLike, options: FollowOption = {}) =>
    operation('link', { ...nameField('from', from), ...nameField('to', to), ...options }),
  unlink: (path: PathLike) => operation('unlink', nameField('path', path)),
  rmdir: (path: PathLike) => operation('rmdir', nameField('path', path)),
  rename: (
    from: PathLike,
    to: PathLike,
    options: { flags?: readonly ('noreplace' | 'exchange')[] } = {},
  ) => operation('rename', { ...nameField('from', from), ...nameField('to', to), ...options }),
  chmod: (object: FileObject, mode: number, options: FollowOption = {}) =>
    operation('chmod', { ...objectFields(object), mode, ...options }),
  /** -1 leaves an id. */
  chown: (object: FileObject, uid: number, gid: number, options: FollowOption = {}) =>
    operation('chown', { ...objectFields(object), uid, gid, ...options }),
  utimens: (object: FileObject, atime: FileTime, mtime: FileTime, options: FollowOption = {}) =>
    operation('utimens', {
      ...objectFields(object),
      atime: timeOf(atime),
      mtime: timeOf(mtime),
      ...options,
    }),
  truncate: (object: FileObject, size: number) =>
    operation('truncate', { ...objectFields(object), size }),
  stat: (object: FileObject, options: FollowOption = {}) =>
    operation('stat', { ...objectFields(object), ...options }),
  readlink: (object: FileObject) => operation('readlink', objectFields(object)),
} as const;

export function objectFields(object: FileObject): Record<string, string> {
  return typeof object === 'object' && 'ino' in object
    ? { ino: object.ino.toString() }
    : nameField('path', object);
}

const timeOf = (time: FileTime): string => (typeof time === 'bigint' ? time.toString() : time);

/** An absent field and one set to nothing are not the same on the wire. */
function operation(kind: string, fields: Readonly<Record<string, unknown>>): Operation {
  const op: Record<string, unknown> & { kind: string } = { kind };
  for (const field in fields) if (fields[field] !== undefined) op[field] = fields[field];
  return op;
}
