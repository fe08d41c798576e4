import { SoloFiles, type SoloProcess } from '../twin/solo-files';

function start(): {
  readonly files: SoloFiles;
  readonly root: SoloProcess;
  readonly ann: SoloProcess;
} {
  const files = new SoloFiles();
  const root = files.process();
  root.mkdir('/d', 0o777);
  root.mkdir('/d/e');
  root.create('/d/f', 0o600);
  root.symlink('f', '/d/to-f');
  root.symlink('nothing', '/d/to-nothing');
  root.mkdir('/readable');
  return { files, root, ann: files.process({ uid: 1001, gids: [1001] }) };
}

describe('link', () => {
  it('gives one inode two names, and each tells of both', () => {
    const { root } = start();
    expect(root.link('/d/f', '/g')).toBe('ok');
    expect(root.attributes('/g')).toMatchObject({ nlink: 2, type: 'file' });
    expect(root.attributes('/g')).toEqual(root.attributes('/d/f'));
    root.chmod('/g', 0o640);
    expect(root.attributes('/d/f').mode).toBe(0o640);
  });

  it('sets ctime of the source, mtime and ctime of the new parent, and no more', () => {
    const { root } = start();
    const [source, parent, from] = ['/d/f', '/', '/d'].map((path) => root.attributes(path));
    root.link('/d/f', '/g');
    const after = root.attributes('/g');
    expect(after).toEqual({
      ...source,
      nlink: 2,
      ctime: after.ctime,
      metaGen: (source?.metaGen ?? 0) + 1,
      changedOp: after.changedOp,
    });
    expect(after.ctime).not.toEqual(source?.ctime);
    expect(root.attributes('/').mtime).toEqual(after.ctime);
    expect(root.attributes('/').mtime).not.toEqual(parent?.mtime);
    expect(root.attributes('/d')).toEqual(from);
  });

  it('links a symbolic link itself, or, when asked, what it leads to', () => {
    const { root } = start();
    expect(root.link('/d/to-f', '/a')).toBe('ok');
    expect(root.link('/d/to-f', '/b', true)).toBe('ok');
    expect(root.link('/d/to-nothing', '/c')).toBe('ok');
    expect(root.link('/d/to-nothing', '/e', true)).toBe('ENOENT');
    expect(['/a', '/b', '/c'].map((path) => root.attributes(path).type)).toEqual([
      'symlink',
      'file',
      'symlink',
    ]);
  });

  it.each([
    ['/d/nothing', '/x', 'ENOENT'],
    ['/d/f/', '/x', 'ENOTDIR'],
    ['/d/e', '/x', 'EPERM'],
    ['/d/e', '/d/f', 'EEXIST'],
    ['/d/f', '/d/f', 'EEXIST'],
    ['/d/f', '/nothing/x', 'ENOENT'],
    ['/d/nothing', '/nothing/x', 'ENOENT'],
    ['/d/to-f/', '/x', 'ENOTDIR'],
  ])('of %s as %s answers %s and changes nothing', (from, to, code) => {
    const { files, root } = start();
    const before = files.digest();
    expect(root.link(from, to)).toBe(code);
    expect(files.digest()).toBe(before);
  });

  it('tells of a directory as source after it told of permission', () => {
    const { ann } = start();
    expect(ann.link('/d/e', '/readable/x')).toBe('EACCES');
    expect(ann.link('/d/e', '/d/x')).toBe('EPERM');
  });

  it('asks nothing of the source: whoever finds it may name it', () => {
    const { ann } = start();
    expect(ann.link('/d/f', '/d/mine')).toBe('ok');
  });

  it('leaves the file when its first name goes', () => {
    const { root } = start();
    root.link('/d/f', '/g');
    expect(root.unlink('/d/f')).toBe('ok');
    expect(root.attributes('/g').nlink).toBe(1);
    expect(root.unlink('/g')).toBe('ok');
  });
});
