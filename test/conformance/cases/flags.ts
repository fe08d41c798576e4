import { OTHER, OWNER, ROOT, nameOf } from '../actors';
import type { ConformanceCase, Family, Operation } from '../conformance-case';
import { entry, OWNED } from '../scenery';

/** As FreeBSD's st_flags has them. (sys/stat.h) */
const NODUMP = 0x1;
const IMMUTABLE = 0x20000;
const APPEND = 0x40000;
/** Those that an owner may set himself, and those against deletion alone: Linux has none of them. */
const OWN_IMMUTABLE = 0x2;
const OWN_APPEND = 0x4;
const OWN_NOUNLINK = 0x10;
const NOUNLINK = 0x100000;
const NO_SYSTEM_CALL = 'Linux has no such flag';

/** What inode flags forbid, root too: the flag goes first. */
export const flags: Family = {
  name: 'inode flags',
  cases: () => [
    ...setters(),
    ...ownSetters(),
    ...ON_FILE.flatMap(onFile),
    ...ON_DIRECTORY.flatMap(onDirectory),
  ],
};

function setters(): ConformanceCase[] {
  return (['file', 'dir'] as const).flatMap((type) =>
    [ROOT, OWNER, OTHER].flatMap((caller) =>
      [0, NODUMP, IMMUTABLE, APPEND, IMMUTABLE + APPEND].map((value) => {
        const isSystems = value >= IMMUTABLE;
        const may = caller === ROOT || (caller === OWNER && !isSystems);
        return {
          name: `setflags 0x${value.toString(16)} of a ${type}: ${nameOf(caller)}`,
          setup: entry(type, 'x', OWNED),
          caller,
          ops: [{ kind: 'setflags', path: 'x', flags: value }],
          expected: may ? 'ok' : 'EPERM',
        };
      }),
    ),
  );
}

type Forbidden = readonly [says: string, op: Operation, immutable: string, append: string];

/** Of a file `d/f` with the flag. */
const ON_FILE: readonly Forbidden[] = [
  ['stat', { kind: 'stat', path: 'd/f' }, 'ok', 'ok'],
  ['chmod', { kind: 'chmod', path: 'd/f', mode: 0o600 }, 'EPERM', 'EPERM'],
  ['chown', { kind: 'chown', path: 'd/f', uid: 5, gid: 5 }, 'EPERM', 'EPERM'],
  ['truncate', { kind: 'truncate', path: 'd/f', size: 0 }, 'EPERM', 'EPERM'],
  [
    'both times to now',
    { kind: 'utimens', path: 'd/f', atime: 'now', mtime: 'now' },
    'EPERM',
    'ok',
  ],
  ['times', { kind: 'utimens', path: 'd/f', atime: '5', mtime: '5' }, 'EPERM', 'EPERM'],
  ['unlink', { kind: 'unlink', path: 'd/f' }, 'EPERM', 'EPERM'],
  ['link', { kind: 'link', from: 'd/f', to: 'd/g' }, 'EPERM', 'EPERM'],
  ['rename', { kind: 'rename', from: 'd/f', to: 'd/g' }, 'EPERM', 'EPERM'],
  ['rename over it', { kind: 'rename', from: 'h', to: 'd/f' }, 'EPERM', 'EPERM'],
  ['exchange', { kind: 'rename', from: 'h', to: 'd/f', flags: ['exchange'] }, 'EPERM', 'EPERM'],
  ['open to read', { kind: 'open', path: 'd/f', flags: ['RDONLY'] }, 'ok', 'ok'],
  ['open to write', { kind: 'open', path: 'd/f', flags: ['WRONLY'] }, 'EPERM', 'EPERM'],
  ['open to append', { kind: 'open', path: 'd/f', flags: ['WRONLY', 'APPEND'] }, 'EPERM', 'ok'],
  ['open to truncate', { kind: 'open', path: 'd/f', flags: ['WRONLY', 'TRUNC'] }, 'EPERM', 'EPERM'],
];

