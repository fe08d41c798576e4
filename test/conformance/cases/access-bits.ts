import { IN_GROUP, MEMBER, OTHER, OWNER, ROOT, nameOf } from '../actors';
import type { Actor, ConformanceCase, Family, Operation } from '../conformance-case';
import { entry, octal, OWNED } from '../scenery';

const READ = 4;
const WRITE = 2;
const SEARCH = 1;

/** Which three bits decide for whom; nobody's for root. (POSIX XBD 4.7) */
const CLASSES: readonly (readonly [Actor, shift: number])[] = [
  [OWNER, 6],
  [IN_GROUP, 3],
  [MEMBER, 3],
  [OTHER, 0],
  [ROOT, 0],
];

interface Asked {
  readonly says: string;
  /** The bits it needs of the directory `d`, of the file `d/f` or of the directory `d/sub`. */
  readonly needs: number;
  readonly op: Operation;
}

const OF_DIRECTORY: readonly Asked[] = [
  { says: 'stat of an entry', needs: SEARCH, op: { kind: 'stat', path: 'd/f' } },
  { says: 'stat of no entry', needs: SEARCH, op: { kind: 'stat', path: 'd/.' } },
  { says: 'readdir', needs: READ, op: { kind: 'readdir', path: 'd' } },
  { says: 'readdir of one in it', needs: SEARCH, op: { kind: 'readdir', path: 'd/sub' } },
  { says: 'readlink', needs: SEARCH, op: { kind: 'readlink', path: 'd/l' } },
  { says: 'create', needs: WRITE + SEARCH, op: create('d/new') },
  { says: 'create deeper', needs: SEARCH, op: create('d/sub/new') },
  { says: 'mkdir', needs: WRITE + SEARCH, op: { kind: 'mkdir', path: 'd/new' } },
  { says: 'mknod', needs: WRITE + SEARCH, op: { kind: 'mknod', path: 'd/new', type: 'fifo' } },
  { says: 'bind', needs: WRITE + SEARCH, op: { kind: 'mknod', path: 'd/new', type: 'socket' } },
  { says: 'symlink', needs: WRITE + SEARCH, op: { kind: 'symlink', path: 'd/new', target: 't' } },
  { says: 'link into', needs: WRITE + SEARCH, op: { kind: 'link', from: 'mine', to: 'd/new' } },
  { says: 'link out of', needs: SEARCH, op: { kind: 'link', from: 'd/f', to: 'e/new' } },
  { says: 'unlink', needs: WRITE + SEARCH, op: { kind: 'unlink', path: 'd/f' } },
  { says: 'unlink of a link', needs: WRITE + SEARCH, op: { kind: 'unlink', path: 'd/l' } },
  { says: 'rmdir', needs: WRITE + SEARCH, op: { kind: 'rmdir', path: 'd/sub' } },
  { says: 'rename in', needs: WRITE + SEARCH, op: rename('d/f', 'd/new') },
  { says: 'rename out of', needs: WRITE + SEARCH, op: rename('d/f', 'e/new') },
  { says: 'rename into', needs: WRITE + SEARCH, op: rename('e/f', 'd/new') },
  { says: 'rename over one in', needs: WRITE + SEARCH, op: rename('e/f', 'd/f') },
  { says: 'exchange', needs: WRITE + SEARCH, op: rename('e/f', 'd/f', 'exchange') },
  { says: 'truncate', needs: SEARCH, op: { kind: 'truncate', path: 'd/f', size: 3 } },
  {
    says: 'both times to now',
    needs: SEARCH,
    op: { kind: 'utimens', path: 'd/f', atime: 'now', mtime: 'now' },
  },
];

