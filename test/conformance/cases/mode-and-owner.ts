import {
  GROUP,
  IN_GROUP,
  LONE_OWNER,
  MEMBER,
  OTHER,
  OWNER,
  ROOT,
  SECOND_GROUP,
  STRANGE_GROUP,
  nameOf,
} from '../actors';
import type { Actor, ConformanceCase, Family } from '../conformance-case';
import { entry, octal, OWNED, TYPES, type Type } from '../scenery';

const EVERYBODY = [ROOT, OWNER, LONE_OWNER, IN_GROUP, OTHER];

const owns = (caller: Actor): boolean => caller.uid === OWNER.uid;
const isIn = (caller: Actor, gid: number): boolean => caller.gids.includes(gid);

export const chmod: Family = { name: 'chmod', cases: () => [...chmodMatrix(), ...chmodOfLinks()] };

/** For the owner and root; who is outside the group cannot set the bit that runs as it. */
function chmodMatrix(): ConformanceCase[] {
  return TYPES.filter((type) => type !== 'symlink').flatMap((type) =>
    EVERYBODY.flatMap((caller) =>
      [0, 0o777, 0o644, 0o1777, 0o2755, 0o2644, 0o4755, 0o6755, 0o7777].map((mode) => {
        const may = caller === ROOT || owns(caller);
        const kept = caller === ROOT || isIn(caller, GROUP) ? mode : mode & ~0o2000;
        return {
          name: `chmod ${octal(mode)} of a ${type}: ${nameOf(caller)}`,
          setup: entry(type, 'x', { ...OWNED, mode: 0o700 }),
          caller,
          ops: [{ kind: 'chmod', path: 'x', mode }],
          expected: may ? 'ok' : 'EPERM',
          after: {
            x: { mode: may ? kept : 0o700, times: ['=', '=', may ? 'now' : '='] },
            '.': { times: ['=', '=', '='] },
          },
        };
      }),
    ),
  );
}

/** A link has no mode of its own: what it leads to has. */
function chmodOfLinks(): ConformanceCase[] {
  const aims = { f: 'ok', d: 'ok', missing: 'ENOENT', l: 'ELOOP' };
  return Object.entries(aims).flatMap(([target, followed]) =>
    [true, false].flatMap((follow) =>
      [ROOT, OWNER, OTHER].map((caller) => {
        const may = caller === ROOT || owns(caller);
        const through = followed === 'ok' && !may ? 'EPERM' : followed;
        return {
          name: `chmod of a link to ${target}, ${follow ? '' : 'not '}followed: ${nameOf(caller)}`,
          setup: [
            ...entry('file', 'f', OWNED),
            ...entry('dir', 'd', OWNED),
            ...entry('symlink', 'l', { ...OWNED, target }),
          ],
          caller,
          ops: [{ kind: 'chmod', path: 'l', mode: 0o640, follow }],
          expected: follow ? through : 'EOPNOTSUPP',
          after: { l: { mode: 0o777 } },
        };
      }),
    ),
  );
}

export const chown: Family = {
  name: 'chown',
  cases: () => [...chownMatrix(), ...clearing(), ...chownOfLinks()],
};

const UIDS = [-1, OWNER.uid, OTHER.uid];
const GIDS = [-1, GROUP, SECOND_GROUP, STRANGE_GROUP];

/** The uid by root alone, the gid by the owner to a group of his; -1 leaves. */
function chownMatrix(): ConformanceCase[] {
  return TYPES.flatMap((type) =>
    EVERYBODY.flatMap((caller) =>
      UIDS.flatMap((uid) =>
        GIDS.map((gid) => {
          const may = mayChown(caller, uid, gid);
          return {
            name: `chown ${uid}:${gid} of a ${type}: ${nameOf(caller)}`,
            setup: entry(type, 'x', { ...OWNED, mode: 0o755 }),
            caller,
            ops: [{ kind: 'chown', path: 'x', uid, gid, follow: false }],
            expected: may ? 'ok' : 'EPERM',
            after: {
              x: {
                uid: may && uid >= 0 ? uid : OWNER.uid,
                gid: may && gid >= 0 ? gid : GROUP,
                times: ['=', '=', may ? 'now' : '='],
              },
            },
          };
        }),
      ),
    ),
  );
}