/** Of a directory `d` with the flag, and what is in it. */
const ON_DIRECTORY: readonly Forbidden[] = [
  ['readdir', { kind: 'readdir', path: 'd' }, 'ok', 'ok'],
  ['chmod', { kind: 'chmod', path: 'd', mode: 0o700 }, 'EPERM', 'EPERM'],
  ['chmod of one in it', { kind: 'chmod', path: 'd/f', mode: 0o600 }, 'ok', 'ok'],
  ['truncate of one in it', { kind: 'truncate', path: 'd/f', size: 1 }, 'ok', 'ok'],
  ['create in it', { kind: 'create', path: 'd/n', mode: 0o600, exclusive: true }, 'EPERM', 'ok'],
  ['mkdir in it', { kind: 'mkdir', path: 'd/n' }, 'EPERM', 'ok'],
  ['symlink in it', { kind: 'symlink', path: 'd/n', target: 'x' }, 'EPERM', 'ok'],
  ['mknod in it', { kind: 'mknod', path: 'd/n', type: 'fifo' }, 'EPERM', 'ok'],
  ['link into it', { kind: 'link', from: 'h', to: 'd/n' }, 'EPERM', 'ok'],
  ['unlink in it', { kind: 'unlink', path: 'd/f' }, 'EPERM', 'EPERM'],
  ['rmdir in it', { kind: 'rmdir', path: 'd/e' }, 'EPERM', 'EPERM'],
  ['rename in it', { kind: 'rename', from: 'd/f', to: 'd/g' }, 'EPERM', 'EPERM'],
  ['rename into it', { kind: 'rename', from: 'h', to: 'd/n' }, 'EPERM', 'ok'],
  ['rename out of it', { kind: 'rename', from: 'd/f', to: 'n' }, 'EPERM', 'EPERM'],
  ['rename over one in it', { kind: 'rename', from: 'h', to: 'd/f' }, 'EPERM', 'EPERM'],
  ['rename of it', { kind: 'rename', from: 'd', to: 'n' }, 'EPERM', 'EPERM'],
  ['rmdir of it', { kind: 'rmdir', path: 'd' }, 'EPERM', 'EPERM'],
];

const onFile = (forbidden: Forbidden): ConformanceCase[] => casesOf(forbidden, 'd/f');
const onDirectory = (forbidden: Forbidden): ConformanceCase[] => casesOf(forbidden, 'd');

function casesOf([says, op, immutable, append]: Forbidden, flagged: string): ConformanceCase[] {
  const nounlink = goes(op, flagged) ? 'EPERM' : 'ok';
  const table: readonly (readonly [flag: number, expected: string, ofLinux?: false])[] = [
    [0, 'ok'],
    [NODUMP, 'ok'],
    [IMMUTABLE, immutable],
    [APPEND, append],
    [OWN_IMMUTABLE, immutable, false],
    [OWN_APPEND, append, false],
    [OWN_NOUNLINK, nounlink, false],
    [NOUNLINK, nounlink, false],
  ];
  return table.map(([value, forbids, ofLinux]) => ({
    name: `${says}, ${flagged} with flags 0x${value.toString(16)}`,
    setup: [
      ...entry('dir', 'd'),
      ...entry('file', 'd/f', { size: 9 }),
      ...entry('dir', 'd/e'),
      ...entry('file', 'h'),
      { kind: 'setflags', path: flagged, flags: value },
    ],
    caller: ROOT,
    ops: [op],
    expected: forbids === 'ok' && says === 'rmdir of it' ? 'ENOTEMPTY' : forbids,
    ...(ofLinux === false && { noSystemCall: NO_SYSTEM_CALL }),
  }));
}

/** Whether the name of what is flagged goes, or stands for something else afterwards. */
const goes = ({ kind, path, from, to }: Operation, flagged: string): boolean =>
  kind === 'rename' ? from === flagged || to === flagged : isRemoval(kind) && path === flagged;

const isRemoval = (kind: string): boolean => kind === 'unlink' || kind === 'rmdir';

/** Of the owner's own flags, those that freeze a file need root by the rules of Linux (CAP_LINUX_IMMUTABLE). */
function ownSetters(): ConformanceCase[] {
  return [ROOT, OWNER, OTHER].flatMap((caller) =>
    [OWN_IMMUTABLE, OWN_APPEND, OWN_NOUNLINK, NOUNLINK].map((value) => ({
      name: `setflags 0x${value.toString(16)} of a file: ${nameOf(caller)}`,
      setup: entry('file', 'x', OWNED),
      caller,
      ops: [{ kind: 'setflags', path: 'x', flags: value }],
      expected: caller === ROOT || (caller === OWNER && value === OWN_NOUNLINK) ? 'ok' : 'EPERM',
      noSystemCall: NO_SYSTEM_CALL,
    })),
  );
}
