import { IN_GROUP, OTHER, OWNER, ROOT, nameOf } from '../actors';
import type { Actor, ConformanceCase, Family } from '../conformance-case';
import { entry, OWNED } from '../scenery';

const TYPES = [
  'file',
  'dir',
  'fifo',
  'socket',
  'char',
  'block',
  'link to a file',
  'nothing',
] as const;
type Found = (typeof TYPES)[number];
const MODES = ['RDONLY', 'WRONLY', 'RDWR'] as const;
const EXTRAS = [
  [],
  ['CREAT'],
  ['CREAT', 'EXCL'],
  ['TRUNC'],
  ['NOFOLLOW'],
  ['DIRECTORY'],
  ['APPEND'],
];

const READ = 4;
const WRITE = 2;
/** Of 0640: what each may do with what is there. */
const BITS = new Map([
  [ROOT, READ + WRITE],
  [OWNER, READ + WRITE],
  [IN_GROUP, READ],
  [OTHER, 0],
]);

/** Every type by every way of opening it, never waiting. (open(2): do_open and may_open of Linux) */
export const open: Family = {
  name: 'open',
  cases: () =>
    TYPES.flatMap((found) =>
      MODES.flatMap((how) =>
        EXTRAS.flatMap((extra) =>
          [...BITS.keys()].map((caller) => openCase(found, [how, ...extra], caller)),
        ),
      ),
    ),
};

function openCase(found: Found, flags: readonly string[], caller: Actor): ConformanceCase {
  const expected = expectedOf(found, flags, caller);
  const wasMade = found === 'nothing' && expected === 'ok';
  return {
    name: `open of ${found}, ${flags.join(' ')}: ${nameOf(caller)}`,
    setup: [
      ...entry('file', 'f', { ...OWNED, mode: 0o640, size: 30 }),
      ...entry('dir', 'd'),
      ...scenery(found),
    ],
    caller: { ...caller, umask: 0o027 },
    ops: [{ kind: 'open', path: 'd/x', flags: [...flags, 'NONBLOCK'], mode: 0o666 }],
    expected,
    after: {
      'd/x':
        found === 'nothing' && !wasMade
          ? null
          : wasMade
            ? { type: 'file', mode: 0o640, size: 0 }
            : {},
      f: {
        size: found === 'link to a file' && expected === 'ok' && flags.includes('TRUNC') ? 0 : 30,
      },
    },
  };
}

function scenery(found: Found): ConformanceCase['setup'] {
  if (found === 'nothing') return [];
  if (found === 'link to a file') return entry('symlink', 'd/x', { target: '../f' });
  return entry(found, 'd/x', { ...OWNED, mode: 0o640 });
}

function expectedOf(found: Found, flags: readonly string[], caller: Actor): string {
  const has = (flag: string): boolean => flags.includes(flag);
  if (found === 'nothing') return has('CREAT') ? 'ok' : 'ENOENT';
  if (has('EXCL')) return 'EEXIST';
  if (has('CREAT') && found === 'dir') return 'EISDIR';
  if (has('DIRECTORY') && found !== 'dir') return 'ENOTDIR';
  if (has('NOFOLLOW') && found === 'link to a file') return 'ELOOP';
  const reads = !has('WRONLY') ? READ : 0;
  const writes = !has('RDONLY') || has('TRUNC') ? WRITE : 0;
  if (found === 'dir' && writes > 0) return 'EISDIR';
  if (((BITS.get(caller) ?? 0) & (reads + writes)) !== reads + writes) return 'EACCES';
  if (found === 'fifo') return has('WRONLY') ? 'ENXIO' : 'ok';
  return found === 'socket' || found === 'char' || found === 'block' ? 'ENXIO' : 'ok';
}
