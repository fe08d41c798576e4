import { IN_GROUP, LONE_OWNER, OTHER, OWNER, ROOT, nameOf } from '../actors';
import type { Actor, ConformanceCase, Family } from '../conformance-case';
import { entry, octal, OWNED, TYPES, type Type } from '../scenery';
import { clearedMode } from './mode-and-owner';

const MODE = 0o664;
const SIZES = [-1, 0, 99, 100, 101, 1_000_000, -9_007_199_254_740_991];

export const truncate: Family = {
  name: 'truncate',
  cases: () => [...matrix(), ...clearing(), ...throughLinks(), ...limits()],
};

/** A negative size is told before anything is looked at; then types, then permission. */
function matrix(): ConformanceCase[] {
  return ([...TYPES, 'nothing'] as const).flatMap((type) =>
    [ROOT, OWNER, IN_GROUP, OTHER].flatMap((caller) =>
      SIZES.map((size) => {
        const expected = expectedOf(type, caller, size);
        return {
          name: `truncate of ${type} to ${size}: ${nameOf(caller)}`,
          setup:
            type === 'nothing'
              ? []
              : entry(type, 'x', {
                  ...OWNED,
                  mode: MODE,
                  target: 'elsewhere',
                  ...(type === 'file' && { size: 100 }),
                }),
          caller,
          ops: [{ kind: 'truncate', path: 'x', size }],
          expected,
          ...(type === 'file' && {
            after: {
              x: {
                size: expected === 'ok' ? size : 100,
                times: expected === 'ok' ? ['=', 'now', 'now'] : ['=', '=', '='],
              } as const,
            },
          }),
        };
      }),
    ),
  );
}

function expectedOf(type: Type | 'nothing', caller: Actor, size: number): string {
  if (size < 0) return 'EINVAL';
  switch (type) {
    case 'nothing':
    case 'symlink':
      return 'ENOENT';
    case 'dir':
      return 'EISDIR';
    case 'file':
      return caller === OTHER ? 'EACCES' : 'ok';
    case 'fifo':
    case 'socket':
    case 'char':
    case 'block':
      return 'EINVAL';
  }
}

/** Who writes and is not root takes the set-id bits away. */
function clearing(): ConformanceCase[] {
  return [ROOT, OWNER, LONE_OWNER, OTHER].flatMap((caller) =>
    [0o6777, 0o6766, 0o4777, 0o2777, 0o2766, 0o1777].flatMap((mode) =>
      [0, 100, 200].map((size) => ({
        name: `truncate to ${size} of a file of 100 bytes with mode ${octal(mode)}: ${nameOf(caller)}`,
        setup: [
          ...entry('file', 'x', { ...OWNED, mode: 0o666, size: 100 }),
          { kind: 'chmod', path: 'x', mode },
        ],
        caller,
        ops: [{ kind: 'truncate', path: 'x', size }],
        expected: 'ok',
        after: { x: { size, mode: caller === ROOT ? mode : clearedMode(mode, caller) } },
      })),
    ),
  );
}

function throughLinks(): ConformanceCase[] {
  const aims = { f: 'ok', d: 'EISDIR', missing: 'ENOENT', l: 'ELOOP', 'f/': 'ENOTDIR' };
  return Object.entries(aims).map(([target, expected]) => ({
    name: `truncate of a link to ${target}`,
    setup: [
      ...entry('file', 'f', { size: 9 }),
      ...entry('dir', 'd'),
      ...entry('symlink', 'l', { target }),
    ],
    caller: ROOT,
    ops: [{ kind: 'truncate', path: 'l', size: 4 }],
    expected,
    after: { f: { size: expected === 'ok' ? 4 : 9 }, l: { size: target.length } },
  }));
}

function limits(): ConformanceCase[] {
  return [
    ['4294967296', 'ok'],
    ['9007199254740991', 'ok'],
    ['9007199254740992', 'EFBIG'],
    ['9223372036854775807', 'EFBIG'],
    ['-9223372036854775808', 'EINVAL'],
  ].map(([size = '', expected = '']) => ({
    name: `truncate to ${size} bytes`,
    setup: entry('file', 'x', { size: 9 }),
    caller: ROOT,
    ops: [{ kind: 'truncate', path: 'x', size }],
    expected,
  }));
}
