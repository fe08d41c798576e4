import { OTHER, OWNER, ROOT, nameOf } from '../actors';
import type { Actor, ConformanceCase, Family, Operation } from '../conformance-case';
import { entry, OWNED } from '../scenery';
import { TAKER_NAMES, TAKERS } from './path-takers';

const LONG = 'n'.repeat(256);

/** What goes wrong before the last component goes wrong for every operation alike. (POSIX XBD 4.16) */
const BROKEN: readonly (readonly [path: string, errno: string, says?: string])[] = [
  ['', 'ENOENT', 'the empty path'],
  ['a'.repeat(4096), 'ENAMETOOLONG', 'a path of 4096 bytes'],
  ['./'.repeat(2048) + 'src', 'ENAMETOOLONG', 'a path of more than 4096 bytes of dots'],
  [`/${'a'.repeat(5000)}`, 'ENAMETOOLONG', 'a path from the root of more than 4096 bytes'],
  [LONG, 'ENAMETOOLONG', 'a component of 256 bytes at the end'],
  [`${LONG}/x`, 'ENAMETOOLONG', 'a component of 256 bytes on the way'],
  [`d/${LONG}`, 'ENAMETOOLONG', 'a component of 256 bytes in a directory'],
  [`missing/${LONG}`, 'ENOENT', 'a component of 256 bytes behind nothing'],
  [`file/${LONG}`, 'ENOTDIR', 'a component of 256 bytes behind a file'],
  [`${'ß'.repeat(128)}/x`, 'ENAMETOOLONG', 'a component of 128 characters of two bytes'],
  ['missing/x', 'ENOENT'],
  ['missing/x/', 'ENOENT'],
  ['missing/.', 'ENOENT'],
  ['missing/..', 'ENOENT'],
  ['d/missing/x', 'ENOENT'],
  ['/missing/x', 'ENOENT'],
  ['file/x', 'ENOTDIR'],
  ['file/.', 'ENOTDIR'],
  ['file/..', 'ENOTDIR'],
  ['file/../src', 'ENOTDIR'],
  ['d/in/x', 'ENOTDIR'],
  ['d/in/x/y', 'ENOTDIR'],
  ['fifo/x', 'ENOTDIR'],
  ['socket/x', 'ENOTDIR'],
  ['char/x', 'ENOTDIR'],
  ['block/x', 'ENOTDIR'],
  ['to-file/x', 'ENOTDIR'],
  ['to-nothing/x', 'ENOENT'],
  ['to-nothing/.', 'ENOENT'],
  ['to-itself/x', 'ELOOP'],
  ['to-each-other-a/x', 'ELOOP'],
  ['to-file-slash/x', 'ENOTDIR'],
  ['to-root/missing/x', 'ENOENT'],
  ['link41/x', 'ELOOP'],
  ['link20/../d/../link21/x', 'ELOOP', 'link20/../d/../link21/x, 41 links together'],
];

const LOCKED: readonly (readonly [path: string, says?: string])[] = [
  ['locked/x'],
  ['locked/in'],
  ['locked/.'],
  ['locked/..'],
  ['locked/in/y'],
  ['locked/missing/y'],
  ['locked/d/x'],
  [`locked/${LONG}`, 'a component of 256 bytes in it'],
  ['open/locked/x'],
  ['open/locked/../x'],
  ['open/open/locked/x'],
  ['to-locked/x'],
  ['to-locked/.'],
  ['/locked/x'],
  ['open/../locked/x'],
  ['into-locked/y'],
];

export const pathOnTheWay: Family = {
  name: 'paths, on the way',
  cases: () => [...broken(), ...locked()],
};

function broken(): ConformanceCase[] {
  return BROKEN.flatMap(([path, expected, says]) =>
    TAKER_NAMES.flatMap((taker) =>
      [ROOT, OWNER].map((caller) => ({
        name: `${taker} of ${says ?? path}: ${nameOf(caller)}`,
        setup: brokenScenery(path),
        caller,
        ops: [TAKERS[taker](path)],
        expected,
      })),
    ),
  );
}

const LINKS: Readonly<Record<string, string>> = {
  'to-file': 'file',
  'to-nothing': 'nothing-there',
  'to-itself': 'to-itself',
  'to-each-other-a': 'to-each-other-b',
  'to-each-other-b': 'to-each-other-a',
  'to-file-slash': 'file/',
  'to-root': '/',
};

/** Only what the path speaks of: there are many cases. */
function brokenScenery(path: string): readonly Operation[] {
  return [
    ...entry('file', 'src', OWNED),
    ...entry('file', 'file'),
    ...(path.includes('d/') ? [...entry('dir', 'd', OWNED), ...entry('file', 'd/in', OWNED)] : []),
    ...(['fifo', 'socket', 'char', 'block'] as const)
      .filter((type) => path.includes(type))
      .flatMap((type) => entry(type, type)),
    ...linksIn(path, LINKS),
  ];
}

/** The links that a path speaks of, with those of `chain`. */
export function linksIn(
  path: string,
  targets: Readonly<Record<string, string>>,
): readonly Operation[] {
  const components = path.split('/');
  const named = Object.entries(targets).filter(([name]) =>
    components.some((component) => component.slice(0, -1) === name.slice(0, -1)),
  );
  const length = Math.max(
    0,
    ...components.map((name) => Number(/^link(\d+)$/.exec(name)?.[1] ?? 0)),
  );
  return [
    ...named.flatMap(([name, target]) => entry('symlink', name, { target })),
    ...chain(length),
  ];
}

/** `link1` leads to `.`, and each further one to the one before: as many are followed as the name says. */
function chain(length: number): readonly Operation[] {
  return Array.from({ length }, (_, at) =>
    entry('symlink', `link${at + 1}`, { target: at === 0 ? '.' : `link${at}` }),
  ).flat();
}

/** Search permission is asked of each directory, before the next component is so much as measured. */
function locked(): ConformanceCase[] {
  return LOCKED.flatMap(([path, says]) =>
    TAKER_NAMES.flatMap((taker) =>
      [OTHER, OWNER].map((caller: Actor) => ({
        name: `${taker} of ${says ?? path}: ${nameOf(caller)}, who may not search`,
        setup: lockedScenery(caller),
        caller,
        ops: [TAKERS[taker](path)],
        expected: 'EACCES',
      })),
    ),
  );
}

function lockedScenery(caller: Actor): readonly Operation[] {
  // The owner is refused by his own bits, although others would be let in.
  const mode = caller === OWNER ? 0o677 : 0o776;
  const lockedDirectory = (path: string): readonly Operation[] => [
    ...entry('dir', path, OWNED),
    ...entry('file', `${path}/in`),
    ...entry('dir', `${path}/d`),
    { kind: 'chmod', path, mode },
  ];
  return [
    { kind: 'chmod', path: '.', mode: 0o777 },
    ...entry('file', 'src', { uid: caller.uid }),
    ...entry('dir', 'open'),
    ...entry('dir', 'open/open'),
    ...['locked', 'open/locked', 'open/open/locked'].flatMap(lockedDirectory),
    ...entry('symlink', 'to-locked', { target: 'open/locked' }),
    ...entry('symlink', 'into-locked', { target: 'locked/d' }),
  ];
}
