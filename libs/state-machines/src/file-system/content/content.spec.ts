import fc from 'fast-check';
import { CONTENT_MAX } from '../model/limits';
import { SoloFiles, type SoloProcess } from '../twin/solo-files';
import { openFile, processWithSession, read, truncate, write } from '../twin/solo-open';
import { FilesWithTables } from '../twin/files-with-tables';
import { PIECE_BYTES } from './pieces';

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
  ann.create('/f');
  ann.mkdir('/d');
  ann.mknod('/fifo', 'fifo');
  ann.symlink('f', '/to-f');
  return { files, root, ann, bob };
}

describe('write', () => {
  it('puts bytes at an offset, or at the end, and makes the file longer', () => {
    const { ann } = start();
    expect([write(ann, '/f', 'hello'), write(ann, '/f', ' you')]).toEqual(['ok', 'ok']);
    expect([write(ann, '/f', 'J', 0), read(ann, '/f')]).toEqual(['ok', 'Jello you']);
    expect(ann.attributes('/f')).toMatchObject({ size: 9, blocks: 1 });
    expect(ann.run({ kind: 'summary', object: { kind: 'ino', ino: 1 } })).toMatchObject({
      bytes: 9,
    });
  });

  it('leaves a hole before it that reads as zeros and takes no blocks', () => {
    const { ann } = start();
    write(ann, '/f', 'x', 2_000);
    expect(read(ann, '/f', 1_990, 20)).toBe(`${'\0'.repeat(10)}x`);
    expect(ann.attributes('/f')).toMatchObject({ size: 2_001, blocks: 1 });
  });

  it('is a change of the content: both generations, mtime and ctime', () => {
    const { files, ann } = start();
    const before = ann.attributes('/f');
    files.solo.advance(5);
    write(ann, '/f', 'x');
    const after = ann.attributes('/f');
    expect(after).toEqual({
      ...before,
      size: 1,
      blocks: 1,
      mtime: after.mtime,
      ctime: after.ctime,
      contentGen: before.contentGen + 1,
      metaGen: before.metaGen + 1,
      changedOp: after.changedOp,
    });
    expect(after.mtime).toEqual(after.ctime);
    expect(after.mtime).not.toEqual(before.mtime);
  });

  it('of nothing changes nothing, but asks for permission', () => {
    const { ann, bob } = start();
    const before = ann.attributes('/f');
    expect([write(ann, '/f', '', 100), write(bob, '/f', '')]).toEqual(['ok', 'EACCES']);
    expect(ann.attributes('/f')).toEqual(before);
  });

  it.each([
    ['/d', 'EISDIR'],
    ['/fifo', 'EINVAL'],
    ['/nothing', 'ENOENT'],
  ])('is for regular files: %s %s', (path, errno) => {
    const { ann } = start();
    expect([write(ann, path, 'x'), read(ann, path)]).toEqual([errno, errno]);
  });

  it(`keeps the first ${CONTENT_MAX} bytes of a file here, and no more: EFBIG`, () => {
    const { files, ann } = start();
    const all = 'x'.repeat(CONTENT_MAX);
    expect(write(ann, '/f', all)).toBe('ok');
    expect(read(ann, '/f', 0, CONTENT_MAX)).toBe(all);
    expect(ann.attributes('/f').blocks).toBe(CONTENT_MAX / PIECE_BYTES);
    const before = files.digest();
    expect([write(ann, '/f', 'x'), write(ann, '/f', 'xx', CONTENT_MAX - 1)]).toEqual([
      'EFBIG',
      'EFBIG',
    ]);
    expect(files.digest()).toBe(before);
    expect(write(ann, '/f', 'y', CONTENT_MAX - 1)).toBe('ok');
  });

  it('goes into a file that a hole makes longer than that', () => {
    const { ann } = start();
    truncate(ann, '/f', 2 ** 50);
    expect([write(ann, '/f', 'ab', 5), write(ann, '/f', 'x')]).toEqual(['ok', 'EFBIG']);
    expect([read(ann, '/f', 5, 2), read(ann, '/f', 2 ** 50 - 1, 5)]).toEqual(['ab', '\0']);
    expect(read(ann, '/f', 2 ** 41 + 5, 2)).toBe('\0\0');
    truncate(ann, '/f', 2 ** 42);
    expect(read(ann, '/f', 5, 2)).toBe('ab');
    expect(ann.attributes('/f')).toMatchObject({ size: 2 ** 42, blocks: 1 });
  });

  it.each([
    [0o6777, 1002, 0o777],
    [0o2745, 1002, 0o2745 & ~0o2000],
    [0o2767, 1002, 0o767],
    [0o4777, 1001, 0o777],
    [0o6777, 0, 0o6777],
  ])('by another than root clears set-id bits: %o by %i is %o', (mode, uid, expected) => {
    const { files, root } = start();
    root.chown('/f', 1001, 1001);
    root.chmod('/f', mode | 0o022);
    const writer = files.process({ uid, gids: [uid] });
    write(writer, '/f', 'x');
    expect(root.attributes('/f').mode).toBe(expected | 0o022);
  });
});

