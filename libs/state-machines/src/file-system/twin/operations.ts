import { at, bytesOf, PLAIN, PLAIN_DIRECTORY } from './solo-files';
import { settingsOf } from './settings';
import type { FileObject } from '../wire/arguments';
import type { FileOperation, Life, OpenFlag } from '../wire/operations';

/** Operations of tests, with what they say of most of them only when it matters. */

export const file = (path: string, life: Life = PLAIN.life, sequential = false): FileOperation => ({
  ...{ kind: 'create', path: bytesOf(path), mode: 0o644, exclusive: false },
  ...{ life, sequential },
});
export const mkdir = (path: string, life: Life = PLAIN.life, parents = false): FileOperation => ({
  ...{ kind: 'mkdir', path: bytesOf(path), mode: 0o755 },
  ...{ ...PLAIN_DIRECTORY, life, parents },
});
export const rename = (
  from: string,
  to: string,
  how: 'plain' | 'noreplace' | 'exchange' | 'whiteout' = 'plain',
): FileOperation => ({
  ...{ kind: 'rename', from: bytesOf(from), to: bytesOf(to) },
  ...{ noreplace: how === 'noreplace', exchange: how === 'exchange', whiteout: how === 'whiteout' },
});
export const unlink = (path: string): FileOperation => ({ kind: 'unlink', path: bytesOf(path) });
export const link = (from: string, to: string): FileOperation => ({
  ...{ kind: 'link', from: bytesOf(from), to: bytesOf(to), follow: true },
});
export const remove = (path: string, trash: boolean): FileOperation => ({
  ...{ kind: 'remove', path: bytesOf(path), recursive: true, trash },
});
export const write = (object: FileObject, length: number, offset?: number): FileOperation => ({
  ...{ kind: 'write', object, offset, data: new Uint8Array(length).fill(length) },
});
export const setxattr = (
  object: FileObject,
  length: number,
  how: 'any' | 'create' | 'replace' = 'any',
  name = 'user.a',
): FileOperation => ({
  ...{ kind: 'setxattr', object, name: bytesOf(name), value: new Uint8Array(length), how },
});
export const open = (path: string, ...flags: OpenFlag[]): FileOperation => ({
  ...{ kind: 'open', path: bytesOf(path), flags, mode: 0o600 },
});
export const truncate = (object: FileObject, size: bigint): FileOperation => ({
  ...{ kind: 'truncate', object, size },
});
export const plock = (
  object: FileObject,
  mode: 'read' | 'write' | 'unlock',
  start = 0,
  length = 0,
): FileOperation => ({ kind: 'plock', object, owner: 'o', mode, start, length });
export const flock = (
  object: FileObject,
  mode: 'shared' | 'exclusive' | 'unlock',
): FileOperation => ({
  ...{ kind: 'flock', object, owner: '', mode },
});
export const define = (settings: Parameters<typeof settingsOf>[0]): FileOperation => ({
  ...{ kind: 'definevolume', settings: settingsOf(settings) },
});
export const snapshot = (name: string): FileOperation => ({ kind: 'snapshot', name });
const entry = (tag: 'user-obj' | 'user' | 'group-obj' | 'mask' | 'other', perm: number) => ({
  ...{ tag, id: tag === 'user' ? 1001 : 0, perm },
});
const ACL = [
  ...[entry('user-obj', 7), entry('user', 6), entry('group-obj', 5)],
  ...[entry('mask', 7), entry('other', 1)],
];
export const setacl = (path: string, isDirectory: boolean): FileOperation => ({
  ...{ kind: 'setacl', object: at(path), access: ACL },
  default: isDirectory ? ACL : undefined,
});
export const setquota = (path: string, inodes: number, bytes: number): FileOperation => ({
  ...{ kind: 'setquota', object: at(path), inodes, bytes },
});
export const chunks = (object: FileObject, put: number[], gone: number[]): FileOperation => ({
  kind: 'setchunks',
  object,
  put: put.map((index) => ({ index, data: Uint8Array.of(index, 7) })),
  remove: gone,
  size: 9_000,
});
export const ttl = (ttlMs: number): Life => ({ kind: 'ttl', ttlMs });
export const handle = (number: number): FileObject => ({ kind: 'handle', handle: number });
