import { ROOT } from '../actors';
import type { ConformanceCase, ExpectedEntry, Family, Operation } from '../conformance-case';
import { entry, TYPES, type Type } from '../scenery';

/** Which times of which inodes an operation changes, and that it changes none of the others. (POSIX XBD 4.12) */
export const effects: Family = {
  name: 'times and counts',
  cases: () => [...EFFECTS.map(caseOf), ...TYPES.flatMap(byType)],
};

type Times = readonly [string, string, string];
const NOTHING: Times = ['=', '=', '='];
const CHANGE: Times = ['=', '=', 'now'];
const CONTENT: Times = ['=', 'now', 'now'];
const ALL: Times = ['now', 'now', 'now'];

const SCENERY: readonly Operation[] = [
  ...entry('dir', 'a'),
  ...entry('dir', 'a/b'),
  ...entry('dir', 'a/b/empty'),
  ...entry('file', 'a/b/f', { size: 10 }),
  ...entry('dir', 'c'),
  ...entry('file', 'c/g', { size: 20 }),
  ...entry('symlink', 'c/l', { target: '../a/b/f' }),
];
const PATHS = ['.', 'a', 'a/b', 'a/b/empty', 'a/b/f', 'c', 'c/g', 'c/l'];

type Touched = Readonly<Record<string, Times | ExpectedEntry | null>>;

const EFFECTS: readonly (readonly [Operation, Touched])[] = [
  [{ kind: 'stat', path: 'c/l' }, {}],
  [{ kind: 'readlink', path: 'c/l' }, {}],
  [{ kind: 'create', path: 'a/b/f' }, {}],
  [{ kind: 'create', path: 'c/l' }, {}],
  [{ kind: 'chmod', path: 'a/b', mode: 0o700 }, { 'a/b': { mode: 0o700, times: CHANGE } }],
  [{ kind: 'chmod', path: 'a/b', mode: 0o777 }, { 'a/b': CHANGE }],
  [{ kind: 'chmod', path: 'c/l', mode: 0o600 }, { 'a/b/f': { mode: 0o600, times: CHANGE } }],
  [{ kind: 'chown', path: 'c/l', uid: 5, gid: 6 }, { 'a/b/f': { uid: 5, gid: 6, times: CHANGE } }],
  [{ kind: 'chown', path: 'a/b/f', uid: -1, gid: -1 }, { 'a/b/f': CHANGE }],
  [{ kind: 'chown', path: 'a/b/f', uid: 0, gid: 0 }, { 'a/b/f': CHANGE }],
  [{ kind: 'truncate', path: 'c/l', size: 3 }, { 'a/b/f': { size: 3, times: CONTENT } }],
  [{ kind: 'truncate', path: 'c/g', size: 20 }, { 'c/g': { size: 20, times: CONTENT } }],
  [{ kind: 'truncate', path: 'c/g', size: 99 }, { 'c/g': { size: 99, times: CONTENT } }],
  [{ kind: 'utimens', path: 'c/g', atime: 'now', mtime: 'now' }, { 'c/g': ALL }],
  [{ kind: 'utimens', path: 'c/g', atime: '7', mtime: 'omit' }, { 'c/g': ['7', '=', 'now'] }],
  [{ kind: 'utimens', path: 'c/g', atime: 'omit', mtime: '7' }, { 'c/g': ['=', '7', 'now'] }],
  [{ kind: 'utimens', path: 'c/g', atime: 'omit', mtime: 'omit' }, {}],
  [
    { kind: 'rename', from: 'a/b', to: 'c/b' },
    {
      a: { nlink: 2, times: CONTENT },
      c: { nlink: 3, times: CONTENT },
      'a/b': null,
      'a/b/empty': null,
      'a/b/f': null,
      'c/b': { inode: 'a/b', nlink: 3, times: CHANGE },
      'c/b/f': { inode: 'a/b/f', times: NOTHING },
      'c/b/empty': { inode: 'a/b/empty', times: NOTHING },
    },
  ],
  [
    { kind: 'rename', from: 'a/b/f', to: 'a/b/new' },
    { 'a/b': CONTENT, 'a/b/f': null, 'a/b/new': { inode: 'a/b/f', times: CHANGE } },
  ],
  [
    { kind: 'rename', from: 'a/b/f', to: 'c/g' },
    {
      'a/b': CONTENT,
      c: CONTENT,
      'a/b/f': null,
      'c/g': { inode: 'a/b/f', times: CHANGE, nlink: 1 },
    },
  ],
  [
    { kind: 'rename', from: 'a/b/f', to: 'c', flags: ['exchange'] },
    {
      '.': { nlink: 3, times: CONTENT },
      a: NOTHING,
      'a/b': { nlink: 4, times: CONTENT },
      c: { inode: 'a/b/f', type: 'file', times: CHANGE },
      'a/b/f': { inode: 'c', type: 'dir', times: CHANGE },
      'c/g': null,
      'c/l': null,
      'a/b/f/g': { inode: 'c/g', times: NOTHING },
    },
  ],
  [
    { kind: 'link', from: 'a/b/f', to: 'c/h' },
    { c: CONTENT, 'a/b/f': { nlink: 2, times: CHANGE }, 'c/h': { inode: 'a/b/f' } },
  ],
  [
    { kind: 'unlink', path: 'a/b/f' },
    { 'a/b': { nlink: 3, times: CONTENT }, 'a/b/f': null },
  ],
  [
    { kind: 'unlink', path: 'c/l' },
    { c: CONTENT, 'c/l': null },
  ],
  [
    { kind: 'rmdir', path: 'a/b/empty' },
    { a: { nlink: 3, times: NOTHING }, 'a/b': { nlink: 2, times: CONTENT }, 'a/b/empty': null },
  ],
];

