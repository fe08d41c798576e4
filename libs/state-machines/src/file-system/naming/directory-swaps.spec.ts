import fc from 'fast-check';
import { findVolume } from '../volumes/find-volume';
import { FileTree } from '../model/file-tree';
import { MAIN_VOLUME, UNTOUCHED_MAIN } from '../model/volume';
import { FilesWithTables } from '../twin/files-with-tables';
import { walk } from '../twin/walk';

const DIRECTORIES = 40;
const SWAPS = 2_500;
const RUNS = 3;

const swap = fc.record({
  from: fc.nat(DIRECTORIES - 1),
  to: fc.nat(DIRECTORIES - 1),
  how: fc.constantFrom('into', 'into', 'exchange', 'over', 'noreplace'),
});

/** Directories in a chain, each with a file in it: by number, so that they are found wherever they have gone. */
function start(): { readonly files: FilesWithTables; readonly inos: readonly number[] } {
  const files = new FilesWithTables();
  const root = files.process();
  const inos: number[] = [];
  for (let path = '/0'; inos.length < DIRECTORIES; path += `/${inos.length}`) {
    root.mkdir(path);
    root.create(`${path}/f`);
    inos.push(root.attributes(path).ino);
  }
  return { files, inos };
}

describe('directories', () => {
  // juicefs#4800, 3FS#31: whole trees are lost when directories are moved into each other. (files.md N1)
  it('that change places by the thousand, at any depth, stay one tree of which nothing is lost', () => {
    const outcomes = new Set<string>();
    const swaps = fc.array(swap, { minLength: SWAPS, maxLength: SWAPS, size: 'max' });
    fc.assert(
      fc.property(swaps, (all) => {
        const { files, inos } = start();
        const root = files.process();
        const tree = new FileTree(
          files.tables,
          findVolume(files.tables, MAIN_VOLUME) ?? UNTOUCHED_MAIN,
        );
        const pathTo = (nth: number): string =>
          String(tree.pathTo(tree.inodes.get(inos[nth] as number)));
        all.forEach(({ from, to, how }, n) => {
          const target = how === 'into' ? `${pathTo(to)}/${from}` : pathTo(to);
          const flag = how === 'exchange' || how === 'noreplace' ? how : undefined;
          outcomes.add(`${how} ${root.rename(pathTo(from), target, flag)}`);
          if (n % 250 === 0) expect(walk(files).lies).toEqual([]);
        });
        const { lies, inodes } = walk(files);
        expect([lies, inos.every((ino) => inodes.has(ino))]).toEqual([[], true]);
        expect(tree.root.usage).toEqual({ files: DIRECTORIES, directories: DIRECTORIES, bytes: 0 });
      }),
      { numRuns: RUNS },
    );
    const seen = ['into ok', 'into EINVAL', 'exchange ok', 'exchange EINVAL', 'over ENOTEMPTY'];
    expect([...outcomes]).toEqual(expect.arrayContaining(seen));
  });
});
