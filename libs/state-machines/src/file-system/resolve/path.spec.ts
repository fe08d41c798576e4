import { SoloFiles, type SoloProcess } from '../twin/solo-files';

/** A tree to walk: /d/e/f, a private directory, and links of every sort. */
function tree(): {
  readonly files: SoloFiles;
  readonly root: SoloProcess;
  readonly ann: SoloProcess;
} {
  const files = new SoloFiles();
  const root = files.process();
  root.mkdir('/d');
  root.mkdir('/d/e');
  root.create('/d/e/f');
  root.mkdir('/private', 0o700);
  root.create('/private/f');
  root.mkdir('/listed', 0o744);
  root.symlink('d/e', '/to-dir');
  root.symlink('/d/e/f', '/to-file');
  root.symlink('nothing', '/to-nothing');
  root.symlink('loop', '/loop');
  root.symlink('/', '/to-root');
  root.symlink('d/e/', '/to-dir-slash');
  root.symlink('d/e/f/', '/to-file-slash');
  return { files, root, ann: files.process({ uid: 1001, gids: [1001] }) };
}

/** The errno, or the path of what was found. */
function found(process: SoloProcess, path: string, follow = true): string {
  const attributes = process.stat(path, follow);
  if (typeof attributes === 'string') return attributes;
  const names = ['/', '/d', '/d/e', '/d/e/f', '/to-dir', '/to-file', '/to-nothing', '/loop'];
  const at = names.find((name) => process.attributes(name).ino === attributes.ino);
  return at ?? attributes.type;
}

describe('pathname resolution (POSIX XBD 4.16)', () => {
  it.each([
    ['/', '/'],
    ['///', '/'],
    ['/..', '/'],
    ['/../../d', '/d'],
    ['/d/e/f', '/d/e/f'],
    ['//d//e///f', '/d/e/f'],
    ['/d/./e/../e/.', '/d/e'],
    ['/d/', '/d'],
    ['d', '/d'],
    ['.', '/'],
    ['/to-dir', '/d/e'],
    ['/to-dir/f', '/d/e/f'],
    ['/to-dir/..', '/d'],
    ['/to-dir-slash', '/d/e'],
    ['/to-dir-slash/f', '/d/e/f'],
    ['/to-file', '/d/e/f'],
    ['/to-root', '/'],
    ['/to-root/d', '/d'],
    ['/to-root/to-root/', '/'],
  ])('%s leads to %s', (path, end) => {
    expect(found(tree().root, path)).toBe(end);
  });

  it.each([
    ['', 'ENOENT'],
    ['/nothing', 'ENOENT'],
    ['/nothing/f', 'ENOENT'],
    ['/d/e/f/', 'ENOTDIR'],
    ['/d/e/f/g', 'ENOTDIR'],
    ['/d/e/f/.', 'ENOTDIR'],
    ['/d/e/f/..', 'ENOTDIR'],
    ['/to-file/', 'ENOTDIR'],
    ['/to-file-slash', 'ENOTDIR'],
    ['/to-file/g', 'ENOTDIR'],
    ['/to-nothing', 'ENOENT'],
    ['/to-nothing/', 'ENOENT'],
    ['/loop', 'ELOOP'],
    ['/loop/f', 'ELOOP'],
  ])('%s is refused with %s', (path, code) => {
    expect(found(tree().root, path)).toBe(code);
  });

  it.each([
    ['/to-dir', '/to-dir'],
    ['/to-dir/', '/d/e'],
    ['/to-nothing', '/to-nothing'],
    ['/loop', '/loop'],
    ['/loop/', 'ELOOP'],
  ])('without following, %s leads to %s: a slash at the end follows', (path, end) => {
    expect(found(tree().root, path, false)).toBe(end);
  });

  it('follows 40 symbolic links, and not 41', () => {
    const { root } = tree();
    root.symlink('d', '/link-1');
    for (let at = 2; at <= 41; at += 1) root.symlink(`link-${at - 1}`, `/link-${at}`);
    expect(found(root, '/link-40')).toBe('/d');
    expect(found(root, '/link-41')).toBe('ELOOP');
    expect(found(root, '/link-20/../link-20')).toBe('/d');
    expect(found(root, '/link-20/../link-21')).toBe('ELOOP');
  });

  it('takes names of 255 bytes and paths of 4,095, and no longer ones', () => {
    const { root } = tree();
    expect(found(root, `/${'n'.repeat(255)}`)).toBe('ENOENT');
    expect(found(root, `/${'n'.repeat(256)}`)).toBe('ENAMETOOLONG');
    expect(found(root, `/${'n'.repeat(256)}/f`)).toBe('ENAMETOOLONG');
    expect(found(root, '/'.repeat(4095))).toBe('/');
    expect(found(root, '/'.repeat(4096))).toBe('ENAMETOOLONG');
  });

  it('counts bytes, not characters', () => {
    const { root } = tree();
    expect(root.create(`/${'é'.repeat(127)}`)).toBe('ok');
    expect(root.create(`/${'é'.repeat(128)}`)).toBe('ENAMETOOLONG');
  });

  it('needs search on every directory on the way, and on nothing else', () => {
    const { ann } = tree();
    expect(found(ann, '/private/f')).toBe('EACCES');
    expect(found(ann, '/private/.')).toBe('EACCES');
    expect(found(ann, '/private/..')).toBe('EACCES');
    expect(found(ann, '/private')).toBe('dir');
    expect(found(ann, '/private/')).toBe('dir');
    expect(found(ann, '/listed/f')).toBe('EACCES');
  });

  it('asks for search before it looks at the length of the name', () => {
    const { ann } = tree();
    expect(found(ann, `/private/${'n'.repeat(256)}`)).toBe('EACCES');
  });

  it('names the component and the rule that refused', () => {
    const { files, ann } = tree();
    const refusal = (process: SoloProcess, path: string): unknown => {
      const bytes = path as never;
      return process.run({ kind: 'stat', object: { kind: 'path', path: bytes, follow: true } });
    };
    expect(refusal(ann, '/private/f')).toEqual({
      kind: 'refused',
      code: 'EACCES',
      component: 'private',
      rule: 'other-bits',
    });
    const member = files.process({ uid: 1002, gids: [1002, 0] });
    expect(refusal(member, '/private/f')).toMatchObject({ rule: 'group-bits' });
    expect(refusal(ann, '/d/nothing/f')).toMatchObject({ code: 'ENOENT', component: 'nothing' });
  });
});