function mayChown(caller: Actor, uid: number, gid: number): boolean {
  if (caller === ROOT) return true;
  if (uid >= 0 && !(owns(caller) && uid === OWNER.uid)) return false;
  if (gid < 0) return true;
  return owns(caller) && (isIn(caller, gid) || gid === GROUP);
}

/** Whatever could run as the old owner or group no longer may, whoever asks; a directory runs nothing. */
function clearing(): ConformanceCase[] {
  return TYPES.filter((type) => type !== 'symlink').flatMap((type) =>
    [ROOT, OWNER, LONE_OWNER, OTHER].flatMap((caller) =>
      [0o6755, 0o6745, 0o4755, 0o2755, 0o2745, 0o1755, 0o7777].flatMap((mode) =>
        [
          [-1, -1],
          [OWNER.uid, -1],
          [-1, GROUP],
        ].map(([uid = -1, gid = -1]) => {
          const cleared = type === 'dir' ? mode : clearedMode(mode, caller);
          const may = mayChown(caller, uid, gid) && (cleared === mode || caller !== OTHER);
          return {
            name: `chown ${uid}:${gid} of a ${type} with mode ${octal(mode)}: ${nameOf(caller)}`,
            setup: entry(type, 'x', { ...OWNED, mode }),
            caller,
            ops: [{ kind: 'chown', path: 'x', uid, gid }],
            expected: may ? 'ok' : 'EPERM',
            after: { x: { mode: may ? cleared : mode, uid: OWNER.uid, gid: GROUP } },
          };
        }),
      ),
    ),
  );
}

/** Set-group-id without execution by the group means something else, and stays for members. (should_remove_sgid) */
export function clearedMode(mode: number, caller: Actor): number {
  const runsAsGroup = (mode & 0o010) !== 0;
  const isMember = caller === ROOT || isIn(caller, GROUP);
  return mode & ~0o4000 & (runsAsGroup || !isMember ? ~0o2000 : ~0);
}

/** Followed by default, or the link itself. */
function chownOfLinks(): ConformanceCase[] {
  return (['f', 'd', 'missing'] as const).flatMap((target) =>
    [true, false].flatMap((follow) =>
      [ROOT, OWNER, OTHER].map((caller) => {
        const may = caller === ROOT || owns(caller);
        const missing = follow && target === 'missing';
        return {
          name: `chown of a link to ${target}, ${follow ? '' : 'not '}followed: ${nameOf(caller)}`,
          setup: [
            ...entry('file', 'f', OWNED),
            ...entry('dir', 'd', OWNED),
            ...entry('symlink', 'l', { ...OWNED, target }),
          ],
          caller,
          ops: [{ kind: 'chown', path: 'l', uid: -1, gid: SECOND_GROUP, follow }],
          expected: missing ? 'ENOENT' : may ? 'ok' : 'EPERM',
          after: {
            l: { gid: may && !follow ? SECOND_GROUP : GROUP },
            f: { gid: may && follow && target === 'f' ? SECOND_GROUP : GROUP },
          },
        };
      }),
    ),
  );
}

export const chownMore: Family = {
  name: 'chown by members',
  cases: () =>
    (['file', 'dir'] as Type[]).flatMap((type) =>
      [IN_GROUP, MEMBER].flatMap((caller) =>
        UIDS.flatMap((uid) =>
          GIDS.map((gid) => ({
            name: `chown ${uid}:${gid} of a ${type}: ${nameOf(caller)}, who is a member and no owner`,
            setup: entry(type, 'x', { ...OWNED, mode: 0o6777 }),
            caller,
            ops: [{ kind: 'chown', path: 'x', uid, gid }],
            // Nobody but the owner may do what clears set-id bits, and of a directory none are cleared.
            expected: uid < 0 && gid < 0 && type === 'dir' ? 'ok' : 'EPERM',
          })),
        ),
      ),
    ),
};
