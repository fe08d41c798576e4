import { OTHER, OWNER, PLAIN, ROOT, nameOf } from '../actors';
import type { ConformanceCase, Family, Operation } from '../conformance-case';
import { entry, OWNED, TYPES, type Type } from '../scenery';

const TARGETS = ['nothing', 'file', 'dir', 'symlink', 'itself'] as const;

export const link: Family = {
  name: 'link',
  cases: () => [...matrix(), ...followed(), ...byPlainUsers(), ...stranger(), ...counts()],
};

/** What exists is told before what is forbidden, and that before that directories have one name. */
function matrix(): ConformanceCase[] {
  return TYPES.flatMap((type) =>
    TARGETS.flatMap((target) =>
      ([true, false] as const).flatMap((may) =>
        [ROOT, OWNER].map((caller) => ({
          name: `link of ${type} to ${target}: ${nameOf(caller)}, in a directory of mode ${may ? '0777' : '0555'}`,
          setup: [
            ...entry(type, 'x', { ...OWNED, target: 'f' }),
            ...entry('dir', 'd'),
            ...(target === 'nothing' || target === 'itself' ? [] : entry(target, 'd/y')),
            { kind: 'chmod', path: 'd', mode: may ? 0o777 : 0o555 },
          ],
          caller,
          ops: [{ kind: 'link', from: 'x', to: target === 'itself' ? 'x' : 'd/y' }],
          expected: expectedOf(type, target, may || caller === ROOT),
        })),
      ),
    ),
  );
}

function expectedOf(type: Type, target: (typeof TARGETS)[number], may: boolean): string {
  if (target !== 'nothing') return 'EEXIST';
  if (!may) return 'EACCES';
  return type === 'dir' ? 'EPERM' : 'ok';
}

/** A link at the end of the source is linked itself, unless it is to be followed. */
function followed(): ConformanceCase[] {
  const aims: Readonly<Record<string, readonly [string, string]>> = {
    'to a file': ['f', 'ok'],
    'to a directory': ['d', 'EPERM'],
    'to nothing': ['missing', 'ENOENT'],
    'to itself': ['l', 'ELOOP'],
    'to a link to a file': ['m', 'ok'],
  };
  return Object.entries(aims).flatMap(([says, [target, followedTo]]) =>
    [true, false].flatMap((follow) =>
      ['l', 'l/'].map((from) => {
        const slashed = followedTo === 'ok' ? 'ENOTDIR' : followedTo; // A slash follows, and demands a directory.
        const expected = from === 'l/' ? slashed : follow ? followedTo : 'ok';
        return {
          name: `link of ${from}, a link ${says}, ${follow ? '' : 'not '}followed`,
          setup: [
            ...entry('file', 'f'),
            ...entry('dir', 'd'),
            ...entry('symlink', 'm', { target: 'f' }),
            ...entry('symlink', 'l', { target }),
          ],
          caller: ROOT,
          ops: [{ kind: 'link', from, to: 'new', follow }],
          expected,
          ...(expected === 'ok' && {
            after: {
              new: { inode: follow ? 'f' : 'l', nlink: 2, times: ['=', '=', 'now'] as const },
            },
          }),
        };
      }),
    ),
  );
}

function byPlainUsers(): ConformanceCase[] {
  return TYPES.filter((type) => type !== 'char' && type !== 'block').flatMap((type) =>
    TARGETS.map((target) => ({
      name: `link of ${type} to ${target}: a plain user who owns it all`,
      setup: [
        ...entry(type, 'x', { target: 'f' }),
        ...(target === 'nothing' || target === 'itself' ? [] : entry(target, 'y')),
      ],
      setupBy: PLAIN,
      caller: PLAIN,
      ops: [{ kind: 'link', from: 'x', to: target === 'itself' ? 'x' : 'y' }],
      expected: expectedOf(type, target, true),
    })),
  );
}

/** POSIX lets whoever sees a file link it, whatever its bits. */
function stranger(): ConformanceCase[] {
  return TYPES.flatMap((type) =>
    [0, 0o006, 0o004, 0o002, 0o666, 0o4777, 0o2777].map((mode) => ({
      name: `link of a stranger’s ${type} with mode 0${mode.toString(8)}`,
      setup: entry(type, 'x', { ...OWNED, mode }).concat(entry('dir', 'd')),
      caller: OTHER,
      ops: [{ kind: 'link', from: 'x', to: 'd/y' }],
      expected: type === 'dir' ? 'EPERM' : 'ok',
    })),
  );
}

function counts(): ConformanceCase[] {
  return TYPES.filter((type) => type !== 'dir').flatMap((type) =>
    [1, 2, 5].map((names) => ({
      name: `link of a ${type} that has ${names} names already`,
      setup: [
        ...entry('dir', 'd'),
        ...entry(type, 'x', { mode: 0o6755, target: 'f' }),
        ...Array.from({ length: names - 1 }, (_, at): Operation => {
          return { kind: 'link', from: 'x', to: `z${at}` };
        }),
      ],
      caller: ROOT,
      ops: [{ kind: 'link', from: 'x', to: 'd/y' }],
      expected: 'ok',
      after: {
        'd/y': { inode: 'x', type, nlink: names + 1, times: ['=', '=', 'now'] as const },
        d: { nlink: 2, times: ['=', 'now', 'now'] as const },
        '.': { times: ['=', '=', '='] as const },
      },
    })),
  );
}
