import { GROUP, IN_GROUP, MEMBER, OTHER, OWNER, PLAIN, ROOT, nameOf } from '../actors';
import type { Actor, ConformanceCase, Family, Operation } from '../conformance-case';
import { entry, octal, OWNED, RDEV, RDEV_TEXT, TYPES, type Type } from '../scenery';

/** What makes a new name. */
const MAKERS = {
  'exclusive create': { type: 'file', op: { kind: 'create', exclusive: true } },
  create: { type: 'file', op: { kind: 'create', exclusive: false } },
  mkdir: { type: 'dir', op: { kind: 'mkdir' } },
  symlink: { type: 'symlink', op: { kind: 'symlink', target: 'anything' } },
  'mknod of a file': { type: 'file', op: { kind: 'mknod', type: 'file' } },
  'mknod of a fifo': { type: 'fifo', op: { kind: 'mknod', type: 'fifo' } },
  bind: { type: 'socket', op: { kind: 'mknod', type: 'socket' } },
  'mknod of a character device': { type: 'char', op: { kind: 'mknod', type: 'char', rdev: RDEV } },
  'mknod of a block device': { type: 'block', op: { kind: 'mknod', type: 'block', rdev: RDEV } },
} as const satisfies Record<string, { readonly type: Type; readonly op: Operation }>;

type Maker = keyof typeof MAKERS;
const MAKER_NAMES = Object.keys(MAKERS) as Maker[];

function make(maker: Maker, path: string, mode?: number): Operation {
  const { op } = MAKERS[maker];
  return { ...op, path, ...(mode !== undefined && op.kind !== 'symlink' && { mode }) };
}

const isDevice = (maker: Maker): boolean => ['char', 'block'].includes(MAKERS[maker].type);

/** What may stand at a name already. */
const THERE: Readonly<Record<string, readonly Operation[]>> = {
  nothing: [],
  ...Object.fromEntries(
    TYPES.filter((type) => type !== 'symlink').map((type) => [type, entry(type, 'd/x')]),
  ),
  'a link to a file': entry('symlink', 'd/x', { target: '../f' }),
  'a link to a directory': entry('symlink', 'd/x', { target: '../e' }),
  'a link to nothing': entry('symlink', 'd/x', { target: '../missing' }),
  'a link to itself': entry('symlink', 'd/x', { target: 'x' }),
};

/** Who may write to the directory and who may not: what exists is told to both. */
const WRITERS: readonly (readonly [Actor, may: boolean])[] = [
  [ROOT, true],
  [OWNER, true],
  [OTHER, false],
];

export const create: Family = {
  name: 'create',
  cases: () => [...overThings(), ...modes(), ...inheritance(), ...byPlainUsers(), ...unreadable()],
};

function overThings(): ConformanceCase[] {
  return MAKER_NAMES.flatMap((maker) =>
    Object.entries(THERE).flatMap(([there, setup]) =>
      WRITERS.map(([caller, may]) => ({
        name: `${maker} over ${there}: ${nameOf(caller)}, who may ${may ? '' : 'not '}write`,
        setup: [
          ...entry('dir', 'd', { ...OWNED, mode: 0o755 }),
          ...entry('file', 'f', OWNED),
          ...entry('dir', 'e', OWNED),
          ...setup,
        ],
        caller,
        ops: [make(maker, 'd/x', 0o600)],
        expected: expectedOver(maker, there, caller, may),
      })),
    ),
  );
}

function expectedOver(maker: Maker, there: string, caller: Actor, may: boolean): string {
  if (there === 'nothing') {
    if (!may) return 'EACCES';
    return isDevice(maker) && caller !== ROOT ? 'EPERM' : 'ok';
  }
  if (maker === 'bind') return 'EADDRINUSE';
  if (maker !== 'create') return 'EEXIST';
  // O_CREAT alone follows a link, and leaves what is there; the top, where the link leads, is root's.
  switch (there) {
    case 'dir':
    case 'a link to a directory':
      return 'EISDIR';
    case 'a link to nothing':
      return caller === ROOT ? 'ok' : 'EACCES';
    case 'a link to itself':
      return 'ELOOP';
    default:
      return 'ok';
  }
}

const MODES = [0, 0o644, 0o666, 0o777, 0o1777, 0o2755, 0o4755, 0o6777, 0o7777];
const UMASKS = [0, 0o022, 0o027, 0o077, 0o777];

