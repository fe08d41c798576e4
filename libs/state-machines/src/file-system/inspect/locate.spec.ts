import { at, bytesOf, SoloFiles, type SoloProcess } from '../twin/solo-files';
import type { FileObject } from '../wire/arguments';

const pathsOf = (process: SoloProcess, object: FileObject): readonly string[] | string => {
  const result = process.run({ kind: 'locate', object });
  if (result.kind === 'refused') return result.code;
  if (result.kind !== 'paths') throw new Error(`no paths: ${result.kind}`);
  return result.paths;
};
const ino = (process: SoloProcess, path: string): FileObject => ({
  kind: 'ino',
  ino: process.attributes(path).ino,
});

function start(): SoloProcess {
  const root = new SoloFiles().process();
  root.mkdir('/d');
  root.mkdir('/d/e');
  root.create('/d/e/f');
  root.create('/d/e/a');
  root.symlink('d', '/s');
  return root;
}

describe('locate', () => {
  it.each([
    ['/', ['/']],
    ['/d/e', ['/d/e']],
    ['/d/e/f', ['/d/e/f']],
    ['/s', ['/s']],
  ])('of %s tells the path that leads to its number', (path, paths) => {
    const root = start();
    expect(pathsOf(root, ino(root, path))).toEqual(paths);
  });

  it('tells every name of what has several, wherever they have been moved', () => {
    const root = start();
    root.link('/d/e/f', '/d/b');
    root.link('/d/e/f', '/g');
    root.rename('/d/e', '/moved');
    expect(pathsOf(root, ino(root, '/g'))).toEqual(['/g', '/d/b', '/moved/f']);
    root.unlink('/g');
    root.unlink('/d/b');
    expect(pathsOf(root, ino(root, '/moved/f'))).toEqual(['/moved/f']);
  });

  it('is asked of a path as well, and follows links as it is told', () => {
    const root = start();
    expect([pathsOf(root, at('/s')), pathsOf(root, at('/s', false))]).toEqual([['/d'], ['/s']]);
    expect(pathsOf(root, at('/none'))).toBe('ENOENT');
  });

  it('tells only paths that lead somewhere still', () => {
    const root = start();
    root.link('/d/e/f', '/g');
    root.call({ kind: 'remove', path: bytesOf('/d'), recursive: true, trash: true });
    expect(pathsOf(root, ino(root, '/g'))).toEqual(['/g']);
  });
});
