import { fromByteString } from '@lockstep/vr-core';
import { VOLUME_DEFAULTS } from '../model/volume';
import { at, bytesOf, SoloFiles, type SoloProcess } from '../twin/solo-files';
import { processWithSession, read, write } from '../twin/solo-open';
import { FilesWithTables } from '../twin/files-with-tables';
import { CLONE_NAMES_MAX } from './clone';

const clone = (process: SoloProcess, from: string, to: string, recursive = false): string =>
  process.call({ kind: 'clone', from: bytesOf(from), to: bytesOf(to), recursive });

const setxattr = (process: SoloProcess, path: string, name: string): string =>
  process.call({
    kind: 'setxattr',
    object: at(path),
    name: bytesOf(name),
    value: fromByteString(bytesOf('value')),
    how: 'any',
  });

function attributeNames(process: SoloProcess, path: string): readonly string[] {
  const result = process.run({ kind: 'listxattr', object: at(path) });
  if (result.kind !== 'names') throw new Error('listxattr gives names');
  return result.names;
}

/** A tree of ann's, `/t`, that has one of each. */
function start(files = new SoloFiles()): {
  readonly files: SoloFiles;
  readonly root: SoloProcess;
  readonly ann: SoloProcess;
  readonly bob: SoloProcess;
} {
  const root = processWithSession(files);
  const ann = processWithSession(files, { uid: 1001, gids: [1001, 2000] });
  const bob = processWithSession(files, { uid: 1002, gids: [1002, 2000] });
  root.chmod('/', 0o777);
  ann.mkdir('/t');
  ann.mkdir('/t/d', 0o750);
  ann.create('/t/f', 0o644);
  write(ann, '/t/f', 'content');
  ann.link('/t/f', '/t/d/again');
  ann.symlink('f', '/t/link');
  ann.mknod('/t/fifo', 'fifo', 0o600);
  return { files, root, ann, bob };
}

