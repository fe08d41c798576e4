import { SoloFiles, type SoloProcess } from '../twin/solo-files';
import { close, fstat, open, openFile, processWithSession, read, write } from '../twin/solo-open';
import { settingsOf } from '../twin/settings';
import { HANDLES_MAX } from './handle-table';

/** Ann, of group 1001, has one of each type; bob is a stranger. */
function start(): {
  readonly files: SoloFiles;
  readonly root: SoloProcess;
  readonly ann: SoloProcess;
  readonly bob: SoloProcess;
} {
  const files = new SoloFiles();
  const root = processWithSession(files);
  const ann = processWithSession(files, { uid: 1001, gids: [1001] });
  const bob = processWithSession(files, { uid: 1002, gids: [1002] });
  root.chmod('/', 0o777);
  for (const path of ['/file', '/r', '/w', '/none']) ann.create(path, 0o644);
  for (const [path, mode] of [['/r', 0o444] as const, ['/w', 0o222] as const])
    ann.chmod(path, mode);
  ann.chmod('/none', 0);
  ann.mkdir('/dir');
  ann.symlink('file', '/to-file');
  ann.symlink('dir', '/to-dir');
  ann.symlink('nothing', '/to-nothing');
  ann.symlink('loop', '/loop');
  ann.mknod('/fifo', 'fifo');
  ann.mknod('/socket', 'socket');
  root.mknod('/char', 'char', 0o666, { major: 1, minor: 3 });
  root.mknod('/block', 'block', 0o666, { major: 1, minor: 3 });
  write(ann, '/file', 'text');
  return { files, root, ann, bob };
}

/** What `open` says to ann: `ok` or the errno, and a refusal has changed nothing. */
function verdict(path: string, flags: string): string {
  const { files, ann } = start();
  const before = files.digest();
  const handle = open(ann, path, flags);
  if (typeof handle === 'string') expect(files.digest()).toBe(before);
  return typeof handle === 'string' ? handle : 'ok';
}

