import { FilesWithTables } from '../twin/files-with-tables';
import { at, bytesOf, type SoloProcess } from '../twin/solo-files';

function start(): {
  readonly files: FilesWithTables;
  readonly root: SoloProcess;
  readonly ann: SoloProcess;
} {
  const files = new FilesWithTables({ historyOps: 0 });
  const root = files.process();
  const ann = files.process({ uid: 1001, gids: [1001] });
  for (const path of ['/t', '/t/a', '/t/a/b', '/empty']) root.mkdir(path);
  for (const path of ['/t/f', '/t/a/g', '/t/a/b/h', '/f']) root.create(path);
  root.symlink('t', '/to-t');
  return { files, root, ann };
}

function remove(
  process: SoloProcess,
  path: string,
  { recursive = true, trash = false }: { recursive?: boolean; trash?: boolean } = {},
): string {
  return process.call({ kind: 'remove', path: bytesOf(path), recursive, trash });
}

/** All that is kept, purged or not: the root is one of them. */
const kept = (files: FilesWithTables): number => files.tables.inodes.size;

const purge = ({ solo }: FilesWithTables): void => solo.advance(1);

describe('remove', () => {
  it.each([
    ['/nothing', 'ENOENT'],
    ['/f/', 'ENOTDIR'],
    ['/to-t/', 'ENOTDIR'],
    ['/t/a/.', 'EINVAL'],
    ['/t/a/..', 'ENOTEMPTY'],
    ['/', 'EBUSY'],
  ])('of %s answers %s and changes nothing', (path, code) => {
    const { files, root } = start();
    const before = files.digest();
    expect([remove(root, path), remove(root, path, { trash: true })]).toEqual([code, code]);
    expect(files.digest()).toBe(before);
  });

  it('takes away a file, a link itself and an empty directory as they are', () => {
    const { files, root } = start();
    for (const path of ['/f', '/to-t', '/empty/'])
      expect(remove(root, path, { recursive: false })).toBe('ok');
    expect(root.names('/')).toEqual(['t']);
    expect([kept(files), files.tables.purges.size]).toEqual([7, 0]);
  });

  it('takes away what is below only when it is told to', () => {
    const { root } = start();
    expect(remove(root, '/t', { recursive: false })).toBe('ENOTEMPTY');
    expect(remove(root, '/t')).toBe('ok');
    expect(root.names('/')).toEqual(['empty', 'f', 'to-t']);
  });

  it('is one change at once for who looks, and is told as one', () => {
    const { files, root } = start();
    const inner = root.attributes('/t/a/b').ino;
    const events = files.solo.events.length;
    expect(remove(root, '/t')).toBe('ok');
    expect(files.solo.events.length).toBe(events + 1);
    expect(root.run({ kind: 'summary', object: at('/') })).toEqual({
      kind: 'summary',
      files: 2,
      directories: 1,
      bytes: 0,
    });
    const stale = root.run({ kind: 'stat', object: { kind: 'ino', ino: inner } });
    expect(stale).toMatchObject({ code: 'ESTALE', rule: 'detached' });
    const inside = files.process({ cwd: inner });
    expect([inside.create('x'), inside.stat('h'), inside.stat('/f')]).toEqual([
      'ENOENT',
      'ENOENT',
      expect.objectContaining({ type: 'file' }),
    ]);
    purge(files);
    expect(files.solo.events.length).toBe(events + 1);
  });

  it('asks for the name what rmdir asks, of a directory that is not empty to own it or to have all of it', () => {
    const { root, ann } = start();
    expect(remove(ann, '/t')).toBe('EACCES');
    root.chmod('/', 0o777);
    expect(remove(ann, '/t')).toBe('EACCES');
    expect(remove(ann, '/empty')).toBe('ok');
    root.chmod('/t', 0o773);
    expect(remove(ann, '/t')).toBe('EACCES');
    root.chmod('/t', 0o777);
    root.chmod('/', 0o1777);
    expect(remove(ann, '/t')).toBe('EPERM');
    root.chmod('/', 0o777);
    expect(remove(ann, '/t')).toBe('ok');
    ann.mkdir('/mine', 0o000);
    root.create('/mine/of-root');
    expect(remove(ann, '/mine')).toBe('ok');
  });
});

describe('what was taken away', () => {
  it('is purged to the last inode, with everything kept of it', () => {
    const { files, root } = start();
    const extra = files.tables.extra.size;
    root.symlink('x', '/t/a/b/s');
    root.call({ kind: 'setquota', object: at('/t/a'), inodes: 9, bytes: 0 });
    remove(root, '/t');
    purge(files);
    expect([kept(files), files.tables.purges.size, files.tables.extra.size]).toEqual([4, 0, extra]);
    expect(files.tables.dentries.size).toBe(3 + 1);
  });

  it('is purged in steps, so that a Tick does only so much', () => {
    const { files, root } = start();
    root.mkdir('/wide');
    for (let at = 0; at < 1_500; at += 1) root.create(`/wide/${at}`);
    const before = kept(files);
    remove(root, '/wide');
    files.solo.keepalive();
    const first = before - kept(files);
    expect(first).toBeGreaterThan(100);
    expect(first).toBeLessThan(700);
    purge(files);
    expect(kept(files)).toBe(before - 1_501);
  });

  it('is purged however deep it is, and one tree after the other', () => {
    const { files, root } = start();
    const before = kept(files);
    for (const top of ['/x', '/y']) {
      let inside = files.process();
      for (let depth = 0; depth < 200; depth += 1) {
        const path = depth === 0 ? top : 'd';
        inside.mkdir(path);
        inside.create(`${path}/f`);
        inside = files.process({ cwd: inside.attributes(path).ino });
      }
    }
    remove(root, '/x');
    remove(root, '/y');
    purge(files);
    expect(kept(files)).toBe(before);
  });

  it('leaves files that have names elsewhere, with the links they have left', () => {
    const { files, root } = start();
    root.link('/t/a/g', '/one');
    root.link('/t/f', '/two');
    root.link('/t/f', '/three');
    root.link('/t/f', '/t/a/again');
    remove(root, '/t');
    purge(files);
    expect(['/one', '/two', '/three'].map((path) => root.attributes(path).nlink)).toEqual([
      1, 2, 2,
    ]);
    expect([root.unlink('/one'), root.unlink('/two'), root.unlink('/three')]).toEqual([
      'ok',
      'ok',
      'ok',
    ]);
    expect([kept(files), files.tables.extra.size]).toEqual([4, 1]);
  });

  it('is not found by the number of a file all of whose names went with it', () => {
    const { root } = start();
    root.link('/t/f', '/t/a/again');
    const { ino } = root.attributes('/t/f');
    root.link('/t/f', '/outside');
    remove(root, '/t');
    const stat = () => root.call({ kind: 'stat', object: { kind: 'ino', ino } });
    expect([stat(), root.unlink('/outside'), stat()]).toEqual(['ok', 'ok', 'ESTALE']);
  });
});
