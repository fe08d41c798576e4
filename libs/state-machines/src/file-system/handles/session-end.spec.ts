import type { SessionId } from '@lockstep/vr-core';
import fc from 'fast-check';
import type { FileTables } from '../model/tables';
import { at, bytesOf, PLAINLY, type SoloFiles, type SoloProcess } from '../twin/solo-files';
import { flagsOf, fstat, open, openFile, processWithSession } from '../twin/solo-open';
import { FilesWithTables } from '../twin/files-with-tables';
import type { FileOperation } from '../wire/operations';

const sizes = ({ handles, opens, openers, locks, lockers }: FileTables): readonly number[] => [
  handles.size,
  opens.size,
  openers.size,
  locks.size,
  lockers.size,
];
const NONE = [0, 0, 0, 0, 0];

const end = ({ files, options }: SoloProcess): unknown =>
  files.solo.closeSession(options.session as SessionId);

const lock = (kind: 'flock' | 'plock', path: string): FileOperation =>
  kind === 'flock'
    ? { kind, object: at(path), owner: 'o', mode: 'exclusive' }
    : { kind, object: at(path), owner: 'o', mode: 'write', start: 0, length: 1 };

describe('a session that ends', () => {
  it('closes its handles and frees what nobody else has open', () => {
    const files = new FilesWithTables();
    const { tables } = files;
    const [ann, bob] = [processWithSession(files), processWithSession(files)];
    const [one, other] = [openFile(ann, '/f', 'RDWR CREAT'), openFile(bob, '/f', 'RDONLY')];
    ann.unlink('/f');
    end(ann);
    expect(fstat(bob, other)).toMatchObject({ nlink: 0 });
    expect(fstat(bob, one)).toBe('EBADF');
    end(bob);
    expect([...sizes(tables), tables.inodes.size]).toEqual([...NONE, 1]);
  });

  it('gives its locks back', () => {
    const files = new FilesWithTables();
    const [ann, bob] = [processWithSession(files), processWithSession(files)];
    ann.create('/f');
    for (const kind of ['flock', 'plock'] as const) {
      expect([ann.call(lock(kind, '/f')), bob.call(lock(kind, '/f'))]).toEqual(['ok', 'EAGAIN']);
    }
    end(ann);
    expect([bob.call(lock('flock', '/f')), bob.call(lock('plock', '/f'))]).toEqual(['ok', 'ok']);
  });

  it.each(['closed', 'expired'])(
    'when %s, clears much away in steps, and is in nobody’s way meanwhile',
    (how) => {
      const files = new FilesWithTables();
      const { tables } = files;
      const [ann, bob] = [processWithSession(files), processWithSession(files)];
      const MANY = 600;
      for (let at = 0; at < MANY; at += 1) {
        openFile(ann, `/open${at}`, 'RDWR CREAT');
        ann.create(`/locked${at}`);
        ann.call(lock('flock', `/locked${at}`));
      }
      if (how === 'closed') end(ann);
      else {
        files.solo.stall(20_000);
        files.solo.keepalive(bob.options.session as SessionId);
      }
      expect(tables.lockers.size).toBeGreaterThan(0);
      const last = `/locked${MANY - 1}`;
      expect(bob.run({ kind: 'getlocks', object: at(last), plock: undefined })).toMatchObject({
        locks: [],
      });
      expect(bob.call(lock('flock', last))).toBe('ok');
      for (let tick = 0; tick < 10; tick += 1)
        files.solo.keepalive(bob.options.session as SessionId);
      expect(sizes(tables)).toEqual([0, 0, 0, 1, 1]);
      expect([...files.solo.execution.internalErrors]).toEqual([]);
    },
  );
});

