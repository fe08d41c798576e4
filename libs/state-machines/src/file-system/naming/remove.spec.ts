import { FilesWithTables } from '../twin/files-with-tables';
import { SoloFiles, type SoloProcess } from '../twin/solo-files';

function start(): {
  readonly files: SoloFiles;
  readonly root: SoloProcess;
  readonly ann: SoloProcess;
  readonly bob: SoloProcess;
} {
  const files = new SoloFiles();
  const root = files.process();
  const ann = files.process({ uid: 1001, gids: [1001] });
  const bob = files.process({ uid: 1002, gids: [1002] });
  root.mkdir('/d', 0o777);
  root.mkdir('/d/empty');
  root.mkdir('/d/full');
  root.create('/d/full/f');
  root.create('/d/f');
  root.symlink('empty', '/d/to-empty');
  root.mkdir('/readable');
  root.create('/readable/f');
  root.mkdir('/readable/e');
  root.mkdir('/sticky', 0o1777);
  ann.create('/sticky/of-ann');
  ann.mkdir('/sticky/dir-of-ann');
  return { files, root, ann, bob };
}

describe('unlink', () => {
  it.each([
    ['/d/nothing', 'ENOENT'],
    ['/d/nothing/', 'ENOENT'],
    ['/d/empty', 'EISDIR'],
    ['/d/empty/', 'EISDIR'],
    ['/d/.', 'EISDIR'],
    ['/d/..', 'EISDIR'],
    ['/', 'EISDIR'],
    ['/d/f/', 'ENOTDIR'],
    ['/d/to-empty/', 'ENOTDIR'],
    ['/d/f/g', 'ENOTDIR'],
    [`/d/${'n'.repeat(256)}`, 'ENAMETOOLONG'],
  ])('of %s answers %s and changes nothing', (path, code) => {
    const { files, root } = start();
    const before = files.digest();
    expect(root.unlink(path)).toBe(code);
    expect(files.digest()).toBe(before);
  });

  it('takes the link and not what it leads to', () => {
    const { root } = start();
    expect(root.unlink('/d/to-empty')).toBe('ok');
    expect(root.names('/d')).toEqual(['empty', 'f', 'full']);
  });

  it('sets mtime and ctime of the parent, and ctime of an inode that has other names', () => {
    const { root } = start();
    root.link('/d/f', '/d/g');
    const before = root.attributes('/d/g');
    expect(root.unlink('/d/f')).toBe('ok');
    const [parent, after] = [root.attributes('/d'), root.attributes('/d/g')];
    expect(after).toEqual({
      ...before,
      nlink: 1,
      ctime: parent.ctime,
      metaGen: before.metaGen + 1,
      changedOp: before.changedOp + 1,
    });
    expect(parent.mtime).toEqual(parent.ctime);
    expect(parent.ctime).not.toEqual(before.ctime);
  });
});

describe('rmdir', () => {
  it.each([
    ['/d/nothing', 'ENOENT'],
    ['/d/full', 'ENOTEMPTY'],
    ['/d/f', 'ENOTDIR'],
    ['/d/to-empty', 'ENOTDIR'],
    ['/d/to-empty/', 'ENOTDIR'],
    ['/d/empty/.', 'EINVAL'],
    ['/d/empty/..', 'ENOTEMPTY'],
    ['/', 'EBUSY'],
  ])('of %s answers %s and changes nothing', (path, code) => {
    const { files, root } = start();
    const before = files.digest();
    expect(root.rmdir(path)).toBe(code);
    expect(files.digest()).toBe(before);
  });

  it('takes an empty directory and its link to the parent', () => {
    const { root } = start();
    const { nlink, size } = root.attributes('/d');
    expect(root.rmdir('/d/empty/')).toBe('ok');
    expect(root.attributes('/d')).toMatchObject({ nlink: nlink - 1, size: size - 1 });
    expect(root.stat('/d/empty')).toBe('ENOENT');
  });

  it('takes a directory that became empty', () => {
    const { root } = start();
    root.unlink('/d/full/f');
    expect(root.rmdir('/d/full')).toBe('ok');
  });
});

describe('permission to remove', () => {
  it('is write permission on the parent: the entry itself is not asked', () => {
    const { root, ann } = start();
    root.chmod('/d/f', 0);
    expect(ann.unlink('/d/f')).toBe('ok');
    expect(ann.unlink('/readable/f')).toBe('EACCES');
    expect(ann.rmdir('/readable/e')).toBe('EACCES');
    expect(ann.unlink('/readable/e')).toBe('EACCES');
  });

  it('in a sticky directory is for the owner of the entry, of the directory, and for root', () => {
    const { files, root, ann, bob } = start();
    expect(bob.unlink('/sticky/of-ann')).toBe('EPERM');
    expect(bob.rmdir('/sticky/dir-of-ann')).toBe('EPERM');
    expect(bob.unlink('/sticky/dir-of-ann')).toBe('EPERM');
    expect(ann.unlink('/sticky/of-ann')).toBe('ok');
    ann.create('/sticky/of-ann');
    expect(root.unlink('/sticky/of-ann')).toBe('ok');
    ann.create('/sticky/of-ann');
    root.chown('/sticky', 1003, -1);
    expect(files.process({ uid: 1003, gids: [1003] }).unlink('/sticky/of-ann')).toBe('ok');
  });
});

describe('an inode without a name', () => {
  it('is gone with everything it had, whatever it was', () => {
    const digests = [
      (process: SoloProcess) => [process.create('/x'), process.unlink('/x')],
      (process: SoloProcess) => [process.symlink('target', '/x'), process.unlink('/x')],
      (process: SoloProcess) => [process.mkdir('/x'), process.rmdir('/x')],
      (process: SoloProcess) => [process.mknod('/x', 'fifo'), process.unlink('/x')],
    ].map((makeAndRemove) => {
      const files = new FilesWithTables({ historyOps: 0 });
      expect(makeAndRemove(files.process())).toEqual(['ok', 'ok']);
      return files.digest();
    });
    expect(new Set(digests).size).toBe(1);
  });
});
