import { GROUP, IN_GROUP, MEMBER, OTHER, OWNER, ROOT, STRANGE_GROUP, nameOf } from '../actors';
import type { Actor, ConformanceCase, Family, Operation } from '../conformance-case';
import { entry, octal, OWNED, TYPES } from '../scenery';

interface AclEntry {
  readonly tag: string;
  readonly id?: number;
  readonly perm: number;
  readonly [field: string]: string | number | undefined;
}

const minimal = (user: number, group: number, other: number): AclEntry[] => [
  { tag: 'user-obj', perm: user },
  { tag: 'group-obj', perm: group },
  { tag: 'other', perm: other },
];

/** In the order of the standard: owner, users, group, groups, mask, others. */
function full(
  users: readonly AclEntry[],
  group: number,
  groups: readonly AclEntry[],
  mask: number,
): AclEntry[] {
  return [
    { tag: 'user-obj', perm: 6 },
    ...users,
    { tag: 'group-obj', perm: group },
    ...groups,
    { tag: 'mask', perm: mask },
    { tag: 'other', perm: 0 },
  ];
}

const setacl = (path: string, acls: object): Operation => ({ kind: 'setacl', path, ...acls });
const STRANGER: Actor = { uid: 1005, gids: [STRANGE_GROUP], umask: 0 };

/** Access control lists of POSIX 1003.1e, as Linux keeps them. (acl(5), posix_acl_permission) */
export const acl: Family = {
  name: 'access control lists',
  cases: () => [...masks(), ...classes(), ...setters(), ...modes(), ...defaults(), ...malformed()],
};

/** What a named user and the groups may, less what the mask does not let through. */
function masks(): ConformanceCase[] {
  const bits = [0, 1, 2, 3, 4, 5, 6, 7];
  const whose = [
    [
      'a named user',
      OTHER,
      (perm: number, mask: number) => full([{ tag: 'user', id: OTHER.uid, perm }], 0, [], mask),
    ],
    ['the group', MEMBER, (perm: number, mask: number) => full([], perm, [], mask)],
    [
      'a named group',
      STRANGER,
      (perm: number, mask: number) =>
        full([], 0, [{ tag: 'group', id: STRANGE_GROUP, perm }], mask),
    ],
  ] as const;
  return whose.flatMap(([says, caller, entries]) =>
    bits.flatMap((perm) =>
      bits.map((mask) => ({
        name: `truncate by ${says} with ${perm} under a mask of ${mask}`,
        setup: [...entry('file', 'x', OWNED), setacl('x', { access: entries(perm, mask) })],
        caller,
        ops: [{ kind: 'truncate', path: 'x', size: 1 }],
        expected: (perm & mask & 2) !== 0 ? 'ok' : 'EACCES',
        after: { x: { mode: 0o600 | (mask << 3) } },
      })),
    ),
  );
}

/** The first that fits decides; of several groups one that allows is enough. */
function classes(): ConformanceCase[] {
  const both = (first: number, second: number): AclEntry[] =>
    full([], first, [{ tag: 'group', id: 1900, perm: second }], 7);
  const table: readonly (readonly [string, Actor, readonly AclEntry[], string])[] = [
    ['its owner, whatever the mask', OWNER, full([], 0, [], 0), 'ok'],
    [
      'its owner, whom a named entry would stop',
      OWNER,
      full([{ tag: 'user', id: OWNER.uid, perm: 0 }], 0, [], 7),
      'ok',
    ],
    [
      'a named user whose group may',
      MEMBER,
      full([{ tag: 'user', id: MEMBER.uid, perm: 4 }], 6, [], 7),
      'EACCES',
    ],
    ['a member of two groups of which the first may', MEMBER, both(2, 0), 'ok'],
    ['a member of two groups of which the second may', MEMBER, both(0, 2), 'ok'],
    ['a member of two groups of which none may', MEMBER, both(4, 5), 'EACCES'],
    ['somebody in no entry', OTHER, both(7, 7), 'EACCES'],
    ['root', ROOT, full([], 0, [], 0), 'ok'],
  ];
  return table.map(([says, caller, access, expected]) => ({
    name: `truncate by ${says}`,
    setup: [...entry('file', 'x', OWNED), setacl('x', { access })],
    caller,
    ops: [{ kind: 'truncate', path: 'x', size: 1 }],
    expected,
  }));
}