describe('open', () => {
  it.each([
    ['RDONLY', 'ok'],
    ['WRONLY', 'ok'],
    ['RDWR', 'ok'],
    ['CREAT', 'EINVAL'],
    ['RDONLY WRONLY', 'EINVAL'],
    ['WRONLY RDWR', 'EINVAL'],
    ['RDONLY WRONLY RDWR', 'EINVAL'],
    ['RDONLY EXCL', 'ok'],
    ['RDONLY DIRECTORY CREAT', 'EINVAL'],
    ['RDONLY RDONLY', 'ok'],
  ])('asks for exactly one way of access: %s is %s', (flags, expected) => {
    expect(verdict('/file', flags)).toBe(expected);
  });

  it.each([
    ['/nothing', 'RDONLY', 'ENOENT'],
    ['/nothing', 'RDONLY EXCL', 'ENOENT'],
    ['/nothing', 'RDONLY CREAT', 'ok'],
    ['/nothing', 'WRONLY CREAT EXCL', 'ok'],
    ['/nothing/', 'RDONLY CREAT', 'EISDIR'],
    ['/dir/nothing/x', 'RDONLY CREAT', 'ENOENT'],
    ['/file/x', 'RDONLY CREAT', 'ENOTDIR'],
    ['/file/', 'RDONLY', 'ENOTDIR'],
    ['/file/', 'RDONLY CREAT', 'EISDIR'],
    ['/file', 'RDONLY CREAT', 'ok'],
    ['/file', 'RDONLY CREAT EXCL', 'EEXIST'],
    ['', 'RDONLY', 'ENOENT'],
    ['', 'RDONLY CREAT', 'ENOENT'],
    [`/${'x'.repeat(256)}`, 'RDONLY CREAT', 'ENAMETOOLONG'],
  ])('%s %s: %s', (path, flags, expected) => {
    expect(verdict(path, flags)).toBe(expected);
  });

  it.each([
    ['/dir', 'RDONLY', 'ok'],
    ['/dir', 'RDONLY DIRECTORY', 'ok'],
    ['/dir/', 'RDONLY', 'ok'],
    ['/', 'RDONLY', 'ok'],
    ['/.', 'RDONLY DIRECTORY', 'ok'],
    ['/dir/..', 'RDONLY', 'ok'],
    ['/dir', 'WRONLY', 'EISDIR'],
    ['/dir', 'RDWR', 'EISDIR'],
    ['/dir', 'RDONLY TRUNC', 'EISDIR'],
    ['/dir', 'RDONLY CREAT', 'EISDIR'],
    ['/dir', 'RDONLY CREAT EXCL', 'EEXIST'],
    ['/.', 'RDONLY CREAT', 'EISDIR'],
    ['/.', 'RDONLY CREAT EXCL', 'EEXIST'],
    ['/file', 'RDONLY DIRECTORY', 'ENOTDIR'],
    ['/fifo', 'RDONLY DIRECTORY', 'ENOTDIR'],
    ['/to-dir', 'RDONLY DIRECTORY', 'ok'],
    ['/to-file', 'RDONLY DIRECTORY', 'ENOTDIR'],
  ])('a directory is opened for reading alone: %s %s: %s', (path, flags, expected) => {
    expect(verdict(path, flags)).toBe(expected);
  });

  it.each([
    ['/to-file', 'RDONLY', 'ok'],
    ['/to-file', 'RDONLY NOFOLLOW', 'ELOOP'],
    ['/to-file', 'RDONLY CREAT NOFOLLOW', 'ELOOP'],
    ['/to-file', 'RDONLY CREAT EXCL', 'EEXIST'],
    ['/to-file', 'RDONLY NOFOLLOW DIRECTORY', 'ENOTDIR'],
    ['/to-dir', 'RDONLY NOFOLLOW DIRECTORY', 'ENOTDIR'],
    ['/to-dir/', 'RDONLY NOFOLLOW', 'ok'],
    ['/file', 'RDONLY NOFOLLOW', 'ok'],
    ['/to-nothing', 'RDONLY', 'ENOENT'],
    ['/to-nothing', 'RDONLY CREAT', 'ok'],
    ['/to-nothing', 'RDONLY CREAT EXCL', 'EEXIST'],
    ['/to-nothing', 'RDONLY CREAT NOFOLLOW', 'ELOOP'],
    ['/loop', 'RDONLY', 'ELOOP'],
    ['/loop', 'RDONLY CREAT', 'ELOOP'],
    ['/loop', 'RDONLY CREAT EXCL', 'EEXIST'],
  ])('links are followed unless asked not to: %s %s: %s', (path, flags, expected) => {
    expect(verdict(path, flags)).toBe(expected);
  });

  it.each([
    ['/fifo', 'RDONLY', 'ok'],
    ['/fifo', 'RDONLY NONBLOCK', 'ok'],
    ['/fifo', 'RDWR NONBLOCK', 'ok'],
    ['/fifo', 'WRONLY', 'ok'],
    ['/fifo', 'WRONLY NONBLOCK', 'ENXIO'],
    ['/fifo', 'WRONLY TRUNC', 'ok'],
    ['/socket', 'RDONLY', 'ENXIO'],
    ['/socket', 'WRONLY NONBLOCK', 'ENXIO'],
    ['/char', 'RDONLY', 'ENXIO'],
    ['/block', 'RDWR', 'ENXIO'],
  ])('special files are inert: %s %s: %s', (path, flags, expected) => {
    expect(verdict(path, flags)).toBe(expected);
  });

  it.each([
    ['/r', 'RDONLY', 'ok'],
    ['/r', 'WRONLY', 'EACCES'],
    ['/r', 'RDWR', 'EACCES'],
    ['/r', 'RDONLY TRUNC', 'EACCES'],
    ['/r', 'RDONLY APPEND', 'ok'],
    ['/w', 'RDONLY', 'EACCES'],
    ['/w', 'WRONLY', 'ok'],
    ['/w', 'WRONLY TRUNC', 'ok'],
    ['/w', 'RDWR', 'EACCES'],
    ['/none', 'RDONLY', 'EACCES'],
    ['/none', 'RDONLY CREAT', 'EACCES'],
    ['/none', 'RDONLY CREAT EXCL', 'EEXIST'],
  ])('asks for permission by the way of access: %s %s: %s', (path, flags, expected) => {
    expect(verdict(path, flags)).toBe(expected);
  });

  it.each([
    ['/to-file', 'RDONLY NOFOLLOW', 'EMLINK'],
    ['/to-file', 'RDONLY CREAT EXCL', 'EEXIST'],
    ['/socket', 'RDONLY', 'EOPNOTSUPP'],
    ['/fifo', 'WRONLY NONBLOCK', 'ENXIO'],
    ['/char', 'RDONLY', 'ENXIO'],
  ])(
    'in a volume of the FreeBSD flavour has some errnos of its own: %s %s: %s',
    (path, flags, expected) => {
      const { ann, root } = start();
      const settings = settingsOf({ flavour: 'freebsd' });
      expect(root.call({ kind: 'definevolume', settings })).toBe('ok');
      expect(open(ann, path, flags)).toBe(expected);
    },
  );

  it('of another volume serves no request about this one', () => {
    const { files, root } = start();
    const other = files.process();
    other.volume = 'other';
    other.options = root.options;
    other.call({ kind: 'definevolume', settings: settingsOf({}) });
    const handle = openFile(other, '/f', 'RDWR CREAT');
    expect([fstat(root, handle), fstat(other, handle)]).toEqual([
      'EBADF',
      expect.objectContaining({ size: 0 }),
    ]);
  });

  it('asks a special file for permission before it tells that nothing is there', () => {
    const { ann, bob, root } = start();
    ann.chmod('/socket', 0o600);
    expect([open(bob, '/socket', 'RDONLY'), open(root, '/socket', 'RDONLY')]).toEqual([
      'EACCES',
      'ENXIO',
    ]);
  });

  it('needs to write to the directory to make a file, and not to open one that is there', () => {
    const { ann, bob } = start();
    ann.create('/dir/f', 0o666);
    expect(open(bob, '/dir/g', 'RDONLY CREAT')).toBe('EACCES');
    expect(open(bob, '/dir/f', 'RDWR CREAT')).toEqual(expect.any(Number));
  });

  it('makes the target of a link to nothing', () => {
    const { ann } = start();
    openFile(ann, '/to-nothing', 'RDONLY CREAT', 0o640);
    expect(ann.attributes('/nothing')).toMatchObject({ type: 'file', mode: 0o640, uid: 1001 });
  });

  it('cuts the file with TRUNC, also when it is opened for reading, and counts it as a change', () => {
    const { ann } = start();
    const before = ann.attributes('/file');
    openFile(ann, '/file', 'RDONLY TRUNC');
    const after = ann.attributes('/file');
    expect(after).toMatchObject({ size: 0, blocks: 0, contentGen: before.contentGen + 1 });
    expect(after.mtime).not.toEqual(before.mtime);
  });

  it('without TRUNC changes nothing that is told of the file', () => {
    const { ann } = start();
    const before = ann.attributes('/file');
    const handle = openFile(ann, '/file', 'RDWR CREAT APPEND');
    expect(ann.attributes('/file')).toEqual(before);
    close(ann, handle);
    expect(ann.attributes('/file')).toEqual(before);
  });

  it('tells of the file as it is then', () => {
    const { ann } = start();
    const result = ann.run({
      kind: 'open',
      path: '/file' as never,
      flags: ['WRONLY', 'TRUNC'],
      mode: 0,
    });
    expect(result).toMatchObject({ kind: 'opened', attributes: { size: 0, mode: 0o644 } });
  });

  it(`gives a session ${HANDLES_MAX} handles, and another when one is closed`, () => {
    const { ann, bob } = start();
    for (let count = 1; count < HANDLES_MAX; count += 1) openFile(ann, '/file', 'RDONLY');
    const last = openFile(ann, '/file', 'RDONLY');
    expect(open(ann, '/nothing', 'RDONLY')).toBe('EMFILE');
    expect(open(bob, '/file', 'RDONLY')).toEqual(expect.any(Number));
    close(ann, last);
    expect(open(ann, '/file', 'RDONLY')).toEqual(expect.any(Number));
  });
});

