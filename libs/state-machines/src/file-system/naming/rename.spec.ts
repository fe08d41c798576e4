import { SoloFiles, type SoloProcess } from '../twin/solo-files';

function start(): {
  readonly files: SoloFiles;
  readonly root: SoloProcess;
  readonly ann: SoloProcess;
} {
  const files = new SoloFiles();
  const root = files.process();
  for (const path of ['/a', '/a/b', '/a/b/c', '/e', '/full', '/full/inner'])
    root.mkdir(path, 0o777);
  root.create('/f');
  root.create('/a/g');
  root.symlink('a', '/to-a');
  root.link('/f', '/f2');
  return { files, root, ann: files.process({ uid: 1001, gids: [1001] }) };
}

describe('rename', () => {
  it('moves a file: the same inode under the new name', () => {
    const { root } = start();
    const { ino } = root.attributes('/f');
    expect(root.rename('/f', '/a/h')).toBe('ok');
    expect(root.attributes('/a/h').ino).toBe(ino);
    expect(root.stat('/f')).toBe('ENOENT');
  });

  it('replaces a file, which loses a name', () => {
    const { root } = start();
    expect(root.rename('/a/g', '/f')).toBe('ok');
    expect(root.attributes('/f2').nlink).toBe(1);
    expect(root.names('/a')).toEqual(['b']);
  });

  it('replaces an empty directory by a directory', () => {
    const { root } = start();
    const { ino } = root.attributes('/full');
    expect(root.rename('/full', '/e')).toBe('ok');
    expect(root.attributes('/e').ino).toBe(ino);
    expect(root.names('/e')).toEqual(['inner']);
    expect(root.attributes('/').nlink).toBe(2 + 2);
  });

  it('moves a directory: `..` and the links of both parents follow', () => {
    const { root } = start();
    expect(root.rename('/a/b', '/e/b')).toBe('ok');
    expect(['/a', '/e', '/e/b'].map((path) => root.attributes(path).nlink)).toEqual([2, 3, 3]);
    expect(root.names('/e/b/..')).toEqual(['b']);
    expect(root.names('/e/b/c/../..')).toEqual(['b']);
  });

  it('takes slashes at the ends for a directory', () => {
    expect(start().root.rename('/a/', '/new/')).toBe('ok');
  });

  it('renames a link and not what it leads to', () => {
    const { root } = start();
    expect(root.rename('/to-a', '/e/l')).toBe('ok');
    expect(root.readlink('/e/l')).toBe('a');
  });

  it('of two names of one inode succeeds and changes nothing', () => {
    const { files, root } = start();
    const before = files.digest();
    expect([root.rename('/f', '/f2'), root.rename('/a', '/a')]).toEqual(['ok', 'ok']);
    expect(files.digest()).toBe(before);
  });

  it.each([
    ['/nothing', '/x', 'ENOENT'],
    ['', '/x', 'ENOENT'],
    ['/f', '', 'ENOENT'],
    ['/f', '/nothing/x', 'ENOENT'],
    ['/f', '/f/x', 'ENOTDIR'],
    ['/f', `/${'n'.repeat(256)}`, 'ENAMETOOLONG'],
    ['/a/.', '/x', 'EBUSY'],
    ['/a/..', '/x', 'EBUSY'],
    ['/', '/x', 'EBUSY'],
    ['/a', '/e/.', 'EBUSY'],
    ['/a', '/e/..', 'EBUSY'],
    ['/a', '/', 'EBUSY'],
    ['/a', '/a/x', 'EINVAL'],
    ['/a', '/a/b/c/x', 'EINVAL'],
    ['/a', '/to-a/x', 'EINVAL'],
    ['/a', '/a/b', 'EINVAL'],
    ['/a/b/c', '/a', 'ENOTEMPTY'],
    ['/f', '/a/b/../../a', 'EISDIR'],
    ['/f/', '/x', 'ENOTDIR'],
    ['/f', '/x/', 'ENOTDIR'],
    ['/to-a/', '/x', 'ENOTDIR'],
    ['/a', '/f', 'ENOTDIR'],
    ['/a', '/f/', 'ENOTDIR'],
    ['/a', '/to-a', 'ENOTDIR'],
    ['/f', '/e', 'EISDIR'],
    ['/a', '/full', 'ENOTEMPTY'],
  ])('of %s to %s answers %s and changes nothing', (from, to, code) => {
    const { files, root } = start();
    const before = files.digest();
    expect(root.rename(from, to)).toBe(code);
    expect(files.digest()).toBe(before);
  });

  it('sets mtime and ctime of both parents, and ctime alone of what moved', () => {
    const { root } = start();
    const before = root.attributes('/a/b');
    root.rename('/a/b', '/e/b');
    const moved = root.attributes('/e/b');
    for (const parent of ['/a', '/e']) {
      const { mtime, ctime } = root.attributes(parent);
      expect([mtime, ctime]).toEqual([moved.ctime, moved.ctime]);
    }
    expect(moved.ctime).not.toEqual(before.ctime);
    expect(moved.mtime).toEqual(before.mtime);
    expect(root.attributes('/').mtime).not.toEqual(moved.ctime);
  });
});

