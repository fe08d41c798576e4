import { createSolo, createStateStore, fnvHash } from '@lockstep/vr-core';
import { lockManager } from '../../lock-manager/plugin';
import { XATTRS_BYTES_MAX, XATTR_VALUE_MAX } from '../model/limits';
import { fileTables } from '../model/tables';
import { fileSystem, FILES_SERVICE } from '../plugin';
import { FLAG } from '../status/flags';
import { at, bytesOf, SoloFiles, type SoloProcess } from '../twin/solo-files';
import { decodeFileChange } from '../watch/change';

type How = 'any' | 'create' | 'replace';
const filled = (length: number, byte = 1): Uint8Array => new Uint8Array(length).fill(byte);
const V = filled(1);

function set(process: SoloProcess, path: string, name: string, value = V, how: How = 'any') {
  const object = at(path, false);
  return process.call({ kind: 'setxattr', object, name: bytesOf(name), value, how });
}

function remove(process: SoloProcess, path: string, name: string): string {
  return process.call({ kind: 'removexattr', object: at(path, false), name: bytesOf(name) });
}

function get(process: SoloProcess, path: string, name: string): Uint8Array | string {
  const result = process.run({ kind: 'getxattr', object: at(path, false), name: bytesOf(name) });
  if (result.kind === 'refused') return result.code;
  if (result.kind !== 'value') throw new Error('getxattr gives a value');
  return result.value;
}

function list(process: SoloProcess, path: string): readonly string[] | string {
  const result = process.run({ kind: 'listxattr', object: at(path, false) });
  if (result.kind === 'refused') return result.code;
  if (result.kind !== 'names') throw new Error('listxattr gives names');
  return result.names;
}

/** One of each type at `/<type>`, of user 1000; a sticky directory for everybody; one file that is closed to others. */
function oneOfEach() {
  const root = new SoloFiles().process();
  for (const type of ['file', 'fifo', 'socket', 'char', 'block'] as const)
    root.mknod(`/${type}`, type, 0o666);
  root.mkdir('/dir', 0o777);
  root.mkdir('/sticky', 0o1777);
  root.symlink('file', '/symlink');
  root.create('/closed', 0o600);
  root.create('/readable', 0o644);
  for (const name of root.names('/')) {
    root.chown(`/${name}`, 1000, 1000, false);
    set(root, `/${name}`, 'trusted.there');
    set(root, `/${name}`, 'security.there');
    set(root, `/${name}`, 'user.there');
  }
  const [owner, other] = [1000, 1001].map((id) => root.files.process({ uid: id, gids: [id] }));
  return { root, owner: owner as SoloProcess, other: other as SoloProcess };
}

/*
 * What `setxattr(2)` answers, by who asks: root, the owner, another. These and every other case of types, modes, names and
 * callers were compared with Linux 6.18 when they were written.
 */
const SET: readonly (readonly [
  path: string,
  name: string,
  root: string,
  own: string,
  other: string,
])[] = [
  ['file', 'user.a', 'ok', 'ok', 'ok'],
  ['readable', 'user.a', 'ok', 'ok', 'EACCES'],
  ['dir', 'user.a', 'ok', 'ok', 'ok'],
  ['sticky', 'user.a', 'ok', 'ok', 'EPERM'],
  ['fifo', 'user.a', 'EPERM', 'EPERM', 'EPERM'],
  ['socket', 'user.a', 'EPERM', 'EPERM', 'EPERM'],
  ['char', 'user.a', 'EPERM', 'EPERM', 'EPERM'],
  ['block', 'user.a', 'EPERM', 'EPERM', 'EPERM'],
  ['symlink', 'user.a', 'EPERM', 'EPERM', 'EPERM'],
  ['symlink', 'trusted.a', 'ok', 'EPERM', 'EPERM'],
  ['file', 'trusted.a', 'ok', 'EPERM', 'EPERM'],
  ['file', 'security.a', 'ok', 'EPERM', 'EPERM'],
  ['fifo', 'security.a', 'ok', 'EPERM', 'EPERM'],
  ['file', 'system.a', 'EOPNOTSUPP', 'EOPNOTSUPP', 'EOPNOTSUPP'],
  ['file', 'system.posix_acl_access', 'EOPNOTSUPP', 'EOPNOTSUPP', 'EOPNOTSUPP'],
  ['file', 'other.a', 'EOPNOTSUPP', 'EOPNOTSUPP', 'EOPNOTSUPP'],
  ['closed', 'other.a', 'EOPNOTSUPP', 'EOPNOTSUPP', 'EACCES'],
  ['file', 'user', 'EOPNOTSUPP', 'EOPNOTSUPP', 'EOPNOTSUPP'],
  ['file', 'user.', 'EINVAL', 'EINVAL', 'EINVAL'],
  ['closed', 'user.', 'EINVAL', 'EINVAL', 'EACCES'],
  ['file', 'trusted.', 'EINVAL', 'EPERM', 'EPERM'],
  ['file', '', 'ERANGE', 'ERANGE', 'ERANGE'],
  ['nothing', '', 'ERANGE', 'ERANGE', 'ERANGE'],
  ['nothing', 'user.a', 'ENOENT', 'ENOENT', 'ENOENT'],
  ['file', `user.${'n'.repeat(250)}`, 'ok', 'ok', 'ok'],
  ['file', `user.${'n'.repeat(251)}`, 'ERANGE', 'ERANGE', 'ERANGE'],
];