describe('a handle', () => {
  it('is the session’s alone, and none without it', () => {
    const { files, ann, bob } = start();
    const handle = openFile(ann, '/file', 'RDWR');
    expect(read(ann, handle)).toBe('text');
    const without = files.process({ uid: 1001, gids: [1001] });
    for (const other of [bob, without]) {
      expect([read(other, handle), write(other, handle, 'x'), close(other, handle)]).toEqual([
        'EBADF',
        'EBADF',
        'EBADF',
      ]);
    }
  });

  it('has a number that is never used again', () => {
    const { ann } = start();
    const first = openFile(ann, '/file', 'RDONLY');
    close(ann, first);
    const second = openFile(ann, '/file', 'RDONLY');
    expect(second).toBeGreaterThan(first);
    expect([fstat(ann, first), close(ann, first)]).toEqual(['EBADF', 'EBADF']);
  });

  it('is closed by its number and no path', () => {
    const { ann } = start();
    const named = { kind: 'path', path: '/file' as never, follow: true } as const;
    expect(ann.call({ kind: 'close', object: named })).toBe('EINVAL');
    expect(ann.call({ kind: 'close', object: { kind: 'ino', ino: 2 } })).toBe('EINVAL');
  });

  it('keeps a file without a name, with nlink 0, until the last is closed', () => {
    const { ann, bob } = start();
    const { ino } = ann.attributes('/file');
    ann.chmod('/file', 0o666);
    const [one, other] = [openFile(ann, '/file', 'RDWR'), openFile(bob, '/file', 'RDONLY')];
    expect(ann.unlink('/file')).toBe('ok');
    expect(fstat(ann, one)).toMatchObject({ ino, nlink: 0, size: 4 });
    expect(ann.run({ kind: 'stat', object: { kind: 'ino', ino } })).toMatchObject({
      code: 'ESTALE',
    });
    expect(write(ann, one, 'more')).toBe('ok');
    close(ann, one);
    expect(read(bob, other)).toBe('textmore');
    close(bob, other);
    expect(fstat(bob, other)).toBe('EBADF');
  });

  it.each([
    ['chmod', (handle: object) => ({ kind: 'chmod', object: handle, mode: 0o600 })],
    ['chown', (handle: object) => ({ kind: 'chown', object: handle, uid: undefined, gid: 1001 })],
    [
      'utimens',
      (handle: object) => ({
        kind: 'utimens',
        object: handle,
        atime: { kind: 'now' },
        mtime: { kind: 'set', seconds: 5n, nanos: 0 },
      }),
    ],
    ['truncate', (handle: object) => ({ kind: 'truncate', object: handle, size: 2n })],
    ['stat', (handle: object) => ({ kind: 'stat', object: handle })],
  ])('%s works by it on a file without a name', (_name, op) => {
    const { ann } = start();
    const handle = openFile(ann, '/file', 'RDWR');
    ann.unlink('/file');
    expect(ann.call(op({ kind: 'handle', handle }) as never)).toBe('ok');
  });

  it('keeps what it was opened for, whatever becomes of the permissions', () => {
    const { ann } = start();
    const handle = openFile(ann, '/new', 'RDWR CREAT', 0);
    expect(ann.attributes('/new').mode).toBe(0);
    expect([write(ann, handle, 'abc'), read(ann, handle)]).toEqual(['ok', 'abc']);
    expect(ann.call({ kind: 'truncate', object: { kind: 'handle', handle }, size: 1n })).toBe('ok');
    expect([read(ann, handle), read(ann, '/new'), write(ann, '/new', 'x')]).toEqual([
      'a',
      'EACCES',
      'EACCES',
    ]);
  });

  it.each([
    ['RDONLY', 'text', 'EBADF', 'EINVAL'],
    ['WRONLY', 'EBADF', 'ok', 'ok'],
    ['RDWR', 'text', 'ok', 'ok'],
    ['RDONLY APPEND', 'text', 'EBADF', 'EINVAL'],
  ])('opened %s: read %s, write %s, truncate %s', (flags, reads, writes, truncates) => {
    const { ann } = start();
    const handle = openFile(ann, '/file', flags);
    const object = { kind: 'handle', handle } as const;
    expect(read(ann, handle)).toBe(reads);
    expect(write(ann, handle, 'x')).toBe(writes);
    expect(ann.call({ kind: 'truncate', object, size: 0n })).toBe(truncates);
  });

  it('that appends writes at the end, wherever it is told to', () => {
    const { ann } = start();
    const handle = openFile(ann, '/file', 'WRONLY APPEND');
    write(ann, handle, '!', 0);
    expect(read(ann, '/file')).toBe('text!');
  });

  it('of a directory that was removed tells of it, and finds nothing in it', () => {
    const { ann } = start();
    const handle = openFile(ann, '/dir', 'RDONLY');
    const { ino } = ann.attributes('/dir');
    expect(ann.rmdir('/dir')).toBe('ok');
    expect(fstat(ann, handle)).toMatchObject({ ino, type: 'dir', nlink: 0, size: 0 });
    const object = { kind: 'handle', handle } as const;
    const listing = { after: undefined, limit: 10, plus: false };
    expect(ann.call({ kind: 'readdir', object, ...listing })).toBe('ENOENT');
    const inside = ann.files.process({ cwd: ino });
    expect([inside.create('x'), inside.mkdir('x'), inside.symlink('x', 'y')]).toEqual([
      'ENOENT',
      'ENOENT',
      'ENOENT',
    ]);
    expect([ann.mkdir('/dir'), close(ann, handle)]).toEqual(['ok', 'ok']);
    expect(ann.attributes('/dir').nlink).toBe(2);
  });

  it('of a file that a rename replaces keeps what was there', () => {
    const { ann } = start();
    const handle = openFile(ann, '/file', 'RDONLY');
    ann.rename('/w', '/file');
    expect([read(ann, handle), fstat(ann, handle)]).toEqual([
      'text',
      expect.objectContaining({ nlink: 0 }),
    ]);
  });
});
