import { VOLUME_DEFAULTS } from '../model/volume';
import { FilesWithTables } from '../twin/files-with-tables';
import { at, bytesOf, PLAIN_DIRECTORY, PLAINLY, type SoloProcess } from '../twin/solo-files';
import { settingsOf } from '../twin/settings';
import type { FileOperation, VolumeSettings } from '../wire/operations';
import type { FileResult } from '../wire/outcomes';

function start(settings: Partial<VolumeSettings> = {}): {
  readonly files: FilesWithTables;
  readonly root: SoloProcess;
  readonly other: SoloProcess;
} {
  const files = new FilesWithTables();
  const other = files.process();
  other.volume = 'other';
  expect(define(other, settings)).toBe('ok');
  return { files, root: files.process(), other };
}

const define = (process: SoloProcess, settings: Partial<VolumeSettings> = {}): string =>
  process.call({ kind: 'definevolume', settings: settingsOf(settings) });
const drop = (process: SoloProcess): string => process.call({ kind: 'dropvolume' });

function statfs(process: SoloProcess): Extract<FileResult, { kind: 'statfs' }> {
  const result = process.run({ kind: 'statfs' });
  if (result.kind !== 'statfs') throw new Error(`no statfs: ${result.kind}`);
  return result;
}

const held = (process: SoloProcess): readonly [inodes: number, bytes: number] => {
  const { inodes, bytes } = statfs(process);
  return [inodes, bytes];
};

function names(process: SoloProcess, after?: string, limit = 100): readonly (string | undefined)[] {
  const result = process.run({ kind: 'listvolumes', after, limit });
  if (result.kind !== 'volumes') throw new Error(`no volumes: ${result.kind}`);
  return [...result.volumes.map(({ name }) => name), result.next];
}

describe('definevolume', () => {
  it('makes a volume: a tree of its own, whose root is of root, 0755', () => {
    const { root, other } = start();
    expect(other.attributes('/')).toMatchObject({ type: 'dir', mode: 0o755, uid: 0, nlink: 2 });
    expect([other.mkdir('/d'), other.create('/d/f')]).toEqual(['ok', 'ok']);
    expect([other.names('/'), root.names('/')]).toEqual([['d'], []]);
    expect(other.names('/d/../..')).toEqual(['d']);
  });

  it('changes what is said and leaves the rest', () => {
    const { root, other } = start({ inodesMax: 7 });
    expect(define(other, { nameMax: 9 })).toBe('ok');
    expect(statfs(other).volume).toMatchObject({ inodesMax: 7, nameMax: 9, readOnly: false });
    expect(define(root, { trashMs: 5 })).toBe('ok');
    expect(statfs(root).volume).toMatchObject({ name: 'main', id: 0, trashMs: 5 });
  });

  it('is for root, and the only thing to do with a volume that is not there', () => {
    const { files } = start();
    const ann = files.process({ uid: 1001, gids: [1001] });
    const none = files.process();
    ann.volume = none.volume = 'none';
    const refused = { kind: 'refused', code: 'EPERM', rule: 'not-root' };
    const op = { kind: 'definevolume', settings: settingsOf({}) } as const;
    expect(ann.run(op)).toMatchObject(refused);
    expect(none.run({ kind: 'statfs' })).toMatchObject({ code: 'ENOENT', rule: 'no-volume' });
    expect(none.mkdir('/d')).toBe('ENOENT');
    const guards = [{ kind: 'absent', object: at('/x') }] as const;
    const request = {
      kind: 'one',
      volume: 'none',
      caller: none.caller,
      dryRun: false,
      session: undefined,
    } as const;
    expect(files.submit({ ...request, guards, op }).refused).toBe(true);
    expect(define(none)).toBe('ok');
  });

  it('holds for the operations that follow in the same request', () => {
    const { files, other } = start();
    const ops: readonly FileOperation[] = [
      { kind: 'definevolume', settings: settingsOf({ readOnly: true }) },
      { kind: 'mkdir', path: bytesOf('/d'), mode: 0o755, ...PLAIN_DIRECTORY },
    ];
    const batch = { kind: 'batch', volume: 'other', caller: other.caller, ...PLAINLY } as const;
    const { answer } = files.submit({ ...batch, ops, atomic: true });
    expect(answer).toMatchObject({ results: [{ kind: 'volume' }, { code: 'EROFS' }] });
    expect(statfs(other).volume.readOnly).toBe(false);
  });
});