/** The mode of what is new: less the umask; mkdir knows only the sticky bit beyond permissions. (mkdir(2) of Linux) */
function modes(): ConformanceCase[] {
  return MAKER_NAMES.flatMap((maker) =>
    MODES.flatMap((mode) =>
      UMASKS.map((umask) => {
        const { type } = MAKERS[maker];
        const kept = type === 'dir' ? 0o1777 : 0o7777;
        return {
          name: `${maker} with mode ${octal(mode)} and umask ${octal(umask)}`,
          setup: [],
          caller: { ...ROOT, umask },
          ops: [make(maker, 'x', mode)],
          expected: 'ok',
          after: {
            x: {
              type,
              mode: type === 'symlink' ? 0o777 : mode & kept & ~umask,
              uid: 0,
              gid: 0,
              nlink: type === 'dir' ? 2 : 1,
              ...(isDevice(maker) && { rdev: RDEV_TEXT }),
              ...(type === 'symlink' && { target: 'anything', size: 8 }),
              ...(type === 'file' && { size: 0 }),
            },
            '.': { nlink: type === 'dir' ? 3 : 2 },
          },
        };
      }),
    ),
  );
}

/** Group and set-group-id of what is new in a set-group-id directory, and in any other. (inode_init_owner of Linux) */
function inheritance(): ConformanceCase[] {
  return [ROOT, OWNER, IN_GROUP, MEMBER, OTHER].flatMap((caller) =>
    MAKER_NAMES.filter((maker) => caller === ROOT || !isDevice(maker)).flatMap((maker) =>
      [0o777, 0o2777, 0o3777].flatMap((parent) =>
        [0o644, 0o755, 0o2644, 0o2755, 0o2775].map((mode) => ({
          name: `${maker} with mode ${octal(mode)} in a directory of mode ${octal(parent)}: ${nameOf(caller)}`,
          setup: entry('dir', 'd', { ...OWNED, mode: parent }),
          caller,
          ops: [make(maker, 'd/x', mode)],
          expected: 'ok',
          after: {
            'd/x': {
              uid: caller.uid,
              gid: (parent & 0o2000) !== 0 ? GROUP : (caller.gids[0] ?? 0),
              mode: inheritedMode(MAKERS[maker].type, parent, mode, caller),
            },
          },
        })),
      ),
    ),
  );
}

function inheritedMode(type: Type, parent: number, mode: number, caller: Actor): number {
  const inherits = (parent & 0o2000) !== 0;
  if (type === 'symlink') return 0o777;
  if (type === 'dir') return (mode & 0o1777) | (inherits ? 0o2000 : 0);
  const isMember = caller === ROOT || caller.gids.includes(GROUP);
  const runsAsGroup = (mode & 0o2010) === 0o2010;
  return inherits && runsAsGroup && !isMember ? mode & ~0o2000 : mode;
}

/** The same for somebody who owns everything and is nobody: what a machine without root can show. */
function byPlainUsers(): ConformanceCase[] {
  return MAKER_NAMES.filter((maker) => !isDevice(maker)).flatMap((maker) =>
    TYPES.filter((type) => type !== 'char' && type !== 'block').map((there) => ({
      name: `${maker} over a ${there}: a plain user who owns it all`,
      setup: [...entry('dir', 'd'), ...entry(there, 'd/x', { target: '../y' })],
      setupBy: PLAIN,
      caller: PLAIN,
      ops: [make(maker, 'd/x', 0o600)],
      expected:
        there === 'symlink' && maker === 'create' ? 'ok' : expectedOver(maker, there, PLAIN, true),
    })),
  );
}

/** To find a file is not to open it: its own bits are not asked. */
function unreadable(): ConformanceCase[] {
  return TYPES.filter((type) => type !== 'dir' && type !== 'symlink').flatMap((type) =>
    [0o330, 0o003, 0o660, 0].flatMap((mode) =>
      [OWNER, OTHER].map((caller) => ({
        name: `create over a ${type} with mode ${octal(mode)}: ${nameOf(caller)}`,
        setup: entry(type, 'x', { ...OWNED, mode }),
        caller,
        ops: [make('create', 'x', 0o777)],
        expected: 'ok',
        after: { x: { type, mode, uid: OWNER.uid, times: ['=', '=', '='] } },
      })),
    ),
  );
}
