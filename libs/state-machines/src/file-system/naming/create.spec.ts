import { bytesOf, SoloFiles, type SoloProcess } from '../twin/solo-files';

function start(): {
  readonly files: SoloFiles;
  readonly root: SoloProcess;
  readonly ann: SoloProcess;
} {
  const files = new SoloFiles();
  const root = files.process();
  root.mkdir('/d', 0o777);
  root.mkdir('/readable', 0o755);
  root.create('/d/f');
  root.symlink('f', '/d/to-f');
  root.symlink('new', '/d/to-new');
  root.symlink('new/', '/d/to-new-slash');
  return { files, root, ann: files.process({ uid: 1001, gids: [1001, 2000] }) };
}

const MAKERS = {
  create: (process: SoloProcess, path: string) => process.create(path),
  mkdir: (process: SoloProcess, path: string) => process.mkdir(path),
  fifo: (process: SoloProcess, path: string) => process.mknod(path, 'fifo'),
  symlink: (process: SoloProcess, path: string) => process.symlink('target', path),
  link: (process: SoloProcess, path: string) => process.link('/d/f', path),
};
type Maker = keyof typeof MAKERS;
const ALL = Object.keys(MAKERS) as Maker[];

describe.each(ALL)('%s', (maker) => {
  const make = MAKERS[maker];

  it.each(['/d/f', '/d', '/d/to-new', '/d/to-f'])('finds %s taken: EEXIST', (path) => {
    expect(make(start().root, path)).toBe('EEXIST');
  });

  it('tells that a name is taken before it tells that it may not write', () => {
    const { root, ann } = start();
    root.create('/readable/f');
    expect(make(ann, '/readable/f')).toBe('EEXIST');
  });

  it('needs write permission on the parent: EACCES, and changes nothing', () => {
    const { files, ann } = start();
    const before = files.digest();
    expect(make(ann, '/readable/new')).toBe('EACCES');
    expect(files.digest()).toBe(before);
  });

  it('needs the parent to be there, and to be a directory', () => {
    const { root } = start();
    expect(make(root, '/nothing/new')).toBe('ENOENT');
    expect(make(root, '/d/f/new')).toBe('ENOTDIR');
    expect(make(root, `/${'n'.repeat(256)}`)).toBe('ENAMETOOLONG');
  });

  it('sets mtime and ctime of the parent, and only there', () => {
    const { root } = start();
    const [top, parent] = [root.attributes('/'), root.attributes('/d')];
    expect(make(root, '/d/new')).toBe('ok');
    const after = root.attributes('/d');
    const { ctime } = root.attributes('/d/new');
    expect([after.mtime, after.ctime]).toEqual([ctime, ctime]);
    expect(after.mtime).not.toEqual(parent.mtime);
    expect([after.atime, after.contentGen]).toEqual([parent.atime, parent.contentGen + 1]);
    expect(root.attributes('/')).toEqual(top);
  });
});

describe('a slash at the end of a new name', () => {
  it.each([
    ['mkdir', 'ok'],
    ['create', 'EISDIR'],
    ['fifo', 'ENOENT'],
    ['symlink', 'ENOENT'],
    ['link', 'ENOENT'],
  ] as const)('%s answers %s', (maker, code) => {
    expect(MAKERS[maker](start().root, '/d/new/')).toBe(code);
  });

  it.each([
    ['mkdir', 'EEXIST'],
    ['create', 'EISDIR'],
    ['fifo', 'EEXIST'],
  ] as const)('%s of one that exists answers %s', (maker, code) => {
    expect(MAKERS[maker](start().root, '/d/to-f/')).toBe(code);
  });
});

describe('names that are none', () => {
  it.each(['/', '/d/.', '/d/..', '.', '..'])('%s is EEXIST for all', (path) => {
    for (const maker of ALL) expect(MAKERS[maker](start().root, path)).toBe('EEXIST');
  });
});

describe('what is made', () => {
  it.each(['file', 'fifo', 'socket', 'char', 'block'] as const)('may be of type %s', (type) => {
    const { root } = start();
    expect(root.mknod('/n', type, 0o640, { major: 8, minor: 1 })).toBe('ok');
    const isDevice = type === 'char' || type === 'block';
    expect(root.attributes('/n')).toMatchObject({
      type,
      mode: 0o640,
      nlink: 1,
      size: 0,
      blocks: 0,
      rdev: isDevice ? { major: 8, minor: 1 } : { major: 0, minor: 0 },
    });
  });

  it('belongs to the caller and his effective group', () => {
    const { ann } = start();
    ann.create('/d/new');
    expect(ann.attributes('/d/new')).toMatchObject({ uid: 1001, gid: 1001 });
  });

  it('has the mode without the umask; a symbolic link has all permissions', () => {
    const { files } = start();
    const process = files.process({ umask: 0o027 });
    process.create('/f', 0o6777);
    process.mkdir('/e', 0o777);
    process.mknod('/p', 'fifo', 0o666);
    process.symlink('f', '/l');
    const modes = ['/f', '/e', '/p', '/l'].map((path) => process.attributes(path).mode);
    expect(modes).toEqual([0o6750, 0o750, 0o640, 0o777]);
  });

  it('has four equal times', () => {
    const { root } = start();
    root.create('/f');
    const { atime, mtime, ctime, btime } = root.attributes('/f');
    expect([atime, mtime, ctime]).toEqual([btime, btime, btime]);
    expect(btime.seconds).toBeGreaterThan(0);
  });

  it('has the next number, and a refused operation takes none', () => {
    const { root } = start();
    root.create('/first');
    const { ino } = root.attributes('/first');
    root.create('/first');
    root.mkdir('/nothing/x');
    root.create('/second');
    expect(root.attributes('/second').ino).toBe(ino + 1);
  });
});

