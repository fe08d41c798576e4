import { FilesWithTables } from '../twin/files-with-tables';
import { at, bytesOf, PLAINLY, type SoloProcess } from '../twin/solo-files';
import { decodeFileChange } from '../watch/change';

const DAY_MS = 24 * 3_600_000;

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

describe('the trash', () => {
  const entries = (process: SoloProcess, after?: string, limit = 100) => {
    const result = process.run({ kind: 'listtrash', after, limit });
    if (result.kind !== 'trash') throw new Error(`no trash: ${result.kind}`);
    return result;
  };
  const paths = (process: SoloProcess) => entries(process).entries.map(({ path }) => path);
  const idOf = (process: SoloProcess, path: string): string => {
    const entry = entries(process).entries.find((one) => one.path === path);
    return entry?.id ?? 'none';
  };
  const restore = (process: SoloProcess, id: string, to?: string): string =>
    process.call({ kind: 'restore', id, to: to === undefined ? undefined : bytesOf(to) });
  const discard = (process: SoloProcess, id?: string): string =>
    process.call({ kind: 'discard', id });

  function withTrash(): ReturnType<typeof start> {
    const started = start();
    const { root, ann } = started;
    root.chmod('/', 0o777);
    ann.create('/of-ann');
    expect(remove(root, '/t', { trash: true })).toBe('ok');
    expect(remove(ann, '/of-ann', { trash: true })).toBe('ok');
    return started;
  }

  it('keeps what is removed into it, for who did it, and shows root all', () => {
    const { files, root, ann } = withTrash();
    expect(root.names('/')).toEqual(['empty', 'f', 'to-t']);
    expect([paths(root), paths(ann)]).toEqual([['/t', '/of-ann'], ['/of-ann']]);
    const [entry] = entries(ann).entries;
    const atMs = files.solo.clusterMs;
    expect(entry).toMatchObject({ uid: 1001, atMs, untilMs: atMs + DAY_MS });
    expect(entry?.attributes).toMatchObject({ type: 'file', uid: 1001, nlink: 1 });
  });

  it('is listed in pages', () => {
    const { root, ann } = withTrash();
    ann.create('/more');
    remove(ann, '/more', { trash: true });
    const first = entries(root, undefined, 2);
    expect(first.entries.map(({ path }) => path)).toEqual(['/t', '/of-ann']);
    const second = entries(root, first.next, 2);
    expect([second.entries.map(({ path }) => path), second.next]).toEqual([['/more'], undefined]);
    expect(root.call({ kind: 'listtrash', after: 'nonsense', limit: 1 })).toBe('EINVAL');
  });

  it('is in no directory: nothing there is found by number, and no quota counts it', () => {
    const { files, root } = start();
    root.call({ kind: 'setquota', object: at('/'), inodes: 9, bytes: 0 });
    const { ino } = root.attributes('/t');
    expect(remove(root, '/t', { trash: true })).toBe('ok');
    expect(root.call({ kind: 'stat', object: { kind: 'ino', ino } })).toBe('ESTALE');
    for (let at = 0; at < 6; at += 1) expect(root.create(`/new-${at}`)).toBe('ok');
    const before = files.digest();
    expect(root.run({ kind: 'restore', id: idOf(root, '/t'), to: undefined })).toMatchObject({
      code: 'EDQUOT',
      component: '/',
      rule: 'quota-inodes',
    });
    expect(files.digest()).toBe(before);
  });

  it('tells watchers that the name goes, and that it is made when it comes back', () => {
    const { files, root } = start();
    const seen = files.solo.events.length;
    remove(root, '/t', { trash: true });
    restore(root, idOf(root, '/t'));
    const told = files.solo.events.slice(seen).map(({ bytes }) => decodeFileChange(bytes));
    expect(told.map(({ change, path, from }) => [change, path, from])).toEqual([
      ['removed', '/t', undefined],
      ['created', '/t', undefined],
    ]);
  });

  it('gives back the whole tree to where it was, also when that has been moved', () => {
    const { files, root } = start();
    const before = root.run({ kind: 'summary', object: at('/t') });
    remove(root, '/t/a', { trash: true });
    root.rename('/t', '/moved');
    expect(restore(root, idOf(root, '/t/a'))).toBe('ok');
    expect(root.run({ kind: 'summary', object: at('/moved') })).toEqual(before);
    expect(root.names('/moved/a/b')).toEqual(['h']);
    expect([files.tables.trash.size, paths(root)]).toEqual([0, []]);
    files.solo.advance(2 * DAY_MS);
    expect(root.names('/moved/a/b')).toEqual(['h']);
  });

  it('gives nothing back over what is there, or into what is gone, unless told where to', () => {
    const { root } = start();
    remove(root, '/t/a/b', { trash: true });
    remove(root, '/f', { trash: true });
    root.mkdir('/f');
    const [tree, file] = [idOf(root, '/t/a/b'), idOf(root, '/f')];
    expect(restore(root, file)).toBe('EEXIST');
    remove(root, '/t');
    expect([restore(root, tree), restore(root, tree, '/f')]).toEqual(['ENOENT', 'EEXIST']);
    expect([restore(root, tree, '/f/b/'), restore(root, file, '/f/f')]).toEqual(['ok', 'ok']);
    expect([root.names('/f'), root.names('/f/b')]).toEqual([['b', 'f'], ['h']]);
  });

  it('is given back and discarded by who put it there, or root, with the right to make the name', () => {
    const { root, ann } = withTrash();
    const [tree, file] = [idOf(root, '/t'), idOf(root, '/of-ann')];
    expect([restore(ann, tree), discard(ann, tree)]).toEqual(['EPERM', 'EPERM']);
    root.chmod('/', 0o755);
    expect([restore(ann, file), restore(ann, file, '/empty/x')]).toEqual(['EACCES', 'EACCES']);
    expect([restore(root, file), root.attributes('/of-ann').uid]).toEqual(['ok', 1001]);
    for (const id of [file, '0-99', 'x', '00-1', '1-0'])
      expect([restore(root, id), discard(root, id)]).toEqual(['ENOENT', 'ENOENT']);
  });

  it('loses for good what is discarded: one, all of a caller, or all for root', () => {
    const { files, root, ann } = withTrash();
    expect([discard(ann), paths(root)]).toEqual(['ok', ['/t']]);
    expect(discard(root, idOf(root, '/t'))).toBe('ok');
    remove(root, '/f', { trash: true });
    remove(ann, '/empty', { trash: true });
    expect([discard(root), paths(root)]).toEqual(['ok', []]);
    purge(files);
    // The root of the volume, the hidden directory and a link.
    expect([kept(files), files.tables.trash.size]).toEqual([3, 0]);
  });

  it('loses what it has kept for as long as the volume says, and not before', () => {
    const { files, root } = start();
    remove(root, '/f', { trash: true });
    files.solo.advance(DAY_MS / 2);
    remove(root, '/t', { trash: true });
    files.solo.advance(DAY_MS / 2 - 1);
    expect(paths(root)).toEqual(['/f', '/t']);
    files.solo.advance(1);
    expect(paths(root)).toEqual(['/t']);
    files.solo.advance(DAY_MS / 2);
    expect([paths(root), kept(files)]).toEqual([[], 4]);
  });

  it('keeps one name of a file as it keeps a file', () => {
    const { files, root } = start();
    root.link('/f', '/g');
    remove(root, '/f', { trash: true });
    expect(root.attributes('/g').nlink).toBe(2);
    expect(restore(root, idOf(root, '/f'), '/h')).toBe('ok');
    remove(root, '/h', { trash: true });
    root.unlink('/g');
    expect(restore(root, idOf(root, '/h'))).toBe('ok');
    expect([root.attributes('/h').nlink, files.tables.extra.size]).toEqual([1, 1]);
  });

  it('takes several of one batch', () => {
    const { files, root } = start();
    const op = (path: string) =>
      ({ kind: 'remove', path: bytesOf(path), recursive: true, trash: true }) as const;
    files.submit({
      kind: 'batch',
      volume: 'main',
      caller: root.caller,
      ...PLAINLY,
      ops: [op('/t/a/b'), op('/t'), op('/f')],
      atomic: true,
    });
    expect(paths(root)).toEqual(['/t/a/b', '/t', '/f']);
  });
});
