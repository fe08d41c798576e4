import { IN_GROUP, MEMBER, OTHER, OWNER, ROOT, nameOf } from '../actors';
import type { Actor, ConformanceCase, Family } from '../conformance-case';
import { entry, OWNED, TYPES, type Type } from '../scenery';

const CHANGES = ['now', 'omit', '5000000001'] as const;
type Change = (typeof CHANGES)[number];

/** The group may write and the others may read. */
const MODE = 0o664;

export const utimens: Family = {
  name: 'utimens',
  cases: () => [...matrix(), ...values(), ...followed()],
};

/** Both to now: who may write. Anything else: the owner. Nothing at all: nobody is asked, not even for the path. */
function matrix(): ConformanceCase[] {
  return TYPES.flatMap((type) =>
    [ROOT, OWNER, IN_GROUP, MEMBER, OTHER].flatMap((caller) =>
      CHANGES.flatMap((atime) =>
        CHANGES.map((mtime) => {
          const expected = expectedOf(type, caller, atime, mtime);
          const changes = expected === 'ok' && (atime !== 'omit' || mtime !== 'omit');
          // The access time of a link is told only where it was set to something else than now.
          const access = type === 'symlink' && atime === 'now' ? 'omit' : atime;
          return {
            name: `atime ${atime}, mtime ${mtime} of a ${type}: ${nameOf(caller)}`,
            setup: entry(type, 'x', { ...OWNED, mode: MODE }),
            caller,
            ops: [{ kind: 'utimens', path: 'x', atime, mtime, follow: false }],
            expected,
            after: {
              x: {
                times: changes ? [shown(access), shown(mtime), 'now'] : ['=', '=', '='],
              },
              '.': { times: ['=', '=', '='] },
            },
          };
        }),
      ),
    ),
  );
}

const shown = (change: Change): string => (change === 'omit' ? '=' : change);

function expectedOf(type: Type, caller: Actor, atime: Change, mtime: Change): string {
  if (atime === 'omit' && mtime === 'omit') return 'ok';
  if (caller === ROOT || caller === OWNER) return 'ok';
  if (atime !== 'now' || mtime !== 'now') return 'EPERM';
  // A link may be written to by anybody, as far as its bits say.
  return caller !== OTHER || type === 'symlink' ? 'ok' : 'EACCES';
}

/** Nanoseconds are kept, before 1970 and after 2106 too; what cannot be kept becomes the nearest that can. */
function values(): ConformanceCase[] {
  const kept = [
    '0',
    '1',
    '-1',
    '999999999',
    '-1500000000',
    '2147483647999999999',
    '2147483648000000000',
    '4294967295999999999',
    '4294967296000000000',
    '4294967296999999999',
    '-2147483646999999999',
    '15032385534999999999',
  ];
  const nearest = [
    ['-2147483649000000000', '-2147483648000000000'],
    ['-2147483648000000000', '-2147483648000000000'],
    // The first second that can be kept has no nanoseconds. (timestamp_truncate of Linux)
    ['-2147483647999999999', '-2147483648000000000'],
    ['-9000000000999999999', '-2147483648000000000'],
    ['15032385536000000000', '15032385535000000000'],
    ['99999999999000000001', '15032385535000000000'],
  ] as const;
  return TYPES.flatMap((type) =>
    [...kept.map((ns) => [ns, ns] as const), ...nearest].flatMap(([ns, becomes]) =>
      (['atime', 'mtime'] as const).map((field) => ({
        name: `${field} ${ns} ns of a ${type}`,
        setup: entry(type, 'x', { target: 'x' }),
        caller: ROOT,
        ops: [{ kind: 'utimens', path: 'x', [field]: ns, follow: false }],
        expected: 'ok',
        after: {
          x: { times: field === 'atime' ? [becomes, '=', 'now'] : ['=', becomes, 'now'] },
        },
      })),
    ),
  );
}

function followed(): ConformanceCase[] {
  return (['f', 'd', 'missing', 'l'] as const).flatMap((target) =>
    [true, false].flatMap((follow) =>
      [ROOT, OTHER].flatMap((caller) =>
        (['set', 'omit'] as const).map((change) => {
          const broken = target === 'missing' ? 'ENOENT' : target === 'l' ? 'ELOOP' : 'ok';
          const permission = caller === ROOT ? 'ok' : 'EPERM';
          const value = change === 'set' ? '7' : 'omit';
          const reached = follow && broken !== 'ok' ? broken : permission;
          return {
            name: `times (${change}) of a link to ${target}, ${follow ? '' : 'not '}followed: ${nameOf(caller)}`,
            setup: [
              ...entry('file', 'f', OWNED),
              ...entry('dir', 'd', OWNED),
              ...entry('symlink', 'l', { ...OWNED, target }),
            ],
            caller,
            ops: [{ kind: 'utimens', path: 'l', atime: value, mtime: value, follow }],
            expected: change === 'omit' ? 'ok' : reached,
          };
        }),
      ),
    ),
  );
}
