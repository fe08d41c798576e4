import { LONE_OWNER, OTHER, OWNER, ROOT, nameOf } from '../actors';
import type { ConformanceCase, Family, Operation } from '../conformance-case';
import { entry, octal, OWNED } from '../scenery';
import { clearedMode } from './mode-and-owner';

/** A file that is open stays what it is, whatever becomes of its names and its bits. */
export const handles: Family = {
  name: 'handles',
  cases: () => [...stories(), ...clearing(), ...modes(), ...writes()],
};

/** The handle that an earlier operation of the same request opened. */
const of = (index: number): { readonly handleOf: number } => ({ handleOf: index });

const opened = (path: string, ...flags: string[]): Operation => ({
  kind: 'open',
  path,
  flags,
  mode: 0o644,
});
const text = (words: string): string => Buffer.from(words).toString('base64');
const write = (words: string, offset = 0, handle = 0): Operation => ({
  kind: 'write',
  ...of(handle),
  offset,
  dataBase64: text(words),
});
const read = (length: number, offset = 0, handle = 0): Operation => ({
  kind: 'read',
  ...of(handle),
  offset,
  length,
});

interface Story {
  readonly says: string;
  readonly ops: readonly Operation[];
  readonly expected?: string;
  readonly result?: NonNullable<ConformanceCase['result']>;
  readonly after?: NonNullable<ConformanceCase['after']>;
}

const STORIES: readonly Story[] = [
  {
    says: 'what was written is read',
    ops: [opened('f', 'RDWR'), write('hello'), read(100)],
    result: { dataBase64: text('hello') },
    after: { f: { size: 5 } },
  },
  {
    says: 'to write is to modify',
    ops: [opened('f', 'RDWR'), write('hello')],
    after: { f: { size: 5, times: ['=', 'now', 'now'] }, '.': { times: ['=', '=', '='] } },
  },
  {
    says: 'a part is read',
    ops: [opened('f', 'RDWR'), write('hello'), read(3, 1)],
    result: { dataBase64: text('ell') },
  },
  {
    says: 'behind the end there is nothing',
    ops: [opened('f', 'RDWR'), write('hello'), read(3, 5)],
    result: { dataBase64: '' },
  },
  {
    says: 'what was left out is zeros',
    ops: [opened('f', 'RDWR'), write('end', 4), read(100)],
    result: { dataBase64: text('\0\0\0\0end') },
    after: { f: { size: 7 } },
  },
  {
    says: 'what a truncation took is zeros when it grows again',
    ops: [
      opened('f', 'RDWR'),
      write('hello'),
      { kind: 'truncate', ...of(0), size: 2 },
      { kind: 'truncate', ...of(0), size: 4 },
      read(100),
    ],
    result: { dataBase64: text('he\0\0') },
  },
  {
    says: 'what was appended is at the end, whatever the offset',
    ops: [opened('f', 'RDWR', 'APPEND'), write('one'), write('two', 0), read(100)],
    result: { dataBase64: text('onetwo') },
  },
  {
    says: 'a write of nothing changes nothing',
    ops: [opened('f', 'RDWR'), write('', 50)],
    after: { f: { size: 0, times: ['=', '=', '='] } },
  },
  {
    says: 'a handle for reading does not write',
    ops: [opened('f', 'RDONLY'), write('x')],
    expected: 'EBADF',
  },
  {
    says: 'one for writing does not read',
    ops: [opened('f', 'WRONLY'), read(1)],
    expected: 'EBADF',
  },
  {
    says: 'a directory is not read',
    ops: [opened('d', 'RDONLY', 'DIRECTORY'), read(1)],
    expected: 'EISDIR',
  },
  {
    says: 'a handle for reading does not truncate',
    ops: [opened('f', 'RDONLY'), { kind: 'truncate', ...of(0), size: 1 }],
    expected: 'EINVAL',
  },
  {
    says: 'no handle truncates to less than nothing',
    ops: [opened('f', 'RDWR'), { kind: 'truncate', ...of(0), size: -1 }],
    expected: 'EINVAL',
  },
  {
    says: 'what is closed is no handle',
    ops: [opened('f', 'RDWR'), { kind: 'close', ...of(0) }, read(1)],
    expected: 'EBADF',
  },
  {
    says: 'nothing is closed twice',
    ops: [opened('f', 'RDWR'), { kind: 'close', ...of(0) }, { kind: 'close', ...of(0) }],
    expected: 'EBADF',
  },
  {
    says: 'what has no name left is still there',
    ops: [opened('f', 'RDWR'), { kind: 'unlink', path: 'f' }, { kind: 'stat', ...of(0) }],
    result: { type: 'file', nlink: 0 },
    after: { f: null },
  },
  {
    says: 'what has no name left is written and read',
    ops: [opened('f', 'RDWR'), { kind: 'unlink', path: 'f' }, write('still'), read(9)],
    result: { dataBase64: text('still') },
    after: { f: null },
  },
  {
    says: 'what lost one of two names has the other',
    ops: [
      { kind: 'link', from: 'f', to: 'd/g' },
      opened('f', 'RDWR'),
      { kind: 'unlink', path: 'f' },
      { kind: 'stat', ...of(1) },
    ],
    result: { nlink: 1 },
    after: { 'd/g': { inode: 'f', nlink: 1 } },
  },
  {
    says: 'what was replaced by a rename is still there',
    ops: [
      opened('f', 'RDWR'),
      { kind: 'create', path: 'new', mode: 0o600, exclusive: true },
      { kind: 'rename', from: 'new', to: 'f' },
      { kind: 'stat', ...of(0) },
    ],
    result: { nlink: 0 },
    after: { f: { mode: 0o600 } },
  },
  {
    says: 'what was renamed is the same',
    ops: [
      opened('f', 'RDWR'),
      { kind: 'rename', from: 'f', to: 'd/g' },
      { kind: 'chmod', ...of(0), mode: 0o600 },
    ],
    after: { 'd/g': { inode: 'f', mode: 0o600 }, f: null },
  },
  {
    says: 'a directory that was removed is still there',
    ops: [
      opened('d', 'RDONLY', 'DIRECTORY'),
      { kind: 'rmdir', path: 'd' },
      { kind: 'stat', ...of(0) },
    ],
    result: { type: 'dir', nlink: 0 },
    after: { d: null },
  },
  {
    says: 'bits that were taken away after the opening are not missed',
    ops: [opened('f', 'RDWR'), { kind: 'chmod', path: 'f', mode: 0 }, write('x'), read(1)],
    result: { dataBase64: text('x') },
    after: { f: { mode: 0, size: 1 } },
  },
  {
    says: 'attributes are set by it',
    ops: [
      opened('f', 'RDONLY'),
      { kind: 'utimens', ...of(0), atime: '5', mtime: '6' },
      { kind: 'chown', ...of(0), uid: -1, gid: -1 },
      { kind: 'chmod', ...of(0), mode: 0o611 },
    ],
    after: { f: { mode: 0o611, times: ['5', '6', 'now'] } },
  },
  {
    says: 'two handles are of one file',
    ops: [opened('f', 'WRONLY'), opened('f', 'RDONLY'), write('twice'), read(9, 0, 1)],
    result: { dataBase64: text('twice') },
  },
  {
    says: 'what is truncated at its opening is empty',
    ops: [
      { kind: 'truncate', path: 'f', size: 9 },
      opened('f', 'RDWR', 'TRUNC'),
      { kind: 'stat', ...of(1) },
    ],
    result: { size: 0 },
  },
  {
    says: 'what an opening made with mode 0 is written and truncated by its handle',
    ops: [
      { kind: 'open', path: 'new', flags: ['RDWR', 'CREAT', 'EXCL'], mode: 0 },
      write('hello'),
      { kind: 'truncate', ...of(0), size: 3 },
    ],
    after: { new: { mode: 0, size: 3 } },
  },
  {
    says: 'what an opening made with mode 0 is not opened again',
    ops: [
      { kind: 'open', path: 'new', flags: ['RDWR', 'CREAT', 'EXCL'], mode: 0 },
      opened('new', 'RDONLY'),
    ],
    expected: 'EACCES',
  },
];

