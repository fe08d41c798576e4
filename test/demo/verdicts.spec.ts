import { fileOperation, type Attributes, type Files } from '@lockstep/client';
import type { JournalLine } from '../../demo/src/journal';
import { median, outageOf } from '../../demo/src/outages';
import { directory, ExpectedTree, leaf } from '../../demo/src/tree';
import { replay } from '../../demo/src/verify-journals';
import { verifyLocks } from '../../demo/src/verify-locks';
import { compareTree } from '../../demo/src/verify-tree';

/** A hold from grant to release, with operations at these places in the log. */
function hold(
  fence: number,
  times: { readonly granted: [string, number]; readonly released: [string, number] },
  ...places: string[]
): JournalLine[] {
  const name = { lock: 'door', fence: String(fence) };
  const op = fileOperation.create('/x');
  return [
    { kind: 'granted', ...name, op: times.granted[0], atMs: times.granted[1] },
    ...places.flatMap((place, n): JournalLine[] => [
      { kind: 'asked', n: fence * 10 + n, op, fences: [name.fence] },
      { kind: 'done', n: fence * 10 + n, op: place },
    ]),
    { kind: 'releasing', ...name, atMs: times.released[1] },
    { kind: 'released', ...name, op: times.released[0], outcome: 'released' },
  ];
}

describe('the verdict on locks', () => {
  const first = hold(1, { granted: ['1.0', 10], released: ['5.0', 20] }, '2.0', '3.0');

  it('is good when one holder follows the other', () => {
    const next = hold(2, { granted: ['5.0', 21], released: ['9.0', 30] }, '6.0');
    expect(verifyLocks([first, next])).toEqual({ grants: 2, faults: [] });
  });

  it('finds two who held at the same time', () => {
    const next = hold(2, { granted: ['5.0', 19], released: ['9.0', 30] });
    expect(verifyLocks([first, next]).faults).toEqual([
      'door: fence 1 and 2 were held at the same time',
    ]);
  });

  it('finds what was done under a lower fence after a higher one', () => {
    const next = hold(2, { granted: ['5.0', 21], released: ['9.0', 30] }, '2.5');
    expect(verifyLocks([first, next]).faults).toHaveLength(1);
  });

  it('finds a grant before the release', () => {
    const next = hold(2, { granted: ['4.0', 21], released: ['9.0', 30] });
    expect(verifyLocks([first, next]).faults).toEqual([
      'door: fence 1 and 2: released at 5.0, granted at 4.0',
    ]);
  });

  it('finds a fence that falls, also between locks', () => {
    const other = hold(2, { granted: ['0.7', 1], released: ['0.9', 2] }).map((line) =>
      'lock' in line ? { ...line, lock: 'gate' } : line,
    );
    expect(verifyLocks([first, other]).faults).toEqual(['the fence fell from 2 to 1 at 1.0']);
  });

  it('finds one fence given twice', () => {
    const next = hold(1, { granted: ['5.0', 21], released: ['9.0', 30] });
    expect(verifyLocks([first, next]).faults).toContain('door: fence 1 and 1 are the same');
  });
});

describe('the verdict on journals', () => {
  const asked = (n: number, path: string): JournalLine => ({
    kind: 'asked',
    n,
    op: fileOperation.create(path),
    fences: [],
  });

  it('takes the operations of all workers in the order of the log', () => {
    const tree = new ExpectedTree();
    const rename: JournalLine = {
      kind: 'asked',
      n: 1,
      op: fileOperation.rename('/a', '/b'),
      fences: [],
    };
    const work = replay(
      [
        [rename, { kind: 'done', n: 1, op: '10.0' }],
        [asked(1, '/a'), { kind: 'done', n: 1, op: '9.12' }],
      ],
      tree,
    );
    expect(work).toMatchObject({ acknowledged: 2, byKind: { create: 1, rename: 1 }, faults: [] });
    expect(tree.at('/b')).toBeDefined();
  });

  it.each<[string, JournalLine[]]>([
    [
      'could not be: EEXIST',
      [
        asked(1, '/a'),
        { kind: 'done', n: 1, op: '1.0' },
        asked(2, '/a'),
        { kind: 'done', n: 2, op: '2.0' },
      ],
    ],
    ['refused under its lock: EEXIST', [asked(1, '/a'), { kind: 'refused', n: 1, code: 'EEXIST' }]],
    [
      'did not show create /a: ENOENT',
      [asked(1, '/a'), { kind: 'done', n: 1, op: '1.0' }, { kind: 'unseen', n: 1, code: 'ENOENT' }],
    ],
    ['no known outcome', [asked(1, '/a'), { kind: 'unknown', n: 1 }]],
  ])('finds that an operation %s', (fault, journal) => {
    const { faults } = replay([journal], new ExpectedTree());
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(fault);
  });
});

