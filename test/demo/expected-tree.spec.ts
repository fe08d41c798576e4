import { fileOperation } from '@lockstep/client';
import { toWire } from '../../demo/src/byte-path';
import { expectImport } from '../../demo/src/import';
import type { SourceEntry } from '../../demo/src/source-tree';
import { ExpectedTree } from '../../demo/src/tree';

const entry = (fields: Partial<SourceEntry> & Pick<SourceEntry, 'path' | 'type'>): SourceEntry => ({
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 0,
  mtimeNs: 7n,
  rdev: { major: 0, minor: 0 },
  ...fields,
});

function sourceTree(): ExpectedTree {
  const tree = new ExpectedTree();
  expectImport(tree, [
    entry({ path: '/', type: 'dir', mode: 0o755 }),
    entry({ path: '/a', type: 'dir', mode: 0o2755, gid: 5 }),
    entry({ path: '/a/one', type: 'file', size: 10 }),
    entry({ path: '/a/two', type: 'file', size: 10, sameAs: '/a/one' }),
    entry({ path: '/b', type: 'dir', mode: 0o755 }),
  ]);
  return tree;
}

const pathsOf = (tree: ExpectedTree): string[] => [...tree.paths()].map(([path]) => path);

describe('the tree the demo expects', () => {
  it('has two names for one inode where the source has', () => {
    const tree = sourceTree();
    expect(tree.at('/tree/a/one')).toBe(tree.at('/tree/a/two'));
    expect(tree.at('/tree/a/one')!.names).toBe(2);
  });

  it('moves a directory with all that is in it, and a name no further than its directory', () => {
    const tree = sourceTree();
    expect(tree.apply(fileOperation.rename('/tree/a', '/tree/b/c'))).toBeUndefined();
    expect(tree.apply(fileOperation.unlink('/tree/b/c/two'))).toBeUndefined();
    expect(pathsOf(tree)).toEqual(['/', '/tree', '/tree/b', '/tree/b/c', '/tree/b/c/one']);
    expect(tree.at('/tree/b/c/one')!.names).toBe(1);
  });

  it('gives what is made in a directory with the setgid bit its group, and directories the bit', () => {
    const tree = sourceTree();
    tree.apply(fileOperation.mkdir('/tree/a/d', { mode: 0o6750 }));
    tree.apply(fileOperation.create('/tree/a/f', { mode: 0o4755 }));
    expect(tree.at('/tree/a/d')).toMatchObject({ mode: 0o2750, gid: 5 });
    expect(tree.at('/tree/a/f')).toMatchObject({ mode: 0o4755, gid: 5 });
  });

  it('no longer knows the time of a directory that was changed', () => {
    const tree = sourceTree();
    tree.apply(fileOperation.create('/tree/b/f'));
    expect(tree.at('/tree/b')!.mtimeNs).toBeUndefined();
    expect(tree.at('/tree/a')!.mtimeNs).toBe(7n);
  });

  it.each([
    [fileOperation.create('/tree/a/one'), 'EEXIST'],
    [fileOperation.create('/tree/no/f'), 'ENOENT'],
    [fileOperation.rename('/tree/a/none', '/tree/b/x'), 'ENOENT'],
    [fileOperation.rename('/tree/a/one', '/tree/a/two'), 'EEXIST'],
    [fileOperation.rename('/tree/a', '/tree/a/x'), 'EINVAL'],
    [fileOperation.link('/tree/a', '/tree/b/x'), 'EPERM'],
    [fileOperation.unlink('/tree/a'), 'EISDIR'],
    [fileOperation.rmdir('/tree/a'), 'ENOTEMPTY'],
    [fileOperation.rmdir('/tree/a/one'), 'ENOTDIR'],
    [fileOperation.chmod('/tree/none', 0o600), 'ENOENT'],
  ])('says of %j that it could not be: %s', (op, errno) => {
    const tree = sourceTree();
    const before = pathsOf(tree);
    expect(tree.apply(op)).toBe(errno);
    expect(pathsOf(tree)).toEqual(before);
  });

  it('keeps names that are no text', () => {
    const tree = sourceTree();
    tree.apply(fileOperation.create(toWire('/tree/b/\xff\xfe')));
    expect(pathsOf(tree)).toContain('/tree/b/\xff\xfe');
  });
});
