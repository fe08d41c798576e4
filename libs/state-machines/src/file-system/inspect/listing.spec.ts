import { at, bytesOf, SoloFiles, type SoloProcess } from '../twin/solo-files';
import type { FileResult } from '../wire/outcomes';

type Page = Extract<FileResult, { kind: 'listing' }>;

function page(process: SoloProcess, after: string | undefined, limit: number, plus = false): Page {
  const result = process.run({
    kind: 'readdir',
    object: at('/d'),
    after: after === undefined ? undefined : bytesOf(after),
    limit,
    plus,
  });
  if (result.kind !== 'listing') throw new Error(`no listing: ${JSON.stringify(result)}`);
  return result;
}

const namesOf = (listing: Page): readonly string[] => listing.entries.map(({ name }) => name);

function start(): { readonly files: SoloFiles; readonly root: SoloProcess } {
  const files = new SoloFiles();
  const root = files.process();
  root.mkdir('/d');
  for (const name of ['b', 'a', 'c0', 'c', 'B']) root.create(`/d/${name}`);
  return { files, root };
}

describe('readdir', () => {
  it('lists names bytewise: upper case first, a name before what it begins, UTF-8 by its bytes', () => {
    const { root } = start();
    // U+FF5E comes before U+1F512 in bytes and in code points, and after it in UTF-16.
    for (const name of ['é', '\u{ff5e}', '\u{1f512}']) root.create(`/d/${name}`);
    const expected = ['B', 'a', 'b', 'c', 'c0', 'é', '\u{ff5e}', '\u{1f512}'].map(bytesOf);
    expect(root.names('/d')).toEqual(expected);
  });

  it('gives neither `.` nor `..`, and nothing of subdirectories or neighbours', () => {
    const { root } = start();
    root.mkdir('/d/sub');
    root.create('/d/sub/inner');
    root.mkdir('/neighbour');
    root.create('/neighbour/n');
    expect(root.names('/d')).toEqual(['B', 'a', 'b', 'c', 'c0', 'sub']);
    expect(root.names('/d/sub')).toEqual(['inner']);
  });

  it('goes on after a name, in pages, and tells when it was the last', () => {
    const { root } = start();
    const first = page(root, undefined, 2);
    expect([namesOf(first), first.next]).toEqual([['B', 'a'], 'a']);
    const second = page(root, first.next, 2);
    expect([namesOf(second), second.next]).toEqual([['b', 'c'], 'c']);
    const third = page(root, second.next, 1);
    expect([namesOf(third), third.next]).toEqual([['c0'], undefined]);
  });

  it('goes on after a name that is gone', () => {
    const { root } = start();
    root.unlink('/d/b');
    expect(namesOf(page(root, 'b', 10))).toEqual(['c', 'c0']);
    expect(namesOf(page(root, 'zzz', 10))).toEqual([]);
  });

  it('tells number and type of each entry, and, when asked, all attributes', () => {
    const { root } = start();
    root.symlink('a', '/d/l');
    const bare = page(root, 'c0', 10).entries;
    const { ino } = root.attributes('/d/l');
    expect(bare).toEqual([{ name: 'l', ino, type: 'symlink', attributes: undefined }]);
    const full = page(root, 'c0', 10, true).entries;
    expect(full.map(({ attributes }) => attributes)).toEqual([root.attributes('/d/l')]);
  });

  it('needs a directory, and permission to read it; to search it as well for attributes', () => {
    const { files, root } = start();
    const ann = files.process({ uid: 1001, gids: [1001] });
    const all = { kind: 'readdir', object: at('/d'), after: undefined, limit: 1 } as const;
    expect(root.names('/d/a')).toEqual(['ENOTDIR']);
    expect(root.names('/nothing')).toEqual(['ENOENT']);
    root.chmod('/d', 0o711);
    expect(ann.call({ ...all, plus: false })).toBe('EACCES');
    root.chmod('/d', 0o744);
    expect(ann.call({ ...all, plus: false })).toBe('ok');
    expect(ann.call({ ...all, plus: true })).toBe('EACCES');
  });

  it('leaves no trace: no read sets an access time', () => {
    const { files, root } = start();
    const before = files.digest();
    root.names('/d');
    root.stat('/d/a');
    expect(files.digest()).toBe(before);
  });
});