function stories(): ConformanceCase[] {
  return STORIES.map(({ says, ops, expected = 'ok', ...rest }) => ({
    name: says,
    setup: [
      { kind: 'chmod', path: '.', mode: 0o777 },
      ...entry('file', 'f', { ...OWNED, mode: 0o644 }),
      ...entry('dir', 'd', OWNED),
    ],
    caller: OWNER,
    ops,
    expected,
    ...rest,
  }));
}

/** Who writes and is not root takes the set-id bits away. */
function clearing(): ConformanceCase[] {
  return [ROOT, OWNER, LONE_OWNER, OTHER].flatMap((caller) =>
    [0o6777, 0o6766, 0o4777, 0o2777, 0o2766, 0o1777].flatMap((mode) =>
      (['write', 'truncate', 'open to truncate', 'write of nothing'] as const).map((how) => ({
        name: `${how} of a file with mode ${octal(mode)} by a handle: ${nameOf(caller)}`,
        setup: entry('file', 'f', { ...OWNED, mode }),
        caller,
        ops: [
          opened('f', 'RDWR', ...(how === 'open to truncate' ? ['TRUNC'] : [])),
          ...(how === 'write' ? [write('x')] : []),
          ...(how === 'write of nothing' ? [write('')] : []),
          ...(how === 'truncate' ? [{ kind: 'truncate', ...of(0), size: 1 }] : []),
        ],
        expected: 'ok',
        after: {
          f: {
            mode: caller === ROOT || how === 'write of nothing' ? mode : clearedMode(mode, caller),
          },
        },
      })),
    ),
  );
}

/** The mode of what an opening makes. */
function modes(): ConformanceCase[] {
  return [0, 0o644, 0o777, 0o2755, 0o6777].flatMap((mode) =>
    [0, 0o022, 0o077].flatMap((umask) =>
      [ROOT, OTHER].map((caller) => ({
        name: `open makes a file with mode ${octal(mode)} and umask ${octal(umask)}: ${nameOf(caller)}`,
        setup: entry('dir', 'd'),
        caller: { ...caller, umask },
        ops: [{ kind: 'open', path: 'd/x', flags: ['WRONLY', 'CREAT'], mode }],
        expected: 'ok',
        after: { 'd/x': { mode: mode & ~umask, uid: caller.uid, size: 0, nlink: 1 } },
      })),
    ),
  );
}

/** Sizes after writes at offsets, over what was there. */
function writes(): ConformanceCase[] {
  return [0, 1, 9, 10, 11, 4096].flatMap((offset) =>
    ['', 'x', 'some words'].map((words) => ({
      name: `a write of ${words.length} bytes at ${offset} in a file of 10`,
      setup: entry('file', 'f', { size: 10 }),
      caller: ROOT,
      ops: [opened('f', 'WRONLY'), write(words, offset)],
      expected: 'ok',
      after: { f: { size: words === '' ? 10 : Math.max(10, offset + words.length) } },
    })),
  );
}
