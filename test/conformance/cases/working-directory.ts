import { OTHER, OWNER, ROOT, nameOf } from '../actors';
import type { ConformanceCase, Family, Operation } from '../conformance-case';
import { entry, OWNED } from '../scenery';
import { TAKER_NAMES, TAKERS } from './path-takers';

/** Relative paths go from a directory by its inode: they stay right wherever it is moved. */
export const workingDirectory: Family = {
  name: 'working directory',
  cases: () => [...relative(), ...unsearchable(), ...removed()],
};

const SCENERY: readonly Operation[] = [
  ...entry('dir', 'd', OWNED),
  ...entry('dir', 'd/e', OWNED),
  ...entry('dir', 'g', OWNED),
  ...['f', 'd/f', 'd/e/f', 'g/f'].flatMap((path, at) => entry('file', path, { size: at + 1 })),
];

const MOVES: Readonly<Record<string, readonly Operation[]>> = {
  'stays where it is': [],
  'is renamed': [{ kind: 'rename', from: 'd/e', to: 'd/z' }],
  'is moved to another directory': [{ kind: 'rename', from: 'd/e', to: 'g/e' }],
  'has a parent that is renamed': [{ kind: 'rename', from: 'd', to: 'z' }],
  'is exchanged for its aunt': [{ kind: 'rename', from: 'd/e', to: 'g', flags: ['exchange'] }],
};

/** The size of what is found tells where it was. */
function relative(): ConformanceCase[] {
  const found = (move: string): Readonly<Record<string, number>> => ({
    f: 3,
    './f': 3,
    '../f': move.includes('another') ? 4 : move.includes('aunt') ? 1 : 2,
    '../../f': move.includes('aunt') ? 1 : 1,
    '../../../f': 1,
    '/f': 1,
    '/g/../f': 1,
  });
  return Object.entries(MOVES).flatMap(([move, late]) =>
    Object.entries(found(move)).flatMap(([path, size]) =>
      [ROOT, OTHER].map((caller) => ({
        name: `stat of ${path} in a working directory that ${move}: ${nameOf(caller)}`,
        setup: SCENERY,
        late,
        caller: { ...caller, cwd: 'd/e' },
        ops: [{ kind: 'stat', path }],
        expected: 'ok',
        result: { size },
      })),
    ),
  );
}

/** Search permission is asked of it like of any other. */
function unsearchable(): ConformanceCase[] {
  return TAKER_NAMES.flatMap((taker) =>
    ['f', '.', '..', './f', '../f', 'missing'].flatMap((path) =>
      [OWNER, OTHER].map((caller) => ({
        name: `${taker} of ${path} in a working directory that may not be searched: ${nameOf(caller)}`,
        setup: [
          ...entry('dir', 'd', OWNED),
          ...entry('file', 'd/f', OWNED),
          ...entry('file', 'd/src', { uid: caller.uid }),
          { kind: 'chmod', path: 'd', mode: caller === OWNER ? 0o677 : 0o776 },
        ],
        caller: { ...caller, cwd: 'd' },
        ops: [TAKERS[taker](path)],
        expected: 'EACCES',
      })),
    ),
  );
}

/** One that was removed is no directory any more: nothing is found from it and nothing made in it. */
function removed(): ConformanceCase[] {
  return TAKER_NAMES.flatMap((taker) =>
    ['f', './f', 'f/', '../d/f', '.', '..', './', '../src'].map((path) => ({
      name: `${taker} of ${path} in a working directory that was removed`,
      setup: [...entry('dir', 'top'), ...entry('dir', 'top/d')],
      late: [{ kind: 'rmdir', path: 'top/d' }],
      caller: { ...ROOT, cwd: 'top/d' },
      ops: [TAKERS[taker](path)],
      expected: 'ENOENT',
    })),
  );
}
