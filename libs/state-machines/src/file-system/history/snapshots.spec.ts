import { file, snapshot } from '../twin/operations';
import { PastFiles } from '../twin/past-files';
import { at } from '../twin/solo-files';
import type { FileOperation } from '../wire/operations';

const chmod = (mode: number): FileOperation => ({ kind: 'chmod', object: at('/f'), mode });

/** `/f` in a volume of which next to nothing is kept but by snapshots. */
function start(): PastFiles {
  const files = new PastFiles({ historyOps: 1 });
  files.execute([[file('/f')]]);
  return files;
}

function change(files: PastFiles, ...modes: readonly number[]): void {
  for (const mode of modes) files.execute([[chmod(mode)]]);
}

function modeIn(files: PastFiles, name: string): number | string {
  const result = files.ask({ kind: 'stat', object: at('/f') }, { kind: 'snapshot', name });
  if (result.kind === 'refused') return result.code;
  return result.kind === 'attributes' ? result.attributes.mode : result.kind;
}

describe('what snapshots keep', () => {
  it('is one image of what was changed since, however often it was', () => {
    const files = start();
    change(files, 1);
    files.execute([[snapshot('s')]]);
    change(files, 2, 3);
    const { size } = files.tables.history;
    change(files, 4, 5, 6, 7, 8, 9);
    files.advance(1);
    expect(files.tables.history.size).toBeLessThanOrEqual(size);
    expect(modeIn(files, 's')).toBe(1);
  });

  it('is what an op has replaced that made a later snapshot itself', () => {
    const files = start();
    change(files, 1);
    files.execute([[snapshot('one')]]);
    files.execute([[chmod(2), snapshot('two'), chmod(3)]]);
    change(files, 4, 5, 6);
    files.advance(1);
    expect([modeIn(files, 'one'), modeIn(files, 'two')]).toEqual([1, 3]);
  });

  it('goes with the last that needs it, and not before', () => {
    const files = start();
    change(files, 1);
    const sizes: number[] = [];
    for (const [place, name] of ['a', 'b', 'c'].entries()) {
      files.execute([[snapshot(name)], [snapshot(`${name}-too`)]]);
      change(files, 10 + place);
    }
    change(files, 20, 21);
    const remove = (name: string): void => {
      files.execute([[{ kind: 'removesnapshot', name }]]);
      files.advance(1);
      sizes.push(files.tables.history.size);
    };
    for (const name of ['b', 'b-too', 'a', 'c-too', 'c']) remove(name);
    expect(sizes).toEqual([3, 2, 2, 2, 1]);
    expect(['a-too', 'b', 'c'].map((name) => modeIn(files, name))).toEqual([1, 'ENOENT', 'ENOENT']);
    remove('a-too');
    expect(files.tables.history.size).toBe(0);
  });
});
