import { bytesOf, PLAIN_DIRECTORY, SoloFiles, type SoloProcess } from '../twin/solo-files';

function start(umask = 0o022): { readonly files: SoloFiles; readonly root: SoloProcess } {
  const files = new SoloFiles();
  const root = files.process({ umask });
  root.mkdir('/d');
  root.create('/f');
  root.symlink('d', '/to-d');
  root.symlink('nothing', '/to-nothing');
  return { files, root };
}

const make = (process: SoloProcess, path: string, mode = 0o777): string =>
  process.call({ kind: 'mkdir', path: bytesOf(path), mode, ...PLAIN_DIRECTORY, parents: true });

describe('mkdir with parents', () => {
  it.each([
    ['/a', '/a'],
    ['/a/b/c', '/a/b/c'],
    ['//a//b///c//', '/a/b/c'],
    ['/d/a', '/d/a'],
    ['/to-d/a/b', '/d/a/b'],
    ['a/b', '/a/b'],
    ['/a/../b', '/b'],
    ['/a/./b/.', '/a/b'],
  ])('of %s makes what is missing', (path, made) => {
    const { root } = start();
    expect(make(root, path)).toBe('ok');
    expect(root.attributes(made).type).toBe('dir');
  });

  it.each(['/', '/d', '/d/', '/to-d', '/d/..', '.'])(
    'of %s, which is there, changes nothing',
    (path) => {
      const { files, root } = start();
      const before = files.digest();
      expect(make(root, path)).toBe('ok');
      expect(files.digest()).toBe(before);
    },
  );

  it.each([
    ['', 'ENOENT'],
    ['/f', 'EEXIST'],
    ['/f/a', 'ENOTDIR'],
    ['/a/b/../../f/c', 'ENOTDIR'],
    ['/to-nothing', 'EEXIST'],
    ['/to-nothing/a', 'EEXIST'],
    [`/a/${'n'.repeat(256)}/b`, 'ENAMETOOLONG'],
    [`/${'a/'.repeat(2_048)}`, 'ENAMETOOLONG'],
  ])('of %s answers %s and makes nothing', (path, code) => {
    const { files, root } = start();
    const before = files.digest();
    expect(make(root, path)).toBe(code);
    expect(files.digest()).toBe(before);
  });

  it('lets the owner go on in those on the way, whatever the umask, and takes the mode for the last', () => {
    const { root } = start(0o777);
    expect(make(root, '/a/b', 0o700)).toBe('ok');
    expect([root.attributes('/a').mode, root.attributes('/a/b').mode]).toEqual([0o300, 0]);
    const usual = root.files.process({ umask: 0o027 });
    make(usual, '/x/y', 0o1777);
    expect([root.attributes('/x').mode, root.attributes('/x/y').mode]).toEqual([0o750, 0o1750]);
  });

  it('hands the group down at every level', () => {
    const { root } = start();
    root.chown('/d', -1, 2000);
    root.chmod('/d', 0o2755);
    make(root, '/d/a/b');
    for (const path of ['/d/a', '/d/a/b'])
      expect(root.attributes(path)).toMatchObject({ gid: 2000, mode: 0o2755 });
  });

  it('needs permission where something is made, and only there', () => {
    const { files, root } = start();
    const ann = files.process({ uid: 1001, gids: [1001] });
    root.mkdir('/d/open');
    root.chmod('/d/open', 0o777);
    expect([make(ann, '/d/a'), make(ann, '/d/open/a/b'), make(ann, '/d')]).toEqual([
      'EACCES',
      'ok',
      'ok',
    ]);
  });

  it('tells of the last directory', () => {
    const { root } = start();
    const op = { kind: 'mkdir', path: bytesOf('/a/b'), mode: 0o755, ...PLAIN_DIRECTORY } as const;
    const result = root.run({ ...op, parents: true });
    expect(result).toMatchObject({ attributes: { ino: root.attributes('/a/b').ino } });
  });
});
