import { PastFiles } from '../twin/past-files';
import { file, mkdir, remove, truncate } from '../twin/operations';
import { at, bytesOf } from '../twin/solo-files';
import { settingsOf } from '../twin/settings';
import type { Volume } from '../model/volume';
import type { FileOperation, FileQuery } from '../wire/operations';
import { readHistory } from './history-record';
import { oldestReadable } from './window';

const STAT: FileQuery = { kind: 'stat', object: at('/f') };

/** `/f`, and as many changes of it as are needed for that many ops, one in each millisecond. */
function changed(ops: number, settings: Partial<Volume>): PastFiles {
  const files = new PastFiles(settings);
  files.execute([[file('/f')]]);
  while (files.op < ops)
    files.execute([[{ kind: 'chmod', object: at('/f'), mode: files.op & 0o777 }]]);
  return files;
}

const answerOf = (files: PastFiles, op: number): string => {
  const result = files.ask(STAT, { kind: 'op', op });
  return result.kind === 'refused' ? result.code : result.kind;
};

/** The oldest op as of which it can be read, seen by what queries answer. */
function oldest(files: PastFiles): number {
  let op = files.op;
  while (op > 1 && answerOf(files, op - 1) === 'attributes') op -= 1;
  return op;
}

const bytesOfHistory = ({ tables, volume }: PastFiles): number =>
  readHistory(tables.histories, volume.id)?.bytes ?? 0;

describe('the window of the past', () => {
  it('shows as many ops before the last as the volume says, and no more', () => {
    const files = changed(20, { historyOps: 5 });
    expect([oldest(files), oldestReadable(files.tables, files.volume)]).toEqual([15, 15]);
    expect(answerOf(files, 14)).toBe('ESTALE');
  });

  it('shows a state for less than the time that the volume says after it was replaced', () => {
    const files = changed(20, { historyMs: 10 });
    expect([files.clusterMs, oldest(files)]).toEqual([20, 10]);
    files.advance(8);
    expect(oldest(files)).toBeLessThan(20);
  });

  it('shows what fits into the bytes that the volume says, to the last', () => {
    const bytes = bytesOfHistory(changed(10, {}));
    const oldestWith = (historyBytes: number): number | undefined => {
      const { tables, volume } = changed(10, { historyBytes });
      return oldestReadable(tables, volume);
    };
    expect([oldestWith(bytes), oldestWith(bytes - 1)]).toEqual([0, 1]);
    expect(bytesOfHistory(changed(50, { historyBytes: bytes }))).toBeLessThanOrEqual(bytes);
  });

  it('shows what was taken away as long as it shows an op before that, and then it is purged', () => {
    const files = new PastFiles({ historyOps: 5 });
    files.execute([[mkdir('/t')]]);
    files.execute([[file('/t/f')]]);
    const before = files.op;
    files.execute([[remove('/t', false)]]);
    const f: FileQuery = { kind: 'stat', object: at('/t/f') };
    const seen: string[] = [];
    for (let inodes = 3; inodes === 3; inodes = files.tables.inodes.size) {
      files.execute([[{ kind: 'chmod', object: at('/'), mode: files.op & 0o777 }]]);
      files.advance(0);
      const found = files.ask(f, { kind: 'op', op: before });
      seen.push(found.kind === 'refused' ? found.code : found.kind);
    }
    expect(seen.at(-1)).toBe('ESTALE');
    expect(new Set(seen.slice(0, -1))).toEqual(new Set(['attributes']));
    expect(files.tables.inodes.size).toBe(1);
  });

  it('holds no image of what its own op has made, nor of what was undone within a request', () => {
    const chmod = (path: string): FileOperation => ({ kind: 'chmod', object: at(path), mode: 1 });
    const bytesAfter = (...requests: readonly FileOperation[][]): readonly number[] => {
      const files = new PastFiles({ bytesMax: 9 });
      files.execute([[file('/old')]]);
      files.execute(requests);
      return [bytesOfHistory(files), files.tables.history.size];
    };
    expect(bytesAfter([file('/f')], [chmod('/f')])).toEqual(bytesAfter([file('/f')]));
    const full = truncate(at('/old'), 10n);
    expect(bytesAfter([chmod('/'), full])).toEqual(bytesAfter([chmod('/')]));
  });

  it('shows no op that has not been yet', () => {
    const files = changed(5, {});
    expect([answerOf(files, 5), answerOf(files, 6)]).toEqual(['attributes', 'ESTALE']);
  });
});

describe('the past of a volume whose past is turned off', () => {
  const define = (files: PastFiles, historyOps: number): void => {
    files.execute([[{ kind: 'definevolume', settings: settingsOf({ historyOps }) }]]);
  };
  const chmod = (files: PastFiles, mode: number): void => {
    files.execute([[{ kind: 'chmod', object: at('/f'), mode }]]);
  };

  it('is not read any more, and takes no room after the next Tick', () => {
    const files = changed(10, {});
    define(files, 0);
    chmod(files, 0o700);
    expect([9, 10, 11].map((op) => answerOf(files, op))).toEqual(Array(3).fill('ESTALE'));
    files.advance(1);
    const { history, historyLog } = files.tables;
    expect([history.size, historyLog.size, bytesOfHistory(files)]).toEqual([0, 0, 0]);
  });

  it('begins with the first change after it is turned on again, and shows nothing between', () => {
    const files = changed(10, {});
    define(files, 0);
    const off = files.op;
    chmod(files, 0o700);
    define(files, 100);
    chmod(files, 0o711);
    const on = files.op;
    chmod(files, 0o722);
    expect(oldest(files)).toBe(on);
    for (let op = 1; op < on; op += 1) expect([op, answerOf(files, op)]).toEqual([op, 'ESTALE']);
    expect(on).toBeGreaterThan(off);
    const then = files.ask(STAT, { kind: 'op', op: on });
    expect(then).toMatchObject({ attributes: { mode: 0o711 } });
    files.advance(1);
    expect(files.ask(STAT, { kind: 'op', op: on })).toEqual(then);
  });

  it('is still what snapshots keep of it', () => {
    const files = changed(10, {});
    files.execute([[{ kind: 'snapshot', name: 's' }]]);
    const kept = files.op;
    define(files, 0);
    chmod(files, 0o700);
    files.execute([[{ kind: 'unlink', path: bytesOf('/f') }]]);
    files.advance(1);
    const asKept = files.ask(STAT, { kind: 'snapshot', name: 's' });
    expect(asKept).toMatchObject({ attributes: { mode: 9 } });
    expect(answerOf(files, kept)).toBe('attributes');
    expect([answerOf(files, kept - 1), answerOf(files, kept + 1)]).toEqual(['ESTALE', 'ESTALE']);
    files.execute([[{ kind: 'removesnapshot', name: 's' }]]);
    files.advance(1);
    expect([files.tables.history.size, files.tables.historyLog.size]).toEqual([0, 0]);
  });
});