/** For the owner and root, of anything but links; defaults are for directories. */
function setters(): ConformanceCase[] {
  return TYPES.filter((type) => type !== 'symlink').flatMap((type) =>
    [ROOT, OWNER, IN_GROUP, OTHER].flatMap((caller) =>
      (['access', 'default'] as const).map((which) => {
        const may = caller === ROOT || caller === OWNER;
        const misplaced = which === 'default' && type !== 'dir';
        return {
          name: `setacl (${which}) of a ${type}: ${nameOf(caller)}`,
          setup: entry(type, 'x', { ...OWNED, mode: 0o640 }),
          caller,
          ops: [setacl('x', { [which]: full([{ tag: 'user', id: 5, perm: 7 }], 4, [], 7) })],
          expected: misplaced ? 'EACCES' : may ? 'ok' : 'EPERM',
          after: { x: { mode: may && which === 'access' ? 0o670 : 0o640 } },
        };
      }),
    ),
  );
}

/** A minimal list is the mode; with a mask, chmod of the group's bits is of the mask. */
function modes(): ConformanceCase[] {
  return [0o000, 0o640, 0o777, 0o604, 0o070].flatMap((mode) => [
    {
      name: `a minimal list of ${octal(mode)} is a mode`,
      setup: entry('file', 'x', OWNED),
      caller: OWNER,
      ops: [setacl('x', { access: minimal(mode >> 6, (mode >> 3) & 7, mode & 7) })],
      expected: 'ok',
      after: { x: { mode, times: ['=', '=', 'now'] } },
    },
    ...[OTHER, MEMBER].map((caller) => ({
      name: `chmod ${octal(mode)} sets the mask of a list: ${nameOf(caller)}`,
      setup: [
        ...entry('file', 'x', OWNED),
        setacl('x', { access: full([{ tag: 'user', id: OTHER.uid, perm: 7 }], 0, [], 7) }),
        { kind: 'chmod', path: 'x', mode },
      ],
      caller,
      ops: [{ kind: 'truncate', path: 'x', size: 1 }],
      // The group's own entry still has nothing, whatever the mask; chmod did not touch it.
      expected: caller === OTHER && (mode & 0o020) !== 0 ? 'ok' : 'EACCES',
      after: { x: { mode } },
    })),
  ]);
}

/** What is new takes the default list of its directory, less the mode asked for, and no umask; directories hand it on. */
function defaults(): ConformanceCase[] {
  const lists = {
    minimal: minimal(7, 5, 4),
    'with a user': full([{ tag: 'user', id: OTHER.uid, perm: 6 }], 5, [], 6),
  };
  return Object.entries(lists).flatMap(([says, list]) =>
    (['create', 'mkdir', 'mknod'] as const).flatMap((kind) =>
      [0o777, 0o640, 0o600].flatMap((mode) =>
        [0, 0o077].map((umask) => {
          const [user = 0, group = 0, other = 0] = says === 'minimal' ? [7, 5, 4] : [6, 6, 0];
          return {
            name: `${kind} with mode ${octal(mode)} and umask ${octal(umask)} below a default list ${says}`,
            setup: [...entry('dir', 'd', OWNED), setacl('d', { default: list })],
            caller: { ...ROOT, umask },
            ops: [{ kind, path: 'd/x', mode, ...(kind === 'mknod' && { type: 'fifo' }) }],
            expected: 'ok',
            after: { 'd/x': { mode: mode & ((user << 6) | (group << 3) | other), gid: 0 } },
          };
        }),
      ),
    ),
  );
}

function malformed(): ConformanceCase[] {
  const lists: Readonly<Record<string, readonly AclEntry[]>> = {
    'without its owner': minimal(6, 4, 0).slice(1),
    'without others': minimal(6, 4, 0).slice(0, 2),
    'with a named user and no mask': [
      { tag: 'user-obj', perm: 6 },
      { tag: 'user', id: 5, perm: 4 },
      { tag: 'group-obj', perm: 4 },
      { tag: 'other', perm: 0 },
    ],
    'with two masks': [
      ...full([], 4, [], 4).slice(0, -1),
      { tag: 'mask', perm: 4 },
      { tag: 'other', perm: 0 },
    ],
    'with two owners': [{ tag: 'user-obj', perm: 6 }, ...minimal(6, 4, 0)],
  };
  return Object.entries(lists).map(([says, access]) => ({
    name: `setacl of a list ${says}`,
    setup: entry('file', 'x', { ...OWNED, mode: 0o640 }),
    caller: OWNER,
    ops: [setacl('x', { access })],
    expected: 'EINVAL',
    after: { x: { mode: 0o640, gid: GROUP } },
  }));
}
