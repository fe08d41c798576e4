import { OTHER, OWNER, PLAIN, ROOT, nameOf } from '../actors';
import type { Actor, ConformanceCase, Family, Operation } from '../conformance-case';
import { entry, OWNED, TYPES, type Type } from '../scenery';

const ENDS = [...TYPES, 'dir with a file'] as const;
type End = (typeof ENDS)[number];
const FLAGS = ['none', 'noreplace', 'exchange'] as const;
type Flag = (typeof FLAGS)[number];

const isDirectory = (end: End | 'nothing'): boolean => end.startsWith('dir');

export const rename: Family = {
  name: 'rename',
  cases: () => [
    ...typeMatrix(ROOT),
    ...typeMatrix(PLAIN),
    ...bothFlags(),
    ...slashes(),
    ...namelessEnds(),
    ...ownSubtree(),
    ...sameInode(),
    ...permissions(),
    ...sticky(),
  ],
};

function renaming(from: string, to: string, flag: Flag): Operation {
  return { kind: 'rename', from, to, ...(flag !== 'none' && { flags: [flag] }) };
}

function scenery(end: End | 'nothing', path: string, uid?: number): readonly Operation[] {
  if (end === 'nothing') return [];
  const type = (isDirectory(end) ? 'dir' : end) as Type;
  return [
    ...entry(type, path, { ...(uid !== undefined && { uid }), target: path }),
    ...(end === 'dir with a file' ? entry('file', `${path}/in`) : []),
  ];
}

/** Every type over every type and over nothing, within a directory and between two, with each flag. */
function typeMatrix(caller: Actor): ConformanceCase[] {
  const isPlain = caller === PLAIN;
  const ends = ENDS.filter((end) => !isPlain || (end !== 'char' && end !== 'block'));
  return ends.flatMap((source) =>
    ([...ends, 'nothing'] as const).flatMap((target) =>
      FLAGS.flatMap((flag) =>
        ['a', 'b'].map((directory) => {
          const to = `${directory}/y`;
          const expected = expectedOver(source, target, flag);
          return {
            name: `rename of ${source} over ${target}, flag ${flag}, to directory ${directory}: ${nameOf(caller)}`,
            setup: [
              ...entry('dir', 'a'),
              ...entry('dir', 'b'),
              ...scenery(source, 'a/x'),
              ...scenery(target, to),
            ],
            ...(isPlain && { setupBy: PLAIN }),
            caller,
            ops: [renaming('a/x', to, flag)],
            expected,
            ...(expected === 'ok' && { after: movedTree(source, target, flag, directory) }),
          };
        }),
      ),
    ),
  );
}

function expectedOver(source: End, target: End | 'nothing', flag: Flag): string {
  if (flag === 'exchange') return target === 'nothing' ? 'ENOENT' : 'ok';
  if (target === 'nothing') return 'ok';
  if (flag === 'noreplace') return 'EEXIST';
  if (isDirectory(source) && !isDirectory(target)) return 'ENOTDIR';
  if (!isDirectory(source) && isDirectory(target)) return 'EISDIR';
  return target === 'dir with a file' ? 'ENOTEMPTY' : 'ok';
}

/** Who moved has a new change time, both parents have new times, and directories are counted where they are. */
function movedTree(
  source: End,
  target: End | 'nothing',
  flag: Flag,
  directory: string,
): NonNullable<ConformanceCase['after']> {
  const exchanged = flag === 'exchange' && target !== 'nothing';
  const there = `${directory}/y`;
  const countIn = (name: string): number => {
    const inA = exchanged && isDirectory(target) ? 1 : 0;
    const inB = isDirectory(source) ? 1 : 0;
    return 2 + (name === 'a' ? inA : 0) + (name === directory ? inB : 0);
  };
  return {
    'a/x': exchanged ? { inode: there, times: ['=', '=', 'now'] } : null,
    [there]: { inode: 'a/x', times: ['=', '=', 'now'], nlink: isDirectory(source) ? 2 : 1 },
    a: { nlink: countIn('a'), times: ['=', 'now', 'now'] },
    [directory]: { nlink: countIn(directory), times: ['=', 'now', 'now'] },
  };
}