describe('what a request without a session has open', () => {
  const caller = { uid: 0, gids: [0], umask: 0, cwd: 1 };
  const request = (files: SoloFiles, ops: readonly FileOperation[], kind: 'batch' | 'txn') => {
    const envelope = { volume: 'main', caller, ...PLAINLY };
    return kind === 'batch'
      ? files.submit({ kind, ...envelope, ops, atomic: false })
      : files.submit({ kind, ...envelope, then: ops, else: [] });
  };
  const opens = (path: string, flags = 'RDWR CREAT'): FileOperation => ({
    kind: 'open',
    path: bytesOf(path),
    flags: flagsOf(flags),
    mode: 0o600,
  });
  const opened = { kind: 'opened', at: 0 } as const;

  it.each(['batch', 'txn'] as const)(
    'serves the operations that follow, and ends with it: %s',
    (kind) => {
      const files = new FilesWithTables();
      const { tables } = files;
      const { answer } = request(
        files,
        [
          opens('/f'),
          { kind: 'unlink', path: bytesOf('/f') },
          { kind: 'write', object: opened, offset: undefined, data: Uint8Array.of(65) },
          { kind: 'read', object: opened, offset: 0, length: 5 },
        ],
        kind,
      );
      expect(answer).toMatchObject({ kind, results: [{}, {}, {}, { data: Uint8Array.of(65) }] });
      expect([...sizes(tables), tables.extra.size, tables.inodes.size]).toEqual([...NONE, 0, 1]);
    },
  );

  it('ends also when the request does early, or is one operation', () => {
    const files = new FilesWithTables();
    const { tables } = files;
    request(files, [opens('/f'), { kind: 'rmdir', path: bytesOf('/f') }], 'batch');
    const nobody = files.process();
    expect(open(nobody, '/g', 'RDWR CREAT')).toEqual(expect.any(Number));
    expect(sizes(tables)).toEqual(NONE);
    expect(nobody.names('/')).toEqual(['f', 'g']);
  });

  it('is of that place in the request alone', () => {
    const files = new FilesWithTables();
    const stat = (at: number): FileOperation => ({ kind: 'stat', object: { kind: 'opened', at } });
    const { answer } = request(files, [opens('/f'), stat(0), stat(1)], 'batch');
    expect(answer).toMatchObject({ results: [{}, { kind: 'attributes' }, { code: 'EBADF' }] });
  });

  it('may be closed before', () => {
    const files = new FilesWithTables();
    const { tables } = files;
    const { refused } = request(files, [opens('/f'), { kind: 'close', object: opened }], 'txn');
    expect([refused, ...sizes(tables)]).toEqual([false, ...NONE]);
  });

  it('is the session’s when there is one', () => {
    const files = new FilesWithTables();
    const { tables } = files;
    const { options } = processWithSession(files);
    const ops = [opens('/f'), { kind: 'stat', object: opened } as const];
    const envelope = { kind: 'batch', volume: 'main', caller, ...PLAINLY } as const;
    const { answer } = files.submit({ ...envelope, ops, atomic: true }, options);
    expect(answer).toMatchObject({ results: [{ kind: 'opened' }, { kind: 'attributes' }] });
    expect(sizes(tables)).toEqual([1, 1, 1, 0, 0]);
  });
});

const PATHS = ['/a', '/b', '/d'];
const path = fc.constantFrom(...PATHS);
const operations = fc.array(
  fc.record({
    who: fc.nat(2),
    what: fc.constantFrom(
      'open',
      'close',
      'unlink',
      'rmdir',
      'make',
      'flock',
      'plock',
      'rename',
      'end',
    ),
    path,
    other: path,
    handle: fc.nat(8),
  }),
  { maxLength: 40 },
);

describe('sessions', () => {
  it('leave nothing behind, whatever they do, and no inode that is in no directory', () => {
    fc.assert(
      fc.property(operations, (all) => {
        const files = new FilesWithTables();
        const { tables } = files;
        let processes = [0, 1, 2].map(() => processWithSession(files));
        const handles: number[] = [];
        for (const { who, what, path, other, handle } of all) {
          const process = processes[who] as SoloProcess;
          if (what === 'open') {
            const got = open(process, path, path === '/d' ? 'RDONLY' : 'RDWR CREAT');
            if (typeof got === 'number') handles.push(got);
          } else if (what === 'close')
            process.call({
              kind: 'close',
              object: { kind: 'handle', handle: handles[handle] ?? 1 },
            });
          else if (what === 'unlink') process.unlink(path);
          else if (what === 'rmdir') process.rmdir(path);
          else if (what === 'make') process.mkdir('/d');
          else if (what === 'rename') process.rename(path, other);
          else if (what === 'end') {
            end(process);
            processes = processes.map((one) => (one === process ? processWithSession(files) : one));
          } else process.call(lock(what, path));
        }
        for (const process of processes) end(process);
        expect(sizes(tables)).toEqual(NONE);
        const named = files.process().names('/').length;
        expect(tables.inodes.size).toBeLessThanOrEqual(named + 1);
        expect([...files.solo.execution.internalErrors]).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