describe('the inodes of a volume', () => {
  it('are stale in another, and a working directory there is on another device', () => {
    const { files, root, other } = start();
    other.mkdir('/d');
    const { ino } = other.attributes('/d');
    expect(root.call({ kind: 'stat', object: { kind: 'ino', ino } })).toBe('ESTALE');
    const inside = files.process({ cwd: ino });
    expect([inside.mkdir('x'), inside.stat('.')]).toEqual(['EXDEV', 'EXDEV']);
    expect(inside.mkdir('/x')).toBe('ok');
    inside.volume = 'other';
    expect(inside.mkdir('x')).toBe('ok');
  });
});

describe('listvolumes', () => {
  it('lists all by name, in pages, and `main` from the start', () => {
    const { files, root } = start();
    expect(names(root)).toEqual(['main', 'other', undefined]);
    for (const name of ['a', 'z', 'mai', 'main2']) {
      const process = files.process();
      process.volume = name;
      define(process);
    }
    const all = ['a', 'mai', 'main', 'main2', 'other', 'z'];
    for (const _ of ['untouched', 'defined']) {
      expect(names(root)).toEqual([...all, undefined]);
      expect(names(root, undefined, 3)).toEqual(['a', 'mai', 'main', 'main']);
      expect(names(root, 'main', 3)).toEqual(['main2', 'other', 'z', undefined]);
      expect(names(root, 'mai', 1)).toEqual(['main', 'main']);
      define(root);
    }
  });
});

describe('dropvolume', () => {
  it('takes away the tree at once and its inodes in steps, and gives its id to nobody', () => {
    const { files, root, other } = start();
    root.create('/stays');
    const before = files.tables.inodes.size;
    const { id } = statfs(other).volume;
    for (const path of ['/t', '/t/u']) other.mkdir(path);
    for (const path of ['/t/f', '/t/u/g', '/x']) other.create(path);
    other.call({ kind: 'remove', path: bytesOf('/x'), recursive: false, trash: true });
    expect(drop(other)).toBe('ok');
    expect(other.stat('/')).toBe('ENOENT');
    files.solo.advance(1);
    // The root of the volume has gone, too.
    expect(files.tables.inodes.size).toBe(before - 1);
    expect([files.tables.trash.size, files.tables.purges.size, files.tables.space.size]).toEqual([
      0, 0, 1,
    ]);
    expect(define(other)).toBe('ok');
    expect(statfs(other).volume.id).toBeGreaterThan(id);
    expect(other.names('/')).toEqual([]);
  });

  it('takes away an empty one at once', () => {
    const { files, other } = start();
    expect(drop(other)).toBe('ok');
    expect([files.tables.inodes.size, files.tables.extra.size]).toEqual([0, 0]);
  });

  it('is for root, and not for `main`', () => {
    const { files, root } = start();
    const ann = files.process({ uid: 1001, gids: [1001] });
    ann.volume = 'other';
    expect([drop(ann), drop(root)]).toEqual(['EPERM', 'EBUSY']);
  });

  it('leaves nothing to the operations that follow in the same request but to define it anew', () => {
    const { files, other } = start();
    other.create('/f');
    const ops: readonly FileOperation[] = [
      { kind: 'dropvolume' },
      { kind: 'definevolume', settings: settingsOf({ nameMax: 8 }) },
      { kind: 'mkdir', path: bytesOf('/d'), mode: 0o755, ...PLAIN_DIRECTORY },
      { kind: 'dropvolume' },
      { kind: 'stat', object: at('/') },
    ];
    const batch = { kind: 'batch', volume: 'other', caller: other.caller, ...PLAINLY } as const;
    const { answer } = files.submit({ ...batch, ops, atomic: false });
    expect(answer).toMatchObject({
      results: [
        { kind: 'nothing' },
        { kind: 'volume', volume: { nameMax: 8 } },
        { kind: 'attributes' },
        { kind: 'nothing' },
        { kind: 'refused', code: 'ENOENT', rule: 'no-volume' },
      ],
    });
  });
});

