import { OTHER, OWNER, ROOT, nameOf } from '../actors';
import type { Actor, ConformanceCase, Family, Operation } from '../conformance-case';
import { entry, OWNED, TYPES, type Type } from '../scenery';

const VICTIMS = [...TYPES, 'dir with a file', 'dir with a directory', 'nothing'] as const;
type Victim = (typeof VICTIMS)[number];

const isDirectory = (victim: Victim): boolean => victim.startsWith('dir');

function scenery(victim: Victim, path: string, uid: number): readonly Operation[] {
  if (victim === 'nothing') return [];
  const type = (isDirectory(victim) ? 'dir' : victim) as Type;
  return [
    ...entry(type, path, { uid }),
    ...(victim === 'dir with a file' ? entry('file', `${path}/in`) : []),
    ...(victim === 'dir with a directory' ? entry('dir', `${path}/in`) : []),
  ];
}

export const remove: Family = {
  name: 'unlink and rmdir',
  cases: () =>
    (['unlink', 'rmdir'] as const).flatMap((kind) => [
      ...VICTIMS.flatMap((victim) =>
        [ROOT, OWNER, OTHER].map((who) => byWriters(kind, victim, who)),
      ),
      ...VICTIMS.flatMap((victim) => stickyCases(kind, victim)),
      ...hardLinks(kind),
    ]),
};

function byWriters(kind: 'unlink' | 'rmdir', victim: Victim, caller: Actor): ConformanceCase {
  const may = caller !== OTHER;
  const expected = expectedOf(kind, victim, may ? 'ok' : 'EACCES');
  return {
    name: `${kind} of ${victim}: ${nameOf(caller)}, who may ${may ? '' : 'not '}write to the directory`,
    setup: [...entry('dir', 'd', { ...OWNED, mode: 0o755 }), ...scenery(victim, 'd/x', OTHER.uid)],
    caller,
    ops: [{ kind, path: 'd/x' }],
    expected,
    after: {
      ...(expected === 'ok' && { 'd/x': null }),
      d: { nlink: isDirectory(victim) && expected !== 'ok' ? 3 : 2 },
    },
  };
}

/** Existence first, then permission, then the type, then emptiness. (may_delete of Linux) */
function expectedOf(kind: 'unlink' | 'rmdir', victim: Victim, permission: string): string {
  if (victim === 'nothing') return 'ENOENT';
  if (permission !== 'ok') return permission;
  if (kind === 'unlink') return isDirectory(victim) ? 'EISDIR' : 'ok';
  if (!isDirectory(victim)) return 'ENOTDIR';
  return victim === 'dir' ? 'ok' : 'ENOTEMPTY';
}

/** In a sticky directory the entry must be one's own, or the directory. */
function stickyCases(kind: 'unlink' | 'rmdir', victim: Victim): ConformanceCase[] {
  const owners = [
    ['root', 0],
    ['the caller', OWNER.uid],
    ['another', OTHER.uid],
  ] as const;
  return owners.flatMap(([directoryOf, directoryUid]) =>
    owners.flatMap(([entryOf, entryUid]) =>
      [ROOT, OWNER].map((caller) => {
        const own = directoryUid === caller.uid || entryUid === caller.uid;
        return {
          name: `${kind} of ${victim} of ${entryOf}’s in a sticky directory of ${directoryOf}’s: ${nameOf(caller)}`,
          setup: [
            ...entry('dir', 'd', { uid: directoryUid, mode: 0o1777 }),
            ...scenery(victim, 'd/x', entryUid),
          ],
          caller,
          ops: [{ kind, path: 'd/x' }],
          expected: expectedOf(kind, victim, own || caller === ROOT ? 'ok' : 'EPERM'),
        };
      }),
    ),
  );
}

/** One name goes, the others stay, and the inode tells of it. */
function hardLinks(kind: 'unlink' | 'rmdir'): ConformanceCase[] {
  return TYPES.filter((type) => type !== 'dir').flatMap((type) =>
    [1, 2, 3].map((others) => ({
      name: `${kind} of one of ${others + 1} names of a ${type}`,
      setup: [
        ...entry('dir', 'd'),
        ...entry(type, 'd/x', { mode: 0o6755 }),
        ...Array.from({ length: others }, (_, at): Operation => {
          return { kind: 'link', from: 'd/x', to: `name${at}` };
        }),
      ],
      caller: ROOT,
      ops: [{ kind, path: 'd/x' }],
      expected: kind === 'unlink' ? 'ok' : 'ENOTDIR',
      after: {
        name0: {
          inode: 'd/x',
          nlink: kind === 'unlink' ? others : others + 1,
          times: ['=', '=', kind === 'unlink' ? 'now' : '='],
          ...(type !== 'symlink' && { mode: 0o6755 }),
        },
      },
    })),
  );
}
