import type { FileResult } from '../wire/outcomes';
import { at, bytesOf, SoloFiles, type SoloProcess } from '../twin/solo-files';
import { openFile, processWithSession, read, truncate, write } from '../twin/solo-open';
import { FilesWithTables } from '../twin/files-with-tables';
import { CHUNKS_OF_FILE_MAX } from './chunk-map';

interface Changes {
  readonly put?: Readonly<Record<number, string>>;
  readonly remove?: readonly number[];
  readonly size?: number;
}

function set(process: SoloProcess, path: string, { put = {}, remove = [], size }: Changes): string {
  const chunks = Object.entries(put).map(([index, text]) => ({
    index: Number(index),
    data: Uint8Array.from(Buffer.from(text)),
  }));
  return process.call({ kind: 'setchunks', object: at(path), put: chunks, remove, size });
}

function get(process: SoloProcess, path: string, from = 0, limit = 1_000): FileResult {
  return process.run({ kind: 'getchunks', object: at(path), from, limit });
}

function chunks(process: SoloProcess, path: string): unknown {
  const result = get(process, path);
  if (result.kind !== 'chunks') return result.kind === 'refused' ? result.code : result.kind;
  return Object.fromEntries(
    result.chunks.map(({ index, data }) => [index, Buffer.from(data).toString()]),
  );
}

const concat = (process: SoloProcess, to: string, ...from: string[]): string =>
  process.call({ kind: 'concat', to: bytesOf(to), from: from.map(bytesOf) });

function start(): {
  readonly files: SoloFiles;
  readonly root: SoloProcess;
  readonly ann: SoloProcess;
  readonly bob: SoloProcess;
} {
  const files = new SoloFiles();
  const root = processWithSession(files);
  const ann = processWithSession(files, { uid: 1001, gids: [1001] });
  const bob = processWithSession(files, { uid: 1002, gids: [1002] });
  root.chmod('/', 0o777);
  for (const path of ['/f', '/g', '/h']) ann.create(path);
  ann.mkdir('/d');
  return { files, root, ann, bob };
}

describe('a chunk map', () => {
  it('keeps what is put under each index, and the size that is said', () => {
    const { ann } = start();
    expect(set(ann, '/f', { put: { 0: 'zero', 7: 'seven' }, size: 1_025 })).toBe('ok');
    expect(chunks(ann, '/f')).toEqual({ 0: 'zero', 7: 'seven' });
    expect(ann.attributes('/f')).toMatchObject({ size: 1_025, blocks: 3 });
    expect(set(ann, '/f', { put: { 1: 'one', 7: '7' }, remove: [0, 99] })).toBe('ok');
    expect(chunks(ann, '/f')).toEqual({ 1: 'one', 7: '7' });
    expect(ann.attributes('/f').size).toBe(1_025);
  });

  it('is told a page at a time, in order of the indexes', () => {
    const { ann } = start();
    set(ann, '/f', { put: { 300: 'c', 2: 'b', 1: 'a' } });
    expect(get(ann, '/f', 0, 2)).toMatchObject({ chunks: [{ index: 1 }, { index: 2 }], next: 300 });
    expect(get(ann, '/f', 300, 2)).toMatchObject({ chunks: [{ index: 300 }], next: undefined });
  });

  it('is of a file that has no content here: a file has the one or the other', () => {
    const { ann } = start();
    write(ann, '/f', 'x');
    set(ann, '/g', { put: { 0: 'x' }, size: 1 });
    expect([set(ann, '/f', { put: { 0: 'x' } }), write(ann, '/g', 'x'), read(ann, '/g')]).toEqual([
      'EINVAL',
      'EINVAL',
      'EINVAL',
    ]);
    set(ann, '/g', { remove: [0] });
    expect(write(ann, '/g', 'x', 0)).toBe('ok');
  });

  it.each([
    [{ put: { 1: 'x' }, remove: [1] }, 'EINVAL'],
    [{ remove: [1, 1] }, 'EINVAL'],
  ])('an index twice says nothing: %j %s', (changes, errno) => {
    const { ann } = start();
    expect(set(ann, '/f', changes)).toBe(errno);
  });

  it('needs permission as the content does', () => {
    const { ann, bob } = start();
    set(ann, '/f', { put: { 0: 'x' } });
    ann.chmod('/f', 0o600);
    expect([set(bob, '/f', { put: { 0: 'y' } }), chunks(bob, '/f')]).toEqual(['EACCES', 'EACCES']);
    expect([set(ann, '/d', {}), chunks(ann, '/d')]).toEqual(['EISDIR', 'EISDIR']);
  });

  it('stays whole when the file is cut, as nobody here knows where chunks end, and goes with size 0', () => {
    const { ann } = start();
    set(ann, '/f', { put: { 0: 'a', 1: 'b' }, size: 2_048 });
    truncate(ann, '/f', 1);
    expect(chunks(ann, '/f')).toEqual({ 0: 'a', 1: 'b' });
    expect(ann.attributes('/f')).toMatchObject({ size: 1, blocks: 1 });
    truncate(ann, '/f', 0);
    expect([chunks(ann, '/f'), ann.attributes('/f').blocks]).toEqual([{}, 0]);
  });

  it(`has ${CHUNKS_OF_FILE_MAX} chunks at most: EFBIG`, () => {
    const { ann } = start();
    const page = (from: number): Changes => ({
      put: Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [from + at, ''])),
    });
    for (let from = 0; from < CHUNKS_OF_FILE_MAX; from += 1_000)
      expect(set(ann, '/f', page(from))).toBe('ok');
    expect(set(ann, '/f', { put: { [CHUNKS_OF_FILE_MAX]: '' } })).toBe('EFBIG');
    set(ann, '/f', { remove: [5] });
    expect(set(ann, '/f', { put: { [CHUNKS_OF_FILE_MAX]: '' } })).toBe('ok');
    set(ann, '/g', { put: { 0: '' } });
    expect(concat(ann, '/f', '/g')).toBe('EFBIG');
  });

  it('leaves no rows behind', () => {
    const files = new FilesWithTables();
    const { tables } = files;
    const process = processWithSession(files);
    process.create('/f');
    set(process, '/f', { put: { 0: 'a', 1: 'b' } });
    set(process, '/f', { remove: [0, 1] });
    expect(tables.extra.size).toBe(0);
    set(process, '/f', { put: { 0: 'a', 1: 'b' }, size: 5 });
    process.unlink('/f');
    expect(tables.extra.size).toBe(0);
  });
});

