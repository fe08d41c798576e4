import { Malformed } from '@lockstep/vr-core';
import type { FileOperation } from './wire/operations';
import {
  decodeFileQuery,
  decodeFileRequest,
  encodeFileQuery,
  encodeFileRequest,
  type FileQueryRequest,
  type FileRequest,
} from './wire/requests';
import {
  at,
  bytesOf,
  PLAIN_DIRECTORY,
  PLAINLY,
  SoloFiles,
  type SoloProcess,
} from './twin/solo-files';

const caller = { uid: 0, gids: [0], umask: 0, cwd: 1 } as const;
const stat: FileOperation = { kind: 'stat', object: at('/') };
const one = (op: FileOperation): FileRequest => ({
  kind: 'one',
  volume: 'main',
  caller,
  ...PLAINLY,
  op,
});
const asked = (op: FileOperation): FileQueryRequest => ({
  volume: 'main',
  caller,
  at: { kind: 'now' },
  session: undefined,
  op: op as FileQueryRequest['op'],
});
const mkdir = (path: string): FileOperation => ({
  kind: 'mkdir',
  path: bytesOf(path),
  mode: 0o755,
  ...PLAIN_DIRECTORY,
});

function batch(files: SoloFiles, ops: readonly FileOperation[], atomic = false) {
  const request = { kind: 'batch', volume: 'main', caller, ...PLAINLY, ops, atomic } as const;
  const { answer, refused } = files.submit(request);
  if (answer.kind !== 'batch') throw new Error('a batch is answered as one');
  const codes = answer.results.map((result) =>
    result.kind === 'refused' ? result.code : result.kind,
  );
  return { codes, refused };
}

describe('an operation of the file system', () => {
  it('is read as it was written', () => {
    const operations: readonly FileOperation[] = [
      stat,
      { kind: 'chown', object: { kind: 'ino', ino: 2 ** 40 }, uid: undefined, gid: 4_294_967_294 },
      {
        kind: 'utimens',
        object: at('/f', false),
        atime: { kind: 'now' },
        mtime: { kind: 'set', seconds: -5n, nanos: 999_999_999 },
      },
      {
        kind: 'rename',
        from: bytesOf('a'),
        to: bytesOf('é'),
        noreplace: false,
        exchange: true,
        whiteout: false,
      },
      { kind: 'truncate', object: at('f'), size: -1n },
    ];
    for (const op of operations)
      expect(decodeFileRequest(encodeFileRequest(one(op)))).toEqual(one(op));
  });

  const malformed = (change: object): unknown => ({ ...one(stat), ...change });
  it.each([
    ['op.path', malformed({ op: { ...mkdir('/x'), path: 'a\0b' } })],
    ['op.path', malformed({ op: { ...mkdir('/x'), path: 'a'.repeat(16_385) } })],
    ['op.path', malformed({ op: { ...mkdir('/x'), path: '\u{1f512}' } })],
    ['op.mode', malformed({ op: { ...mkdir('/x'), mode: 0o10000 } })],
    ['op.kind', malformed({ op: { kind: 'format' } })],
    ['op.extra', malformed({ op: { ...mkdir('/x'), extra: 1 } })],
    ['caller.gids', malformed({ caller: { ...caller, gids: [] } })],
    ['caller.uid', malformed({ caller: { ...caller, uid: 4_294_967_295 } })],
    ['caller.cwd', malformed({ caller: { ...caller, cwd: 0 } })],
    ['volume', malformed({ volume: '' })],
    [
      'ops',
      {
        kind: 'batch',
        volume: 'main',
        caller,
        ...PLAINLY,
        atomic: false,
        ops: Array(1001).fill(stat),
      },
    ],
  ])('with a bad %s is no operation', (field, request) => {
    const encode = (): unknown => encodeFileRequest(request as FileRequest);
    expect(encode).toThrow(Malformed);
    expect(encode).toThrow(expect.objectContaining({ field }) as Error);
  });

  it('is refused when its bytes are cut short, too long, or of another format', () => {
    const bytes = encodeFileRequest(one(mkdir('/x')));
    for (let length = 0; length < bytes.length; length += 1)
      expect(() => decodeFileRequest(bytes.subarray(0, length))).toThrow(Malformed);
    expect(() => decodeFileRequest(Uint8Array.of(...bytes, 0))).toThrow(Malformed);
    expect(() => decodeFileRequest(Uint8Array.of(1, ...bytes.subarray(1)))).toThrow(Malformed);
  });

  it('is validated before it enters the log', () => {
    const { solo } = new SoloFiles();
    expect(() => solo.submit('files', Uint8Array.of(1, 9))).toThrow(Malformed);
  });

  it('on a volume that is not there is refused', () => {
    const files = new SoloFiles();
    const { answer, refused } = files.submit({ ...one(mkdir('/x')), volume: 'other' });
    const result = { kind: 'refused', code: 'ENOENT', component: undefined, rule: 'no-volume' };
    expect([answer, refused]).toEqual([{ kind: 'one', result }, true]);
    expect(files.query({ ...asked(stat), volume: 'other' })).toEqual({ kind: 'one', result });
  });
});