describe('what a volume holds', () => {
  it('is every inode once, its root as well, and the bytes of files', () => {
    const { root, other } = start();
    expect([held(root), held(other)]).toEqual([
      [1, 0],
      [1, 0],
    ]);
    other.create('/f');
    other.truncate('/f', 10);
    other.link('/f', '/g');
    other.symlink('a-target', '/s');
    other.mkdir('/d');
    expect(held(other)).toEqual([4, 10]);
    other.truncate('/g', 4);
    other.rename('/s', '/d');
    other.rename('/s', '/f');
    expect(held(other)).toEqual([4, 4]);
    other.unlink('/g');
    expect([held(other), held(root)]).toEqual([
      [3, 0],
      [1, 0],
    ]);
  });

  it('includes the trash and what is not purged yet', () => {
    const { files, other } = start();
    for (const path of ['/t', '/t/u', '/x']) other.mkdir(path);
    other.create('/t/f');
    other.truncate('/t/f', 10);
    other.call({ kind: 'remove', path: bytesOf('/t'), recursive: true, trash: false });
    expect([held(other), statfs(other).purging]).toEqual([[5, 10], 3]);
    files.solo.advance(VOLUME_DEFAULTS.historyMs + 1);
    expect([held(other), statfs(other).purging]).toEqual([[2, 0], 0]);
    other.call({ kind: 'remove', path: bytesOf('/x'), recursive: true, trash: true });
    expect(held(other)).toEqual([3, 0]);
  });
});

describe('the limits of a volume', () => {
  const refusal = (process: SoloProcess, op: FileOperation): unknown => {
    const result = process.run(op);
    return result.kind === 'refused' ? [result.code, result.rule] : result.kind;
  };
  const mkdir = (path: string, parents = false): FileOperation => ({
    ...{ kind: 'mkdir', path: bytesOf(path), mode: 0o755 },
    ...{ ...PLAIN_DIRECTORY, parents },
  });

  it('of inodes hold for whatever makes one: ENOSPC, and nothing has changed', () => {
    const { files, other } = start({ inodesMax: 3 });
    other.create('/f');
    const before = files.digest();
    const full = ['ENOSPC', 'volume-inodes'];
    expect(refusal(other, mkdir('/a/b', true))).toEqual(full);
    expect(files.digest()).toBe(before);
    expect(other.mkdir('/a')).toBe('ok');
    expect(refusal(other, mkdir('/b'))).toEqual(full);
    expect([other.create('/c'), other.symlink('x', '/s')]).toEqual(['ENOSPC', 'ENOSPC']);
    expect([other.mkdir('/a'), other.create('/none/x')]).toEqual(['EEXIST', 'ENOENT']);
    expect([other.link('/f', '/g'), other.rename('/f', '/h')]).toEqual(['ok', 'ok']);
    expect([other.rmdir('/a'), other.symlink('x', '/s')]).toEqual(['ok', 'ok']);
  });

  it('of inodes let everybody take away, into the trash as well', () => {
    const { other } = start({ inodesMax: 2 });
    other.create('/f');
    const op = { kind: 'remove', path: bytesOf('/f'), recursive: false, trash: true } as const;
    expect(other.call(op)).toBe('ok');
  });

  it('of bytes hold for what grows, each file once, and for nothing else', () => {
    const { files, other } = start({ bytesMax: 10 });
    other.create('/f');
    other.create('/g');
    other.truncate('/f', 6);
    other.link('/f', '/h');
    const before = files.digest();
    const grow = { kind: 'truncate', object: at('/g'), size: 5n } as const;
    expect(refusal(other, grow)).toEqual(['ENOSPC', 'volume-bytes']);
    expect(files.digest()).toBe(before);
    expect(other.truncate('/g', 4)).toBe('ok');
    define(other, { bytesMax: 3 });
    expect([other.truncate('/f', 5), other.chmod('/f', 0o600), other.create('/i')]).toEqual([
      'ok',
      'ok',
      'ok',
    ]);
    expect(other.truncate('/f', 6)).toBe('ENOSPC');
  });

  it('of bytes are those of exact sums where none was set, in directories as well', () => {
    const { root } = start();
    root.create('/f');
    expect(root.truncate('/f', Number.MAX_SAFE_INTEGER)).toBe('ok');
    expect(root.link('/f', '/g')).toBe('ENOSPC');
    root.create('/h');
    expect(root.truncate('/h', 1)).toBe('ENOSPC');
  });

  it('of names hold for new ones', () => {
    const { other } = start();
    other.mkdir('/long-name');
    define(other, { nameMax: 3 });
    expect([other.mkdir('/abcd'), other.mkdir('/abc'), other.stat('/abcd')]).toEqual([
      'ENAMETOOLONG',
      'ok',
      'ENAMETOOLONG',
    ]);
    expect(other.rename('/long-name', '/abc')).toBe('ok');
  });
});