describe('mkdir', () => {
  it('ignores set-id bits of the mode and keeps the sticky bit', () => {
    const { root } = start();
    root.mkdir('/e', 0o7777);
    expect(root.attributes('/e')).toMatchObject({ type: 'dir', mode: 0o1777, nlink: 2 });
  });

  it('adds a link to the parent: the `..` in it', () => {
    const { root } = start();
    const { nlink } = root.attributes('/d');
    root.mkdir('/d/e');
    root.create('/d/g');
    expect(root.attributes('/d').nlink).toBe(nlink + 1);
  });
});

describe('a set-group-id directory', () => {
  function shared(): { readonly root: SoloProcess; readonly ann: SoloProcess } {
    const { root, ann } = start();
    root.mkdir('/shared');
    root.chown('/shared', 0, 3000);
    root.chmod('/shared', 0o2777);
    return { root, ann };
  }

  it('gives its group to what is made in it, and its bit to subdirectories only', () => {
    const { ann } = shared();
    ann.create('/shared/f', 0o644);
    ann.mkdir('/shared/e', 0o755);
    expect(ann.attributes('/shared/f')).toMatchObject({ gid: 3000, mode: 0o644 });
    expect(ann.attributes('/shared/e')).toMatchObject({ gid: 3000, mode: 0o2755 });
  });

  it('lets nobody outside the group make a program that runs as the group', () => {
    const { root, ann } = shared();
    ann.create('/shared/program', 0o2755);
    ann.create('/shared/data', 0o2644);
    root.create('/shared/by-root', 0o2755);
    expect(ann.attributes('/shared/program').mode).toBe(0o755);
    expect(ann.attributes('/shared/data').mode).toBe(0o2644);
    expect(ann.attributes('/shared/by-root').mode).toBe(0o2755);
  });
});

describe('create that is not exclusive', () => {
  it('leaves a file that exists as it is', () => {
    const { files, ann } = start();
    const before = ann.attributes('/d/f');
    expect(ann.create('/d/f', 0o777, false)).toBe('ok');
    expect(ann.attributes('/d/f')).toEqual(before);
    expect(files.process().names('/d')).toEqual(['f', 'to-f', 'to-new', 'to-new-slash']);
  });

  it('follows links, and makes what a link to nothing names', () => {
    const { root } = start();
    expect(root.create('/d/to-f', 0o600, false)).toBe('ok');
    expect(root.create('/d/to-new', 0o600, false)).toBe('ok');
    expect(root.attributes('/d/new')).toMatchObject({ type: 'file', mode: 0o600 });
  });

  it.each(['/d', '/', '/d/.', '/d/..', '/d/new/', '/d/to-new-slash'])(
    'is refused for %s: EISDIR',
    (path) => {
      expect(start().root.create(path, 0o644, false)).toBe('EISDIR');
    },
  );
});

describe('mknod', () => {
  it('of a device is for root: EPERM, but EEXIST and EACCES come first', () => {
    const { ann } = start();
    expect(ann.mknod('/d/new', 'char', 0o644, { major: 1, minor: 3 })).toBe('EPERM');
    expect(ann.mknod('/d/whiteout', 'char')).toBe('ok');
    expect(ann.mknod('/d/new', 'fifo')).toBe('ok');
    expect(ann.mknod('/d/f', 'block')).toBe('EEXIST');
    expect(ann.mknod('/readable/new', 'block')).toBe('EACCES');
  });

  it('of a socket over a name answers as bind does: EADDRINUSE', () => {
    expect(start().root.mknod('/d/f', 'socket')).toBe('EADDRINUSE');
  });
});

describe('symlink', () => {
  it('keeps any target, byte for byte, and its length as the size', () => {
    const { root } = start();
    expect(root.symlink('../é//nothing/', '/l')).toBe('ok');
    expect(root.readlink('/l')).toBe(bytesOf('../é//nothing/'));
    expect(root.attributes('/l')).toMatchObject({ type: 'symlink', size: 15 });
  });

  it('refuses a target that is empty or longer than a path', () => {
    const { root } = start();
    expect(root.symlink('', '/l')).toBe('ENOENT');
    expect(root.symlink('t'.repeat(4096), '/l')).toBe('ENAMETOOLONG');
    expect(root.symlink('t'.repeat(4095), '/l')).toBe('ok');
  });
});

describe('readlink', () => {
  it('is for symbolic links: EINVAL', () => {
    const { root } = start();
    expect([root.readlink('/d'), root.readlink('/d/f')]).toEqual(['EINVAL', 'EINVAL']);
  });
});