describe('clone', () => {
  it('copies content, chunks, attributes and lists to a new inode', () => {
    const { ann } = start();
    setxattr(ann, '/t/f', 'user.a');
    const access = [
      { tag: 'user-obj', id: 0, perm: 6 },
      { tag: 'user', id: 77, perm: 4 },
      { tag: 'group-obj', id: 0, perm: 4 },
      { tag: 'mask', id: 0, perm: 4 },
      { tag: 'other', id: 0, perm: 4 },
    ] as const;
    expect(ann.call({ kind: 'setacl', object: at('/t/f'), access, default: undefined })).toBe('ok');
    expect(clone(ann, '/t/f', '/copy')).toBe('ok');
    const [copy, source] = [ann.attributes('/copy'), ann.attributes('/t/f')];
    expect(copy).toEqual({
      ...source,
      ino: copy.ino,
      nlink: 1,
      ctime: copy.ctime,
      btime: copy.btime,
      contentGen: 0,
      metaGen: 0,
      changedOp: copy.changedOp,
    });
    expect(copy.ino).not.toBe(source.ino);
    expect([read(ann, '/copy'), attributeNames(ann, '/copy')]).toEqual(['content', ['user.a']]);
    const lists = (path: string) => ann.run({ kind: 'getacl', object: at(path) });
    expect(lists('/copy')).toEqual(lists('/t/f'));
    expect([write(ann, '/copy', 'C', 0), read(ann, '/t/f')]).toEqual(['ok', 'content']);
  });

  it('copies a chunk map', () => {
    const { ann } = start();
    ann.create('/t/g');
    const put = [{ index: 3, data: Uint8Array.of(7) }];
    ann.run({ kind: 'setchunks', object: at('/t/g'), put, remove: [], size: 9 });
    clone(ann, '/t/g', '/copy');
    const query = { kind: 'getchunks', object: at('/copy'), from: 0, limit: 9 } as const;
    expect(ann.run(query)).toEqual({ kind: 'chunks', chunks: put, next: undefined });
    expect(ann.attributes('/copy')).toMatchObject({ size: 9, blocks: 1 });
  });

  it('copies a directory only when it may go into it', () => {
    const { ann } = start();
    expect([clone(ann, '/t', '/copy'), clone(ann, '/t', '/copy', true)]).toEqual(['EISDIR', 'ok']);
    expect(ann.names('/copy')).toEqual(ann.names('/t'));
    expect(ann.names('/copy/d')).toEqual(['again']);
    expect([ann.readlink('/copy/link'), ann.attributes('/copy/fifo').type]).toEqual(['f', 'fifo']);
    const summary = (path: string) => ann.run({ kind: 'summary', object: at(path) });
    expect(summary('/copy')).toEqual(summary('/t'));
    expect(summary('/')).toMatchObject({ files: 8, directories: 4, bytes: 28 });
    expect(ann.attributes('/copy')).toMatchObject({ nlink: 3, size: 4 });
  });

  it('makes names of one inode names of one copy', () => {
    const { ann } = start();
    clone(ann, '/t', '/copy', true);
    const [one, other] = [ann.attributes('/copy/f'), ann.attributes('/copy/d/again')];
    expect([one.ino, one.nlink]).toEqual([other.ino, 2]);
    expect(ann.attributes('/t/f').nlink).toBe(2);
  });

  it('keeps times, also of directories that are filled', () => {
    const { ann } = start();
    const long = { kind: 'set', seconds: 5n, nanos: 6 } as const;
    for (const path of ['/t/f', '/t/d', '/t']) ann.utimens(path, long, long);
    clone(ann, '/t', '/copy', true);
    for (const path of ['/copy/f', '/copy/d', '/copy'])
      expect(ann.attributes(path)).toMatchObject({
        atime: { seconds: 5, nanos: 6 },
        mtime: { seconds: 5, nanos: 6 },
      });
  });

  it.each([
    ['root keeps the owner and every bit', 0, [1001, 2000, 0o6755]],
    [
      'another owns the copy, in a group that is his, without set-user-id',
      1002,
      [1002, 2000, 0o2755],
    ],
    ['a stranger to the group loses set-group-id too', 1003, [1003, 1003, 0o755]],
  ])('%s', (_what, uid, [owner, group, mode]) => {
    const { files, ann, root } = start();
    root.chown('/t/f', 1001, 2000);
    root.chmod('/t/f', 0o6755);
    root.chmod('/t', 0o755);
    const caller = files.process({ uid, gids: uid === 1002 ? [1002, 2000] : [uid] });
    expect(clone(caller, '/t/f', '/copy')).toBe('ok');
    expect(ann.attributes('/copy')).toMatchObject({ uid: owner, gid: group, mode });
  });

  it('leaves attributes that the caller could not have given', () => {
    const { root, bob } = start();
    setxattr(root, '/t/f', 'trusted.a');
    setxattr(root, '/t/f', 'user.a');
    clone(bob, '/t/f', '/copy');
    clone(root, '/t/f', '/whole');
    expect(attributeNames(root, '/copy')).toEqual(['user.a']);
    expect(attributeNames(root, '/whole')).toEqual(['trusted.a', 'user.a']);
  });

  it.each([
    ['/t/f', '/t/link', false, 'EEXIST'],
    ['/nothing', '/copy', false, 'ENOENT'],
    ['/t/f', '/nothing/copy', false, 'ENOENT'],
    ['/t/f', '/copy/', false, 'ENOENT'],
    ['/t', '/t/copy', true, 'EINVAL'],
    ['/t', '/t/d/copy', true, 'EINVAL'],
    ['/', '/copy', true, 'EINVAL'],
  ])('%s to %s (recursive: %s) is refused: %s', (from, to, recursive, errno) => {
    const { files, ann } = start();
    const before = files.digest();
    expect(clone(ann, from, to, recursive)).toBe(errno);
    expect(files.digest()).toBe(before);
  });

  it('asks to read all that it copies, and to write where the copy goes', () => {
    const { files, ann, bob, root } = start();
    const before = files.digest();
    expect(clone(bob, '/t', '/copy', true)).toBe('EACCES');
    expect(files.digest()).toBe(before);
    ann.chmod('/t/d', 0o755);
    expect(clone(bob, '/t', '/copy', true)).toBe('ok');
    expect(clone(bob, '/t/f', '/t/copy')).toBe('EACCES');
    root.mknod('/t/char', 'char', 0o666, { major: 1, minor: 3 });
    expect([clone(ann, '/t/char', '/c'), clone(root, '/t/char', '/c')]).toEqual(['EPERM', 'ok']);
    expect(root.attributes('/c').rdev).toEqual({ major: 1, minor: 3 });
  });

  it('keeps to the quota of where it goes', () => {
    const { files, root } = start();
    root.mkdir('/q');
    root.run({ kind: 'setquota', object: at('/q'), inodes: 5, bytes: 0 });
    const before = files.digest();
    expect(clone(root, '/t', '/q/t', true)).toBe('EDQUOT');
    expect(files.digest()).toBe(before);
    root.run({ kind: 'setquota', object: at('/q'), inodes: 6, bytes: 0 });
    expect(clone(root, '/t', '/q/t', true)).toBe('ok');
  });

  it(`copies ${CLONE_NAMES_MAX} names at most: EFBIG`, () => {
    const { ann } = start();
    ann.mkdir('/many');
    for (let count = 1; count < CLONE_NAMES_MAX; count += 1) ann.create(`/many/${count}`);
    expect(clone(ann, '/many', '/copy', true)).toBe('ok');
    ann.create('/many/more');
    expect(clone(ann, '/many', '/other', true)).toBe('EFBIG');
  });

  it('leaves nothing behind when both are removed', () => {
    const files = new FilesWithTables();
    const { tables } = files;
    const { ann } = start(files);
    setxattr(ann, '/t/f', 'user.a');
    clone(ann, '/t', '/copy', true);
    for (const path of ['/t', '/copy'])
      ann.call({ kind: 'remove', path: bytesOf(path), recursive: true, trash: false });
    files.solo.advance(VOLUME_DEFAULTS.historyMs + 1_000);
    expect([tables.extra.size, tables.inodes.size, tables.dentries.size]).toEqual([0, 1, 0]);
  });
});