describe('read', () => {
  it('gives what is there, and less at the end', () => {
    const { ann } = start();
    write(ann, '/f', 'abcdef');
    expect([
      read(ann, '/f', 0, 3),
      read(ann, '/f', 4, 9),
      read(ann, '/f', 6, 1),
      read(ann, '/f', 99, 1),
    ]).toEqual(['abc', 'ef', '', '']);
  });

  it('asks for permission, by a path or a number', () => {
    const { ann, bob } = start();
    write(ann, '/f', 'secret');
    ann.chmod('/f', 0o600);
    const { ino } = ann.attributes('/f');
    const byNumber = { kind: 'read', object: { kind: 'ino', ino }, offset: 0, length: 9 } as const;
    expect([read(bob, '/f'), bob.call(byNumber), ann.call(byNumber)]).toEqual([
      'EACCES',
      'EACCES',
      'ok',
    ]);
  });

  it('changes nothing', () => {
    const { files, ann } = start();
    const before = files.digest();
    read(ann, '/f');
    expect(files.digest()).toBe(before);
  });
});

describe('truncate', () => {
  it('cuts what is beyond, for good', () => {
    const { ann } = start();
    write(ann, '/f', 'x'.repeat(1_300));
    expect(ann.attributes('/f').blocks).toBe(3);
    truncate(ann, '/f', 600);
    expect(ann.attributes('/f')).toMatchObject({ size: 600, blocks: 2 });
    truncate(ann, '/f', 610);
    expect(read(ann, '/f', 595, 20)).toBe('xxxxx' + '\0'.repeat(10));
  });

  it('to 0 leaves nothing, so that the file may get a chunk map', () => {
    const { ann } = start();
    write(ann, '/f', 'text');
    truncate(ann, '/f', 0);
    expect(ann.attributes('/f')).toMatchObject({ size: 0, blocks: 0 });
    const put = [{ index: 0, data: Uint8Array.of(1) }];
    const object = { kind: 'ino', ino: ann.attributes('/f').ino } as const;
    expect(ann.call({ kind: 'setchunks', object, put, remove: [], size: 7 })).toBe('ok');
  });

  it('works by a handle on a file without a name', () => {
    const { ann } = start();
    const handle = openFile(ann, '/f', 'RDWR');
    write(ann, handle, 'text');
    ann.unlink('/f');
    expect([truncate(ann, handle, 2), read(ann, handle)]).toEqual(['ok', 'te']);
  });
});

/** What a file of this content is, byte by byte; undefined in a hole. */
class NaiveFile {
  bytes: (string | undefined)[] = [];

  write(offset: number, text: string): void {
    while (this.bytes.length < offset) this.bytes.push(undefined);
    Array.from(text).forEach((byte, at) => (this.bytes[offset + at] = byte));
  }

  truncate(size: number): void {
    while (this.bytes.length < size) this.bytes.push(undefined);
    this.bytes.length = size;
  }

  get text(): string {
    return this.bytes.map((byte) => byte ?? '\0').join('');
  }
}

const step = fc.oneof(
  fc.record({
    offset: fc.option(fc.integer({ min: 0, max: 3_000 }), { nil: undefined }),
    text: fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 1_200 }),
  }),
  fc.record({ size: fc.integer({ min: 0, max: 4_000 }) }),
);

describe('content', () => {
  it('is what a naive file has, however it is written and cut, and leaves no rows behind', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const files = new FilesWithTables();
        const { tables } = files;
        const process = processWithSession(files);
        process.create('/f');
        const naive = new NaiveFile();
        for (const one of steps) {
          if ('size' in one) {
            naive.truncate(one.size);
            truncate(process, '/f', one.size);
          } else {
            naive.write(one.offset ?? naive.bytes.length, one.text);
            write(process, '/f', one.text, one.offset);
          }
          const { size, blocks } = process.attributes('/f');
          expect(read(process, '/f', 0, CONTENT_MAX)).toBe(naive.text);
          expect([size, blocks]).toEqual([naive.bytes.length, tables.extra.size]);
        }
        process.unlink('/f');
        expect(tables.extra.size).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