function bothFlags(): ConformanceCase[] {
  return ENDS.flatMap((source) =>
    ([...ENDS, 'nothing'] as const).map((target) => ({
      name: `rename of ${source} over ${target} with both flags`,
      setup: [...scenery(source, 'x'), ...scenery(target, 'y')],
      caller: ROOT,
      ops: [{ kind: 'rename', from: 'x', to: 'y', flags: ['noreplace', 'exchange'] }],
      expected: 'EINVAL',
    })),
  );
}

/** A slash at the end is for directories; where a link stands it is the link that is renamed. */
function slashes(): ConformanceCase[] {
  const sources = ['file', 'dir', 'fifo', 'a link to a directory', 'nothing'] as const;
  const targets = ['file', 'dir', 'a link to a directory', 'nothing'] as const;
  const forms = [
    ['x/', 'y'],
    ['x', 'y/'],
    ['x/', 'y/'],
  ] as const;
  const make = (end: string, path: string): readonly Operation[] => {
    if (end === 'nothing') return [];
    if (end === 'a link to a directory') return entry('symlink', path, { target: 'e' });
    return entry(end as Type, path);
  };
  return sources.flatMap((source) =>
    targets.flatMap((target) =>
      forms.flatMap(([from, to]) =>
        FLAGS.map((flag) => ({
          name: `rename of ${from}, ${source}, to ${to}, ${target}, flag ${flag}`,
          setup: [...entry('dir', 'e'), ...make(source, 'x'), ...make(target, 'y')],
          caller: ROOT,
          ops: [renaming(from, to, flag)],
          expected: expectedWithSlash(source, target, { from, to, flag }),
        })),
      ),
    ),
  );
}

/** The order of do_renameat2: existence, the flags, then slashes, then types. */
function expectedWithSlash(
  source: string,
  target: string,
  { from, to, flag }: { readonly from: string; readonly to: string; readonly flag: Flag },
): string {
  if (source === 'nothing') return 'ENOENT';
  if (flag === 'noreplace' && target !== 'nothing') return 'EEXIST';
  if (flag === 'exchange') {
    if (target === 'nothing') return 'ENOENT';
    if (target !== 'dir' && to.endsWith('/')) return 'ENOTDIR';
  }
  if (source !== 'dir') {
    if (from.endsWith('/')) return 'ENOTDIR';
    if (flag !== 'exchange' && to.endsWith('/')) return 'ENOTDIR';
  }
  if (flag === 'exchange' || target === 'nothing') return 'ok';
  if (source === 'dir' && target !== 'dir') return 'ENOTDIR';
  if (source !== 'dir' && target === 'dir') return 'EISDIR';
  return 'ok';
}

/** `.`, `..` and the root are in use, at either end, before anything is looked up. */
function namelessEnds(): ConformanceCase[] {
  const nameless = ['.', '..', 'd/.', 'd/..', './', 'd/../', '/', '//', 'l/.'];
  const named = ['f', 'd', 'missing', 'l'];
  const of = (from: string, to: string, flag: Flag, expected: string): ConformanceCase => ({
    name: `rename of ${from} to ${to}, flag ${flag}`,
    setup: [
      ...entry('file', 'f'),
      ...entry('dir', 'd'),
      ...entry('dir', 'd/e'),
      ...entry('symlink', 'l', { target: 'd' }),
    ],
    caller: ROOT,
    ops: [renaming(from, to, flag)],
    expected,
  });
  return FLAGS.flatMap((flag) => [
    ...nameless.flatMap((from) => [...named, '.', 'd/..'].map((to) => of(from, to, flag, 'EBUSY'))),
    ...nameless.flatMap((to) =>
      named.map((from) => of(from, to, flag, flag === 'noreplace' ? 'EEXIST' : 'EBUSY')),
    ),
  ]);
}