const OF_FILE: readonly Asked[] = [
  { says: 'stat', needs: 0, op: { kind: 'stat', path: 'd/f' } },
  { says: 'truncate', needs: WRITE, op: { kind: 'truncate', path: 'd/f', size: 3 } },
  { says: 'truncate to nothing', needs: WRITE, op: { kind: 'truncate', path: 'd/f', size: 0 } },
  {
    says: 'both times to now',
    needs: WRITE,
    op: { kind: 'utimens', path: 'd/f', atime: 'now', mtime: 'now' },
  },
  { says: 'unlink', needs: 0, op: { kind: 'unlink', path: 'd/f' } },
  { says: 'rename', needs: 0, op: rename('d/f', 'e/new') },
  { says: 'exclusive create', needs: 0, op: create('d/f') },
];

const OF_MOVED: readonly Asked[] = [
  { says: 'rename within its parent', needs: 0, op: rename('d/sub', 'd/new') },
  { says: 'rename to another parent', needs: WRITE, op: rename('d/sub', 'e/new') },
  { says: 'exchange to another parent', needs: WRITE, op: rename('d/sub', 'e/f', 'exchange') },
  { says: 'exchange from another parent', needs: WRITE, op: rename('e/f', 'd/sub', 'exchange') },
  { says: 'rename over it from another parent', needs: 0, op: rename('e/sub', 'd/sub') },
  { says: 'readdir', needs: READ, op: { kind: 'readdir', path: 'd/sub' } },
  { says: 'rmdir', needs: 0, op: { kind: 'rmdir', path: 'd/sub' } },
  {
    says: 'both times to now',
    needs: WRITE,
    op: { kind: 'utimens', path: 'd/sub', atime: 'now', mtime: 'now' },
  },
];

export const accessBits: Family = {
  name: 'access by bits',
  cases: () => [
    ...OF_DIRECTORY.flatMap((asked) => casesOf(asked, 'd')),
    ...OF_FILE.flatMap((asked) => casesOf(asked, 'd/f')),
    ...OF_MOVED.flatMap((asked) => casesOf(asked, 'd/sub')),
  ],
};

function casesOf(asked: Asked, judged: 'd' | 'd/f' | 'd/sub'): ConformanceCase[] {
  return CLASSES.flatMap(([caller, shift]) =>
    [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => {
      // Every other class may do exactly what this one may not: only the first that fits is asked.
      const mode = (0o777 & ~(7 << shift) & ~(bits * 0o111)) | (bits << shift);
      const allowed =
        caller === ROOT ||
        (bits & asked.needs) === asked.needs ||
        isOwnTouch(asked, judged, caller);
      const exists = asked.op['exclusive'] === true && judged === 'd/f';
      return {
        name: `${asked.says}: ${nameOf(caller)}, ${judged} with mode ${octal(mode)}`,
        setup: scene(caller, judged, mode),
        caller,
        ops: [asked.op],
        expected: exists ? 'EEXIST' : allowed ? 'ok' : 'EACCES',
      };
    }),
  );
}

/** The owner sets times to now without being able to write. */
function isOwnTouch({ op }: Asked, judged: string, caller: Actor): boolean {
  return op.kind === 'utimens' && op['path'] === judged && caller === OWNER;
}

function scene(caller: Actor, judged: string, mode: number): readonly Operation[] {
  const modeOf = (path: string): number => (path === judged ? mode : 0o777);
  const own = { uid: caller.uid, gid: caller.gids[0] ?? 0 };
  return [
    ...entry('dir', 'd', OWNED),
    // His own, so that nothing but the directories is asked. (fs.protected_hardlinks)
    ...entry('file', 'd/f', { ...(judged === 'd/f' ? OWNED : own), mode: modeOf('d/f') }),
    ...entry('dir', 'd/sub', { ...OWNED, mode: modeOf('d/sub') }),
    ...entry('symlink', 'd/l', { target: 'f' }),
    ...entry('dir', 'e'),
    ...entry('file', 'e/f'),
    ...entry('dir', 'e/sub'),
    ...entry('file', 'mine', own),
    { kind: 'chmod', path: 'd', mode: modeOf('d') },
  ];
}

function create(path: string): Operation {
  return { kind: 'create', path, mode: 0o644, exclusive: true };
}

function rename(from: string, to: string, flag?: string): Operation {
  return { kind: 'rename', from, to, ...(flag !== undefined && { flags: [flag] }) };
}