describe('a query of the file system', () => {
  it('is one operation that changes nothing', () => {
    expect(decodeFileQuery(encodeFileQuery(asked(stat))).op).toEqual(stat);
    expect(() => encodeFileQuery(asked(mkdir('/x')))).toThrow(Malformed);
  });

  it('may also go through the log, and answers the same', () => {
    const files = new SoloFiles();
    expect(files.submit(one(stat)).answer).toEqual(files.query(asked(stat)));
  });
});

describe('a batch', () => {
  it('executes in order, each seeing what came before', () => {
    const files = new SoloFiles();
    const { codes } = batch(files, [mkdir('/a'), mkdir('/a/b'), stat]);
    expect(codes).toEqual(['attributes', 'attributes', 'attributes']);
    expect(files.process().names('/a')).toEqual(['b']);
  });

  it('tells of each inode what it was like when its operation was done', () => {
    const files = new SoloFiles();
    const chmod = { kind: 'chmod', object: at('/a'), mode: 0o700 } as const;
    const request = { kind: 'batch', volume: 'main', caller, ...PLAINLY, atomic: false } as const;
    const { answer } = files.submit({ ...request, ops: [mkdir('/a'), mkdir('/a/b'), chmod] });
    const results = answer.kind === 'batch' ? answer.results : [];
    const attributes = results.map((result) => result.kind === 'attributes' && result.attributes);
    expect(attributes).toMatchObject([
      { mode: 0o755, nlink: 2, metaGen: 0 },
      { mode: 0o755, nlink: 2 },
      { mode: 0o700, nlink: 3, metaGen: 1 },
    ]);
  });

  it('stops at the first that is refused, and what came before stands', () => {
    const files = new SoloFiles();
    const { codes, refused } = batch(files, [mkdir('/a'), mkdir('/a'), mkdir('/b')]);
    expect([codes, refused]).toEqual([['attributes', 'EEXIST'], false]);
    expect(files.process().names('/')).toEqual(['a']);
  });

  it('that is atomic leaves nothing behind when one is refused, and takes no number', () => {
    const files = new SoloFiles();
    files.process().mkdir('/first');
    const before = files.digest();
    const { codes, refused } = batch(files, [mkdir('/a'), mkdir('/first')], true);
    expect([codes, refused]).toEqual([['attributes', 'EEXIST'], true]);
    expect(files.digest()).toBe(before);
    expect(batch(files, [mkdir('/a'), mkdir('/b')], true).refused).toBe(false);
  });

  it('stamps all its operations with one time', () => {
    const files = new SoloFiles();
    batch(files, [mkdir('/a'), mkdir('/b')]);
    const process = files.process();
    expect(process.attributes('/a').ctime).toEqual(process.attributes('/b').ctime);
  });

  it('has no listings', () => {
    const readdir = { kind: 'readdir', object: at('/'), after: undefined, limit: 1, plus: false };
    expect(() => batch(new SoloFiles(), [readdir as FileOperation])).toThrow(Malformed);
  });
});

describe('the state of the file system', () => {
  const story = (process: SoloProcess): unknown => [
    process.mkdir('/a'),
    process.create('/a/f'),
    process.rename('/a', '/b'),
    process.link('/b/f', '/g'),
    process.symlink('g', '/l'),
    process.unlink('/b/f'),
  ];

  it('is the same wherever the same operations were executed', () => {
    const [one, two] = [new SoloFiles(), new SoloFiles()];
    expect(story(one.process())).toEqual(story(two.process()));
    expect(one.digest()).toBe(two.digest());
  });

  it('is empty until the first operation that is not refused', () => {
    const files = new SoloFiles();
    const before = files.digest();
    const ann = files.process({ uid: 1001, gids: [1001] });
    expect([ann.mkdir('/a'), ann.chmod('/', 0o777)]).toEqual(['EACCES', 'EPERM']);
    expect(files.digest()).toBe(before);
  });

  it('has times that rise from one operation to the next', () => {
    const process = new SoloFiles().process();
    const times = ['/a', '/b', '/c'].map((path) => {
      process.mkdir(path);
      const { seconds, nanos } = process.attributes(path).btime;
      return BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
    });
    expect(times).toEqual([...times].sort((a, b) => (a < b ? -1 : 1)));
    expect(new Set(times).size).toBe(3);
  });
});