describe('the comparison of trees', () => {
  const attributes = (ino: bigint, fields: Partial<Attributes>): Attributes => ({
    ino,
    type: 'file',
    mode: 0o644,
    nlink: 1,
    uid: 0,
    gid: 0,
    size: 0,
    blocks: 0,
    atimeNs: 0n,
    mtimeNs: 7n,
    ctimeNs: 0n,
    btimeNs: 0n,
    rdev: { major: 0, minor: 0 },
    flags: 0,
    generation: '0.0',
    changedOp: 0n,
    ...fields,
  });
  const root = attributes(1n, { type: 'dir', mode: 0o755, nlink: 2 });

  /** A directory `/t` that holds these files. */
  const filesOf = (held: Record<string, Attributes>): Files =>
    ({
      stat: () => Promise.resolve(root),
      async *entries() {
        for (const [name, each] of Object.entries(held)) {
          yield await Promise.resolve({ name, ino: each.ino, type: each.type, attributes: each });
        }
      },
    }) as unknown as Files;

  const expected = (): ExpectedTree => {
    const tree = new ExpectedTree();
    tree.put('/t', directory(0o755, 0, 0));
    const file = leaf('file', { mode: 0o644, gid: 0, size: 0, mtimeNs: 7n });
    tree.put('/t/a', file);
    tree.put('/t/b', file);
    return tree;
  };
  const compare = async (held: Record<string, Attributes>): Promise<string[]> =>
    (await compareTree(filesOf(held), '/t', expected(), () => undefined)).differences;
  const twoNames = attributes(2n, { nlink: 2 });

  it('finds nothing where all is as expected', async () => {
    expect(await compare({ a: twoNames, b: twoNames })).toEqual([]);
  });

  it.each<[string, Record<string, Attributes>, string]>([
    ['a name that is missing', { a: twoNames }, '/t/b: is missing'],
    [
      'a name that nobody made',
      { a: twoNames, b: twoNames, c: attributes(3n, {}) },
      '/t/c: nobody made it',
    ],
    [
      'a wrong mode',
      { a: twoNames, b: { ...twoNames, mode: 0o600 } },
      '/t/b: mode is 0600, not 0644',
    ],
    ['a wrong time', { a: twoNames, b: { ...twoNames, mtimeNs: 8n } }, '/t/b: mtimeNs is 8, not 7'],
    ['a second inode', { a: twoNames, b: { ...twoNames, ino: 3n } }, '/t/b: another inode'],
  ])('finds %s', async (_, held, difference) => {
    expect(await compare(held)).toEqual([difference]);
  });
});

describe('outages', () => {
  it('are the longest time between two answers that ends after the kill', () => {
    expect(outageOf([0, 500, 510, 520, 700, 710], 515, 5000)).toBe(180);
  });

  it('count from the last answer before the kill, and not what comes long after', () => {
    expect(outageOf([0, 10, 200, 210, 9000], 150, 205)).toBe(190);
  });

  it('are not known before the next answer', () => {
    expect(outageOf([0, 10], 15, 5000)).toBeUndefined();
  });

  it('have a median', () => {
    expect(median([5, 1, 9])).toBe(5);
    expect(median([1, 2, 3, 10])).toBe(2.5);
  });
});