/** No directory goes below itself, nor over one that it is in. */
function ownSubtree(): ConformanceCase[] {
  const below = ['d/y', 'd/e/y', 'd/e/g/y', 'd/e', 'd/e/g', 'd/l/y', 'd/e/../y'];
  const above = ['d', 'd/e', 'd/e/g/../..', 'd/e/../../d'];
  const setup = [
    ...entry('dir', 'd'),
    ...entry('dir', 'd/e'),
    ...entry('dir', 'd/e/g'),
    ...entry('dir', 'd/e/g/h'),
    ...entry('file', 'd/e/g/f'),
    ...entry('symlink', 'd/l', { target: 'e' }),
  ];
  const of = (from: string, to: string, flag: Flag, expected: string): ConformanceCase => ({
    name: `rename of ${from} to ${to} around it, flag ${flag}`,
    setup,
    caller: ROOT,
    ops: [renaming(from, to, flag)],
    expected,
  });
  const exists = (to: string): boolean => to === 'd/e' || to === 'd/e/g';
  return FLAGS.flatMap((flag) => [
    ...below.map((to) => {
      if (flag === 'noreplace' && exists(to)) return of('d', to, flag, 'EEXIST');
      return of('d', to, flag, flag === 'exchange' && !exists(to) ? 'ENOENT' : 'EINVAL');
    }),
    ...['d/e/g/h', 'd/e/g/f'].flatMap((from) =>
      above.map((to) => {
        if (to.endsWith('..')) return of(from, to, flag, flag === 'noreplace' ? 'EEXIST' : 'EBUSY');
        if (flag === 'noreplace') return of(from, to, flag, 'EEXIST');
        return of(from, to, flag, flag === 'exchange' ? 'EINVAL' : 'ENOTEMPTY');
      }),
    ),
  ]);
}

/** Two names of one inode: success, and nothing changes, not even times. (POSIX rename) */
function sameInode(): ConformanceCase[] {
  return TYPES.filter((type) => type !== 'dir').flatMap((type) =>
    FLAGS.flatMap((flag) =>
      ['a/y', 'b/y', 'a/x'].flatMap((to) =>
        [ROOT, OTHER].map((caller) => ({
          name: `rename of a/x, a ${type}, to ${to}, which is the same, flag ${flag}: ${nameOf(caller)}`,
          setup: [
            ...entry('dir', 'a', { mode: 0o555 }),
            ...entry('dir', 'b', { mode: 0o555 }),
            ...entry(type, 'a/x'),
            ...(to === 'a/x' ? [] : [{ kind: 'link', from: 'a/x', to }]),
          ],
          caller,
          ops: [renaming('a/x', to, flag)],
          expected: flag === 'noreplace' ? 'EEXIST' : 'ok',
          after: {
            'a/x': { inode: 'a/x', nlink: to === 'a/x' ? 1 : 2, times: ['=', '=', '='] },
            [to]: { inode: 'a/x' },
            a: { times: ['=', '=', '='] },
            b: { times: ['=', '=', '='] },
          },
        })),
      ),
    ),
  );
}

