import {
  at,
  bytesOf,
  PLAIN,
  PLAIN_DIRECTORY,
  SoloFiles,
  type SoloProcess,
} from '../twin/solo-files';
import type { FileResult } from '../wire/outcomes';

const INODES_MAX = 3;
const BYTES_MAX = 100;

/** `/q` with a quota of its own, `/q/d` below it, and `/out` beside it. */
function start(
  inodes = INODES_MAX,
  bytes = BYTES_MAX,
): { readonly files: SoloFiles; readonly root: SoloProcess } {
  const files = new SoloFiles();
  const root = files.process();
  for (const path of ['/q', '/q/d', '/out']) root.mkdir(path);
  setQuota(root, '/q', inodes, bytes);
  return { files, root };
}

function setQuota(process: SoloProcess, path: string, inodes: number, bytes: number): string {
  return process.call({ kind: 'setquota', object: at(path), inodes, bytes });
}

const quota = (process: SoloProcess, path: string): FileResult =>
  process.run({ kind: 'getquota', object: at(path) });
const summary = (process: SoloProcess, path: string): FileResult =>
  process.run({ kind: 'summary', object: at(path, false) });

function file(process: SoloProcess, path: string, size: number): void {
  expect([process.create(path), process.truncate(path, size)]).toEqual(['ok', 'ok']);
}

/** What is tried is refused with the name of the directory and the rule, and has changed nothing. */
function refused(
  files: SoloFiles,
  process: SoloProcess,
  op: Parameters<SoloProcess['run']>[0],
): unknown {
  const before = files.digest();
  const result = process.run(op);
  expect(files.digest()).toBe(before);
  return result.kind === 'refused' ? [result.code, result.component, result.rule] : result.kind;
}

const mkdir = (path: string) =>
  ({ kind: 'mkdir', path: bytesOf(path), mode: 0o755, ...PLAIN_DIRECTORY }) as const;
const create = (path: string) =>
  ({ kind: 'create', path: bytesOf(path), mode: 0o644, exclusive: true, ...PLAIN }) as const;
const truncate = (path: string, size: number) =>
  ({ kind: 'truncate', object: at(path), size: BigInt(size) }) as const;
const link = (from: string, to: string) =>
  ({ kind: 'link', from: bytesOf(from), to: bytesOf(to), follow: false }) as const;
const rename = (from: string, to: string, exchange = false) =>
  ({
    kind: 'rename',
    from: bytesOf(from),
    to: bytesOf(to),
    noreplace: false,
    exchange,
    whiteout: false,
  }) as const;

const NAMES = ['EDQUOT', 'q', 'quota-inodes'];
const BYTES = ['EDQUOT', 'q', 'quota-bytes'];

describe('a summary', () => {
  it('tells what is below a directory, itself not counted, and what a file counts for', () => {
    const { root } = start(0, 0);
    file(root, '/q/d/f', 10);
    root.symlink('f', '/q/d/s');
    root.link('/q/d/f', '/q/g');
    expect(summary(root, '/q')).toEqual({ kind: 'summary', files: 3, directories: 1, bytes: 20 });
    expect(summary(root, '/q/d')).toEqual({ kind: 'summary', files: 2, directories: 0, bytes: 10 });
    expect(summary(root, '/q/g')).toEqual({ kind: 'summary', files: 1, directories: 0, bytes: 10 });
    expect(summary(root, '/q/d/s')).toEqual({
      kind: 'summary',
      files: 1,
      directories: 0,
      bytes: 0,
    });
  });
});