describe('the working directory', () => {
  it('is found again under its new name when it was renamed', () => {
    const { files, root } = tree();
    const inside = files.process({ cwd: root.attributes('/d/e').ino });
    root.rename('/d', '/moved');
    expect(inside.create('g')).toBe('ok');
    expect(inside.names('..')).toEqual(['e']);
    expect(root.names('/moved/e')).toEqual(['f', 'g']);
  });

  it('holds no entry once it was removed: ENOENT', () => {
    const { files, root } = tree();
    root.mkdir('/gone');
    const inside = files.process({ cwd: root.attributes('/gone').ino });
    root.rmdir('/gone');
    expect([inside.create('f'), inside.stat('.'), inside.stat('..')]).toEqual([
      'ENOENT',
      'ENOENT',
      'ENOENT',
    ]);
    expect(found(inside, '/d')).toBe('/d');
  });

  it('must be a directory', () => {
    const { files, root } = tree();
    const inside = files.process({ cwd: root.attributes('/d/e/f').ino });
    expect(inside.stat('f')).toBe('ENOTDIR');
  });
});

describe('an inode named by its number', () => {
  it('is found without any permission on the way, like an open descriptor', () => {
    const { root, ann } = tree();
    const { ino } = root.attributes('/private/f');
    expect(ann.run({ kind: 'stat', object: { kind: 'ino', ino } })).toMatchObject({
      kind: 'attributes',
      attributes: { ino },
    });
  });

  it('is stale once it was removed, for ever, since no number is used twice', () => {
    const { root } = tree();
    const { ino } = root.attributes('/d/e/f');
    root.unlink('/d/e/f');
    root.create('/d/e/f');
    expect(root.call({ kind: 'stat', object: { kind: 'ino', ino } })).toBe('ESTALE');
    expect(root.attributes('/d/e/f').ino).toBeGreaterThan(ino);
  });
});