/** The same of `getxattr(2)`. */
const GET: readonly (readonly [
  path: string,
  name: string,
  root: string,
  own: string,
  other: string,
])[] = [
  ['file', 'user.there', 'ok', 'ok', 'ok'],
  ['closed', 'user.there', 'ok', 'ok', 'EACCES'],
  ['file', 'user.none', 'ENODATA', 'ENODATA', 'ENODATA'],
  ['fifo', 'user.there', 'ENODATA', 'ENODATA', 'ENODATA'],
  ['symlink', 'user.there', 'ENODATA', 'ENODATA', 'ENODATA'],
  ['file', 'trusted.there', 'ok', 'ENODATA', 'ENODATA'],
  ['closed', 'security.there', 'ok', 'ok', 'ok'],
  ['file', 'system.posix_acl_access', 'EOPNOTSUPP', 'EOPNOTSUPP', 'EOPNOTSUPP'],
  ['file', 'other.a', 'EOPNOTSUPP', 'EOPNOTSUPP', 'EOPNOTSUPP'],
  ['closed', 'other.a', 'EOPNOTSUPP', 'EOPNOTSUPP', 'EACCES'],
  ['file', 'user.', 'EINVAL', 'EINVAL', 'EINVAL'],
  ['nothing', '', 'ERANGE', 'ERANGE', 'ERANGE'],
];