describe('concat', () => {
  it('appends chunks in the order of the sources, which go', () => {
    const { ann } = start();
    set(ann, '/f', { put: { 0: 'f0', 2: 'f2' }, size: 30 });
    set(ann, '/g', { put: { 0: 'g0', 1: 'g1' }, size: 20 });
    set(ann, '/h', { put: { 1: 'h1' }, size: 5 });
    expect(concat(ann, '/f', '/h', '/g')).toBe('ok');
    expect(chunks(ann, '/f')).toEqual({ 0: 'f0', 2: 'f2', 4: 'h1', 5: 'g0', 6: 'g1' });
    expect(ann.attributes('/f')).toMatchObject({ size: 55, blocks: 1 });
    expect([ann.stat('/g'), ann.stat('/h')]).toEqual(['ENOENT', 'ENOENT']);
    expect(ann.run({ kind: 'summary', object: at('/') })).toMatchObject({ files: 1, bytes: 55 });
  });

  it('appends content, and zeros where a source has a hole', () => {
    const { ann } = start();
    write(ann, '/f', 'ab');
    truncate(ann, '/g', 3);
    write(ann, '/h', 'cd', 1);
    expect(concat(ann, '/f', '/g', '/h')).toBe('ok');
    expect(read(ann, '/f')).toBe('ab\0\0\0\0cd');
    expect(ann.attributes('/f')).toMatchObject({ size: 8, blocks: 1 });
  });

  it('gives an empty file what the sources have', () => {
    const { ann } = start();
    write(ann, '/g', 'g');
    expect([concat(ann, '/f', '/g'), read(ann, '/f')]).toEqual(['ok', 'g']);
    set(ann, '/h', { put: { 3: 'h' }, size: 9 });
    ann.create('/e');
    expect([concat(ann, '/e', '/h'), chunks(ann, '/e')]).toEqual(['ok', { 3: 'h' }]);
  });

  it('does not mix content with chunks, nor takes more content than fits', () => {
    const { files, ann } = start();
    write(ann, '/f', 'f');
    set(ann, '/g', { put: { 0: 'x' }, size: 1 });
    write(ann, '/h', 'x'.repeat(64 * 1024));
    const before = files.digest();
    expect([concat(ann, '/f', '/g'), concat(ann, '/f', '/h')]).toEqual(['EINVAL', 'EFBIG']);
    expect(files.digest()).toBe(before);
  });

  it.each([
    ['no source', ['/f'], 'EINVAL'],
    ['the target itself', ['/f', '/f'], 'EINVAL'],
    ['a source twice', ['/f', '/g', '/g'], 'EINVAL'],
    ['a directory', ['/f', '/d'], 'EISDIR'],
    ['a directory as target', ['/d', '/f'], 'EISDIR'],
    ['the root', ['/f', '/'], 'EISDIR'],
    ['nothing', ['/f', '/nothing'], 'ENOENT'],
    ['a link', ['/f', '/to-g'], 'EINVAL'],
    ['a file with two names', ['/f', '/linked'], 'EINVAL'],
  ])('refuses %s', (_what, [to = '', ...from], errno) => {
    const { files, ann } = start();
    ann.symlink('g', '/to-g');
    ann.link('/h', '/linked');
    const before = files.digest();
    expect(concat(ann, to, ...from)).toBe(errno);
    expect(files.digest()).toBe(before);
  });

  it('asks to write the target, to read the sources and to remove their names', () => {
    const { root, ann, bob } = start();
    root.chmod('/', 0o755);
    expect(concat(ann, '/f', '/g')).toBe('EACCES');
    root.chmod('/', 0o777);
    expect(concat(bob, '/f', '/g')).toBe('EACCES');
    ann.chmod('/f', 0o666);
    root.chmod('/', 0o1777);
    expect(concat(bob, '/f', '/g')).toBe('EPERM');
    root.chmod('/', 0o777);
    ann.chmod('/g', 0o600);
    expect(concat(bob, '/f', '/g')).toBe('EACCES');
    expect(concat(ann, '/f', '/g')).toBe('ok');
  });

  it('within a quota takes no more room than there was', () => {
    const { root, ann } = start();
    root.run({ kind: 'setquota', object: at('/'), inodes: 0, bytes: 10 });
    set(ann, '/f', { put: { 0: 'f' }, size: 5 });
    set(ann, '/g', { put: { 0: 'g' }, size: 5 });
    expect(concat(ann, '/f', '/g')).toBe('ok');
    expect(ann.attributes('/f').size).toBe(10);
  });

  it('leaves a source that is open what it had', () => {
    const { ann } = start();
    write(ann, '/g', 'g');
    const handle = openFile(ann, '/g', 'RDONLY');
    concat(ann, '/f', '/g');
    expect([read(ann, handle), read(ann, '/f')]).toEqual(['g', 'g']);
  });
});