function caseOf([op, touched]: readonly [Operation, Touched]): ConformanceCase {
  const after = Object.fromEntries(
    [...new Set([...PATHS, ...Object.keys(touched)])].map((path) => [
      path,
      expectedAt(path, touched),
    ]),
  );
  const { kind, ...fields } = op;
  const says = Object.entries(fields).map(([field, value]) => `${field} ${JSON.stringify(value)}`);
  return {
    name: `${kind} ${says.join(', ')} touches ${Object.keys(touched).join(', ') || 'nothing'}`,
    setup: SCENERY,
    caller: ROOT,
    ops: [op],
    expected: 'ok',
    after,
  };
}

function expectedAt(path: string, touched: Touched): ExpectedEntry | null {
  const found = touched[path];
  if (found === undefined) return { inode: path, times: NOTHING };
  if (found === null) return null;
  return 'length' in found ? { inode: path, times: found } : found;
}

/** What is new has three times of its birth, its parent two; what goes leaves its parent changed and nobody else. */
function byType(type: Type): ConformanceCase[] {
  const [made] = entry(type, 'a/b/new', { target: 'x' });
  const isDirectory = type === 'dir';
  if (made === undefined) return [];
  return [
    caseOf([
      made,
      {
        'a/b': { nlink: isDirectory ? 4 : 3, times: CONTENT },
        'a/b/new': {
          type,
          nlink: isDirectory ? 2 : 1,
          times: type === 'symlink' ? CONTENT : ALL,
        },
      },
    ]),
  ].concat(
    (['rename', 'remove'] as const).map((how) => ({
      name: `${how} of a new ${type} touches its parents alone`,
      setup: [...SCENERY, made],
      caller: ROOT,
      ops: [
        how === 'rename'
          ? { kind: 'rename', from: 'a/b/new', to: 'c/new' }
          : { kind: isDirectory ? 'rmdir' : 'unlink', path: 'a/b/new' },
      ],
      expected: 'ok',
      after: {
        'a/b/new': null,
        '.': { times: NOTHING },
        a: { times: NOTHING },
        'a/b': { nlink: 3, times: CONTENT },
        c: {
          nlink: how === 'rename' && isDirectory ? 3 : 2,
          times: how === 'rename' ? CONTENT : NOTHING,
        },
        ...(how === 'rename' && { 'c/new': { inode: 'a/b/new', times: CHANGE } }),
      },
    })),
  );
}