describe('rename with a flag', () => {
  it('noreplace refuses whatever is there, itself and the directory alike', () => {
    const { root } = start();
    expect(root.rename('/a/g', '/f', 'noreplace')).toBe('EEXIST');
    expect(root.rename('/f', '/f2', 'noreplace')).toBe('EEXIST');
    expect(root.rename('/a', '/e/.', 'noreplace')).toBe('EEXIST');
    expect(root.rename('/a/g', '/new', 'noreplace')).toBe('ok');
  });

  it('exchange swaps what is there, also a directory and a file', () => {
    const { root } = start();
    const [file, directory] = [root.attributes('/f'), root.attributes('/a/b')];
    expect(root.rename('/f', '/a/b', 'exchange')).toBe('ok');
    expect([root.attributes('/a/b').ino, root.attributes('/f').ino]).toEqual([
      file.ino,
      directory.ino,
    ]);
    expect([root.attributes('/a').nlink, root.attributes('/').nlink]).toEqual([2, 2 + 4]);
    expect(root.names('/f/..')).toEqual(['a', 'e', 'f', 'f2', 'full', 'to-a']);
  });

  it('exchange needs both, and swaps nobody with his own child', () => {
    const { root } = start();
    expect(root.rename('/f', '/new', 'exchange')).toBe('ENOENT');
    expect(root.rename('/a', '/a/b', 'exchange')).toBe('EINVAL');
    expect(root.rename('/a/b', '/a', 'exchange')).toBe('EINVAL');
    expect(root.rename('/a', '/f/', 'exchange')).toBe('ENOTDIR');
  });

  it('cannot have both flags', () => {
    const { files } = start();
    const both = { noreplace: true, exchange: true, whiteout: false } as const;
    const [from, to] = ['/f' as never, '/x' as never];
    expect(files.process().call({ kind: 'rename', from, to, ...both })).toBe('EINVAL');
  });
});

describe('permission to rename', () => {
  function owned(): {
    readonly root: SoloProcess;
    readonly ann: SoloProcess;
    readonly bob: SoloProcess;
  } {
    const { files, root, ann } = start();
    root.mkdir('/readable');
    root.create('/readable/f');
    root.mkdir('/open', 0o777);
    root.mkdir('/sticky', 0o1777);
    ann.create('/sticky/of-ann');
    ann.create('/open/of-ann');
    return { root, ann, bob: files.process({ uid: 1002, gids: [1002] }) };
  }

  it('is needed at both ends', () => {
    const { ann } = owned();
    expect(ann.rename('/readable/f', '/open/f')).toBe('EACCES');
    expect(ann.rename('/open/of-ann', '/readable/new')).toBe('EACCES');
    expect(ann.rename('/open/of-ann', '/readable/f')).toBe('EACCES');
  });

  it('is told after ancestry, and before types', () => {
    const { root, ann } = owned();
    root.mkdir('/readable/e');
    expect(ann.rename('/readable', '/readable/e/x')).toBe('EINVAL');
    expect(ann.rename('/open/of-ann', '/readable/e')).toBe('EACCES');
  });

  it('in sticky directories is for the owner, at both ends', () => {
    const { ann, bob } = owned();
    bob.create('/open/of-bob');
    expect(bob.rename('/sticky/of-ann', '/open/x')).toBe('EPERM');
    expect(bob.rename('/open/of-bob', '/sticky/of-ann')).toBe('EPERM');
    expect(ann.rename('/sticky/of-ann', '/sticky/new')).toBe('ok');
  });

  it('to another parent includes writing to the directory that moves, for its `..`', () => {
    const { root, ann } = owned();
    root.mkdir('/open/not-mine', 0o755);
    ann.mkdir('/open/mine', 0o555);
    expect(ann.rename('/open/not-mine', '/e/x')).toBe('EACCES');
    expect(ann.rename('/open/not-mine', '/open/x')).toBe('ok');
    root.chmod('/e', 0o777);
    expect(ann.rename('/open/x', '/e/x')).toBe('EACCES');
    expect(ann.rename('/open/mine', '/e/mine')).toBe('EACCES');
    ann.chmod('/open/mine', 0o755);
    expect(ann.rename('/open/mine', '/e/mine')).toBe('ok');
  });
});