/** Both directories must be written to; so must a directory that changes its parent, for its `..` changes. */
function permissions(): ConformanceCase[] {
  const truths = [true, false];
  return (['file', 'dir'] as const).flatMap((source) =>
    (['file', 'dir', 'nothing'] as const).flatMap((target) =>
      FLAGS.flatMap((flag) =>
        ['a', 'b'].flatMap((directory) =>
          truths.flatMap((from) =>
            truths.flatMap((to) =>
              truths.map((self) =>
                permissionCase(source, target, flag, directory, { from, to, self }),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

interface Writable {
  readonly from: boolean;
  readonly to: boolean;
  /** What is moved, by either name. */
  readonly self: boolean;
}

function permissionCase(
  source: 'file' | 'dir',
  target: 'file' | 'dir' | 'nothing',
  flag: Flag,
  directory: string,
  may: Writable,
): ConformanceCase {
  const to = `${directory}/y`;
  const modeOf = (writable: boolean): number => (writable ? 0o777 : 0o755);
  const words = `from ${shown(may.from)}, to ${shown(may.to)}, itself ${shown(may.self)}`;
  return {
    name: `rename of ${source} over ${target} to directory ${directory}, flag ${flag}, ${words}`,
    setup: [
      ...entry('dir', 'a'),
      ...entry('dir', 'b'),
      ...entry(source, 'a/x', { mode: modeOf(may.self) }),
      ...(target === 'nothing' ? [] : entry(target, to, { mode: modeOf(may.self) })),
      { kind: 'chmod', path: 'a', mode: modeOf(may.from) },
      { kind: 'chmod', path: 'b', mode: modeOf(may.to) },
    ],
    caller: OTHER,
    ops: [renaming('a/x', to, flag)],
    expected: expectedWithin(
      source,
      target,
      flag,
      directory === 'a' ? { ...may, to: may.from } : may,
      directory === 'b',
    ),
  };
}

const shown = (writable: boolean): string => (writable ? 'writable' : 'not');

/** The order of vfs_rename: existence, permission at the one end and the other, types, and the moved directory. */
function expectedWithin(
  source: End,
  target: End | 'nothing',
  flag: Flag,
  may: Writable,
  newParent: boolean,
): string {
  const plain = expectedOver(source, target, flag);
  if (plain === 'EEXIST' || plain === 'ENOENT') return plain;
  if (!may.from || !may.to) return 'EACCES';
  if (plain === 'EISDIR' || plain === 'ENOTDIR') return plain;
  const moved = isDirectory(source) || (flag === 'exchange' && isDirectory(target));
  return newParent && moved && !may.self ? 'EACCES' : plain;
}

/** In a sticky directory the entry must be one's own, or the directory: what goes, and what it replaces. */
function sticky(): ConformanceCase[] {
  const owners = [OWNER.uid, OTHER.uid];
  return owners.flatMap((fromDirectory) =>
    owners.flatMap((toDirectory) =>
      owners.flatMap((sourceOwner) =>
        [...owners, undefined].flatMap((targetOwner) =>
          [0o777, 0o1777].flatMap((fromMode) =>
            (['none', 'exchange'] as const).flatMap((flag) =>
              (['file', 'dir'] as const).map((type) => {
                const theirs = (uid: number | undefined): boolean => uid === OTHER.uid;
                const refused =
                  (fromMode === 0o1777 && theirs(fromDirectory) && theirs(sourceOwner)) ||
                  (theirs(toDirectory) && theirs(targetOwner));
                const missing = flag === 'exchange' && targetOwner === undefined;
                return {
                  name: `rename of ${type} of ${sourceOwner} from ${fromDirectory}’s 0${fromMode.toString(8)} to ${toDirectory}’s sticky directory over ${targetOwner ?? 'nothing'}, flag ${flag}`,
                  setup: [
                    ...entry('dir', 'a', { uid: fromDirectory, mode: fromMode }),
                    ...entry('dir', 'b', { uid: toDirectory, mode: 0o1777 }),
                    ...entry(type, 'a/x', { ...OWNED, uid: sourceOwner }),
                    ...(targetOwner === undefined ? [] : entry(type, 'b/y', { uid: targetOwner })),
                  ],
                  caller: OWNER,
                  ops: [renaming('a/x', 'b/y', flag)],
                  expected: missing ? 'ENOENT' : refused ? 'EPERM' : 'ok',
                };
              }),
            ),
          ),
        ),
      ),
    ),
  );
}