describe('an extended attribute (xattr(7); fs/xattr.c of Linux)', () => {
  it.each(SET)('is set on %s under %s', (path, name, byRoot, byOwner, byOther) => {
    const { root, owner, other } = oneOfEach();
    expect([
      set(other, `/${path}`, name),
      set(owner, `/${path}`, name),
      set(root, `/${path}`, name),
    ]).toEqual([byOther, byOwner, byRoot]);
  });

  it.each(GET)('is read of %s under %s', (path, name, byRoot, byOwner, byOther) => {
    const { root, owner, other } = oneOfEach();
    const read = (process: SoloProcess): string => {
      const value = get(process, `/${path}`, name);
      return typeof value === 'string' ? value : 'ok';
    };
    expect([read(root), read(owner), read(other)]).toEqual([byRoot, byOwner, byOther]);
  });

  it('is removed by whom it is set, and not twice', () => {
    const { root, owner, other } = oneOfEach();
    expect(remove(other, '/readable', 'user.there')).toBe('EACCES');
    expect(remove(owner, '/readable', 'trusted.there')).toBe('EPERM');
    expect(remove(owner, '/readable', 'security.there')).toBe('EPERM');
    expect(remove(owner, '/readable', 'user.there')).toBe('ok');
    expect(remove(owner, '/readable', 'user.there')).toBe('ENODATA');
    expect(remove(root, '/fifo', 'user.there')).toBe('EPERM');
  });

  it('is listed in order; of trusted names only root is told', () => {
    const { root, other } = oneOfEach();
    set(root, '/closed', 'user.b');
    set(root, '/closed', 'user.a', filled(3000));
    const shown = ['security.there', 'user.a', 'user.b', 'user.there'];
    expect(list(other, '/closed')).toEqual(shown);
    expect(list(root, '/closed')).toEqual(['security.there', 'trusted.there', ...shown.slice(1)]);
    expect(list(root, '/')).toEqual([]);
  });

  it.each([0, 1, 1023, 1024, 1025, 2048, 2049, XATTR_VALUE_MAX])('holds %d bytes', (length) => {
    const process = new SoloFiles().process();
    process.create('/f');
    const value = Uint8Array.from({ length }, (_, n) => n % 251);
    expect(set(process, '/f', 'user.a', value)).toBe('ok');
    expect(set(process, '/f', 'user.ab', V)).toBe('ok');
    expect(get(process, '/f', 'user.a')).toEqual(value);
    expect(set(process, '/f', 'user.a', V)).toBe('ok');
    expect(get(process, '/f', 'user.a')).toEqual(V);
    expect(list(process, '/f')).toEqual(['user.a', 'user.ab']);
  });

  it('of more than 64 KiB is refused, before anything is looked up', () => {
    const process = new SoloFiles().process();
    expect(set(process, '/nothing', 'user.a', filled(XATTR_VALUE_MAX + 1))).toBe('E2BIG');
  });

  it.each([FLAG.UF_IMMUTABLE, FLAG.UF_APPEND])('is not changed under the flag %d', (flags) => {
    const process = new SoloFiles().process();
    process.create('/f');
    set(process, '/f', 'user.a');
    process.call({ kind: 'setflags', object: at('/f'), flags });
    expect(set(process, '/f', 'user.a', filled(2))).toBe('EPERM');
    expect(set(process, '/f', 'user.b')).toBe('EPERM');
    expect(remove(process, '/f', 'user.a')).toBe('EPERM');
    expect(get(process, '/f', 'user.a')).toEqual(V);
  });

  it('is only created, or only replaced, where that is asked for', () => {
    const process = new SoloFiles().process();
    process.create('/f');
    expect(set(process, '/f', 'user.a', V, 'replace')).toBe('ENODATA');
    expect(set(process, '/f', 'user.a', V, 'create')).toBe('ok');
    expect(set(process, '/f', 'user.a', filled(2), 'create')).toBe('EEXIST');
    expect(get(process, '/f', 'user.a')).toEqual(V);
    expect(set(process, '/f', 'user.a', filled(2), 'replace')).toBe('ok');
    expect(get(process, '/f', 'user.a')).toEqual(filled(2));
  });

  it('is refused when all of the inode would take too much, and fits when others have gone', () => {
    const process = new SoloFiles().process();
    process.create('/f');
    const most = Math.floor(XATTRS_BYTES_MAX / (XATTR_VALUE_MAX + 22));
    for (let n = 0; n < most; n += 1)
      expect(set(process, '/f', `user.${n}`, filled(XATTR_VALUE_MAX))).toBe('ok');
    expect(set(process, '/f', 'user.x', filled(XATTR_VALUE_MAX))).toBe('ENOSPC');
    expect(set(process, '/f', 'user.0', filled(XATTR_VALUE_MAX, 2))).toBe('ok');
    expect(remove(process, '/f', 'user.1')).toBe('ok');
    expect(set(process, '/f', 'user.x', filled(XATTR_VALUE_MAX))).toBe('ok');
  });

  it('changes the status of the inode, not its content, and watchers are told', () => {
    const { files } = new SoloFiles().process();
    const process = files.process();
    process.create('/f');
    const before = process.attributes('/f');
    set(process, '/f', 'user.a');
    const after = process.attributes('/f');
    expect(after).toMatchObject({ metaGen: before.metaGen + 1, mtime: before.mtime });
    expect(after.ctime).not.toEqual(before.ctime);
    remove(process, '/f', 'user.a');
    expect(process.attributes('/f').metaGen).toBe(before.metaGen + 2);
    const told = files.solo.events
      .filter(({ service }) => service === FILES_SERVICE)
      .map(({ bytes }) => decodeFileChange(bytes));
    expect(told.map(({ change, path }) => `${change} ${path}`)).toEqual([
      'created /f',
      'xattr /f',
      'xattr /f',
    ]);
  });

  it('leaves nothing behind when it is removed, or its inode goes', () => {
    const store = createStateStore(fnvHash);
    const solo = createSolo([lockManager(), fileSystem()], fnvHash, store);
    const process = new SoloFiles(solo).process();
    const { extra } = fileTables(store.tablesOf(FILES_SERVICE));
    process.create('/f');
    process.create('/g');
    for (const path of ['/f', '/g']) set(process, path, 'user.a', filled(5000));
    expect(extra.size).toBe(2 * (5 + 1));
    expect(remove(process, '/f', 'user.a')).toBe('ok');
    process.unlink('/g');
    expect(extra.size).toBe(0);
  });
});