describe('a quota', () => {
  it('is told with what is used of it; 0 is no limit', () => {
    const { root } = start();
    const usage = { files: 0, directories: 1, bytes: 0 };
    expect(quota(root, '/q')).toEqual({ kind: 'quota', inodesMax: 3, bytesMax: 100, usage });
    expect(quota(root, '/out')).toMatchObject({ inodesMax: 0, bytesMax: 0 });
  });

  it('is set by root alone, on directories alone', () => {
    const { files, root } = start();
    const ann = files.process({ uid: 1001, gids: [1001] });
    root.create('/f');
    expect([setQuota(ann, '/q', 0, 0), setQuota(root, '/f', 1, 1)]).toEqual(['EPERM', 'ENOTDIR']);
    expect(quota(root, '/f')).toMatchObject({ kind: 'refused', code: 'ENOTDIR' });
  });

  it('is told to watchers, and is a change of the status of its directory', () => {
    const { files, root } = start();
    const before = root.attributes('/q');
    const events = files.solo.events.length;
    setQuota(root, '/q', 7, 7);
    expect(files.solo.events.length).toBe(events + 1);
    expect(root.attributes('/q').metaGen).toBe(before.metaGen + 1);
  });

  it('of names lets as many be made as fit, to the last, however deep and of whatever type', () => {
    const { files, root } = start();
    expect([root.create('/q/d/f'), root.symlink('f', '/q/d/s')]).toEqual(['ok', 'ok']);
    const full = (op: Parameters<SoloProcess['run']>[0]) => refused(files, root, op);
    expect(full(mkdir('/q/d/e'))).toEqual(NAMES);
    expect(full(create('/q/g'))).toEqual(NAMES);
    expect(full({ kind: 'symlink', path: bytesOf('/q/t'), target: bytesOf('t') })).toEqual(NAMES);
    expect(full(link('/q/d/f', '/q/g'))).toEqual(NAMES);
    expect([root.unlink('/q/d/s'), root.mkdir('/q/d/e')]).toEqual(['ok', 'ok']);
  });

  it('of bytes lets files become as long as fits, to the last byte', () => {
    const { files, root } = start(0);
    file(root, '/q/f', 60);
    file(root, '/q/d/g', 40);
    expect(refused(files, root, truncate('/q/d/g', 41))).toEqual(BYTES);
    expect([root.truncate('/q/f', 59), root.truncate('/q/d/g', 41)]).toEqual(['ok', 'ok']);
  });

  it('counts a file as often as it has names below', () => {
    const { files, root } = start(0);
    file(root, '/q/f', 40);
    expect(root.link('/q/f', '/q/d/f')).toBe('ok');
    expect(root.link('/q/f', '/out/f')).toBe('ok');
    expect(root.truncate('/out/f', 50)).toBe('ok');
    expect(refused(files, root, truncate('/out/f', 51))).toEqual(BYTES);
    expect(refused(files, root, link('/out/f', '/q/g'))).toEqual(BYTES);
    expect(summary(root, '/q')).toMatchObject({ files: 2, bytes: 100 });
  });

  it('holds for what is renamed into it, whole trees too, and not for what moves inside', () => {
    const { files, root } = start();
    root.mkdir('/out/t');
    file(root, '/out/t/f', 1);
    file(root, '/out/t/g', 1);
    file(root, '/out/big', 101);
    file(root, '/q/f', 100);
    expect(refused(files, root, rename('/out/t', '/q/t'))).toEqual(NAMES);
    expect(refused(files, root, rename('/out/big', '/q/big'))).toEqual(BYTES);
    expect([root.rename('/q/f', '/q/d/f'), root.rename('/q/d/f', '/out/f')]).toEqual(['ok', 'ok']);
    expect(summary(root, '/q')).toMatchObject({ files: 0, directories: 1, bytes: 0 });
    root.unlink('/out/t/g');
    expect(root.rename('/out/t', '/q/d/t')).toBe('ok');
  });

  it('subtracts what a rename replaces', () => {
    const { files, root } = start();
    file(root, '/q/f', 100);
    file(root, '/q/g', 0);
    file(root, '/out/f', 100);
    expect(refused(files, root, rename('/out/f', '/q/g'))).toEqual(BYTES);
    expect(root.rename('/out/f', '/q/f')).toBe('ok');
  });

  it('holds for both ends of an exchange', () => {
    const { files, root } = start(0);
    setQuota(root, '/out', 0, 50);
    file(root, '/q/f', 60);
    file(root, '/q/g', 30);
    file(root, '/out/f', 40);
    const outIsFull = ['EDQUOT', 'out', 'quota-bytes'];
    expect(refused(files, root, rename('/q/f', '/out/f', true))).toEqual(outIsFull);
    expect(refused(files, root, rename('/out/f', '/q/f', true))).toEqual(outIsFull);
    root.truncate('/out/f', 50);
    expect(refused(files, root, rename('/q/g', '/out/f', true))).toEqual(BYTES);
    expect(refused(files, root, rename('/out/f', '/q/g', true))).toEqual(BYTES);
    root.truncate('/q/f', 50);
    expect(root.rename('/out/f', '/q/g', 'exchange')).toBe('ok');
  });

  it('is checked at every directory above, and the nearest that is full is told', () => {
    const { files, root } = start();
    setQuota(root, '/', 4, 0);
    setQuota(root, '/q/d', 2, 0);
    const component = (op: Parameters<SoloProcess['run']>[0]) => refused(files, root, op);
    expect(root.create('/q/d/f')).toBe('ok');
    expect(component(mkdir('/q/d/e'))).toEqual(['EDQUOT', '/', 'quota-inodes']);
    setQuota(root, '/q/d', 1, 0);
    expect(component(mkdir('/q/d/e'))).toEqual(['EDQUOT', 'd', 'quota-inodes']);
  });

  it('may be set below what is used: then only growth is refused', () => {
    const { files, root } = start(0, 0);
    file(root, '/q/f', 100);
    file(root, '/q/g', 100);
    expect(setQuota(root, '/q', 1, 50)).toBe('ok');
    expect(refused(files, root, mkdir('/q/e'))).toEqual(NAMES);
    expect(refused(files, root, truncate('/q/f', 101))).toEqual(BYTES);
    expect([root.truncate('/q/f', 99), root.rename('/q/f', '/q/d/f')]).toEqual(['ok', 'ok']);
    expect(root.rename('/q/d/f', '/q/g')).toBe('ok');
  });

  it('is gone when it is taken away, and with its directory', () => {
    const { root } = start(1, 1);
    expect(root.create('/q/f')).toBe('EDQUOT');
    expect([setQuota(root, '/q', 0, 0), root.create('/q/f')]).toEqual(['ok', 'ok']);
    setQuota(root, '/q/d', 1, 1);
    expect([root.rmdir('/q/d'), root.mkdir('/q/d')]).toEqual(['ok', 'ok']);
    expect(quota(root, '/q/d')).toMatchObject({ inodesMax: 0, bytesMax: 0 });
  });

  it('moves with its directory', () => {
    const { files, root } = start();
    expect(root.rename('/q', '/out/p')).toBe('ok');
    file(root, '/out/p/f', 100);
    expect(refused(files, root, truncate('/out/p/f', 101))).toEqual(['EDQUOT', 'p', 'quota-bytes']);
  });
});
