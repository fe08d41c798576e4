import type { SessionId } from '@lockstep/vr-core';
import { FilesWithTables } from '../twin/files-with-tables';
import {
  define,
  file,
  handle,
  mkdir,
  plock,
  remove,
  setacl,
  setxattr,
  snapshot,
  ttl,
} from '../twin/operations';
import { close, fstat, openFile, processWithSession, read, write } from '../twin/solo-open';
import { at, bytesOf, type SoloProcess } from '../twin/solo-files';
import type { FileOperation } from '../wire/operations';

/** Two volumes with the same in them, each with a session of its own. */
function start() {
  const files = new FilesWithTables();
  const main = processWithSession(files);
  const other = processWithSession(files);
  other.volume = 'other';
  fill(main);
  files.solo.advance(1);
  return { files, main, other, handleOfMain: openFile(main, '/kept', 'RDWR') };
}

/** Something of everything that a table keeps, and a past of all of it. */
function fill(process: SoloProcess): void {
  const ops: readonly FileOperation[] = [
    mkdir('/d'),
    file('/d/e', { kind: 'ephemeral' }),
    file('/d/t', ttl(60_000)),
    file('/kept'),
    { kind: 'link', from: bytesOf('/kept'), to: bytesOf('/d/twin'), follow: true },
    setacl('/d', true),
    setxattr(at('/kept'), 3_000),
    snapshot('one'),
    file('/gone'),
    { kind: 'write', object: at('/kept'), offset: 0, data: new Uint8Array(5_000) },
    snapshot('two'),
    remove('/gone', true),
    mkdir('/tree'),
    file('/tree/f'),
    remove('/tree', false),
    { kind: 'removexattr', object: at('/kept'), name: bytesOf('user.a') },
    snapshot('three'),
    { kind: 'removesnapshot', name: 'two' },
    { kind: 'chmod', object: at('/d'), mode: 0o700 },
  ];
  expect(ops.map((op) => process.call(op))).toEqual(ops.map(() => 'ok'));
}

/** How many rows each table has; numbers that were used stay so. */
const rowCounts = ({ tables }: FilesWithTables): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(tables)
      .filter(([name]) => name !== 'counters')
      .map(([name, table]: [string, { readonly size: number }]) => [name, table.size]),
  );

describe('a volume that is dropped with a past, snapshots, trash, locks and open files', () => {
  it('leaves nothing in any table once all is closed, and others what they have', () => {
    const { files, main, other, handleOfMain } = start();
    const before = rowCounts(files);
    const picture = (): unknown => [main.names('/'), main.names('/d'), fstat(main, handleOfMain)];
    const pictureBefore = picture();
    expect(other.call(define({}))).toBe('ok');
    fill(other);
    const open = openFile(other, '/kept', 'RDWR');
    const ephemeral = openFile(other, '/d/e', 'RDONLY');
    const directory = openFile(other, '/d', 'RDONLY DIRECTORY');
    expect(other.call(plock(handle(open), 'write', 3, 4))).toBe('ok');
    expect(other.call({ kind: 'dropvolume' })).toBe('ok');
    files.solo.advance(10);
    expect(rowCounts(files)).toMatchObject({ history: before['history'], handles: 4, locks: 1 });
    for (const still of [open, ephemeral, directory]) expect(fstat(other, still)).toBe('ENOENT');
    files.solo.closeSession(other.options.session as SessionId);
    files.solo.advance(10);
    expect(rowCounts(files)).toEqual(before);
    expect(picture()).toEqual(pictureBefore);
  });

  it('is not found by the handles of it when another has its name: ESTALE', () => {
    const { files, other } = start();
    other.call(define({}));
    fill(other);
    const open = openFile(other, '/kept', 'RDWR');
    for (const kind of ['dropvolume', 'definevolume'] as const)
      expect(other.call(kind === 'dropvolume' ? { kind } : define({}))).toBe('ok');
    expect([fstat(other, open), read(other, open), write(other, open, 'x')]).toEqual(
      Array(3).fill('ESTALE'),
    );
    expect(close(other, open)).toBe('ESTALE');
    files.solo.advance(10);
    fill(other);
    expect(other.names('/')).toEqual(['d', 'kept']);
  });
});
