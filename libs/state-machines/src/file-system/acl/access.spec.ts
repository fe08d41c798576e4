import { createStateStore, fnvHash } from '@lockstep/vr-core';
import fc from 'fast-check';
import { KIND } from '../model/extra-table';
import { FileTree, type Caller } from '../model/file-tree';
import { MARK, type Inode } from '../model/inode';
import { fileTables } from '../model/tables';
import { EPOCH } from '../model/time';
import { UNTOUCHED_MAIN, type Volume } from '../model/volume';
import { refuseAccess } from '../resolve/permission';
import type { Acl } from '../wire/operations';
import { beyondMode, bitsOf, inOrder, writeList } from './access-list';

const OWNER = { uid: 1000, gid: 1000 } as const;

/** A file of user and group 1000 with that list. */
function fileWith(list: Acl, flavour: Volume['flavour'] = 'linux') {
  const tables = fileTables(createStateStore(fnvHash).tablesOf('files'));
  const tree = new FileTree(tables, { ...UNTOUCHED_MAIN, flavour });
  const made = tree.inodes.make({
    ...{ type: 'file', mode: bitsOf(list), nlink: 1, ...OWNER, size: 0 },
    ...{ rdev: { major: 0, minor: 0 }, parent: 1, volume: 0, time: EPOCH, opNumber: 1 },
  });
  writeList(tree, made, KIND.acl, beyondMode(inOrder(list)));
  return { tree, inode: tree.inodes.change(made, { marks: made.marksWith(MARK.acl) }) };
}

const as = (uid: number, ...gids: number[]): Caller => ({ uid, gids, umask: 0, cwd: 1 });

function verdict({ tree, inode }: { tree: FileTree; inode: Inode }, caller: Caller, want: number) {
  const refusal = refuseAccess(tree, caller, inode, want);
  return refusal === undefined ? 'ok' : `${refusal.code} ${refusal.rule}`;
}

const entry = (tag: Acl[number]['tag'], perm: number, id = 0): Acl[number] => ({ tag, id, perm });

describe('an access list (acl(5))', () => {
  const list = [
    entry('user-obj', 4),
    entry('user', 6, 1001),
    entry('user', 0, 1002),
    entry('user', 7, 1003),
    entry('group-obj', 4),
    entry('group', 2, 2001),
    entry('group', 7, 2002),
    entry('mask', 6),
    entry('other', 1),
  ];
  it.each([
    ['the owner by his entry alone', as(1000, 2002), 4, 'ok'],
    ['the owner by his entry alone', as(1000, 2002), 2, 'EACCES owner-bits'],
    ['a user who is named', as(1001, 9), 6, 'ok'],
    ['a user who is named: his groups do not help', as(1001, 2002), 1, 'EACCES acl-user'],
    ['a user who is named: nor do the others', as(1002, 2002), 1, 'EACCES acl-user'],
    ['a user whom the mask limits', as(1003, 9), 1, 'EACCES acl-mask'],
    ['a user whom the mask limits', as(1003, 9), 6, 'ok'],
    ['a member of the group', as(9, 1000), 4, 'ok'],
    ['a member of the group', as(9, 1000), 1, 'EACCES acl-group'],
    ['a member of a group that is named', as(9, 2001), 2, 'ok'],
    ['one of several groups is enough, also a supplementary one', as(9, 8, 1000, 2001), 2, 'ok'],
    ['one of several groups must have all', as(9, 1000, 2001), 6, 'EACCES acl-group'],
    ['a member of a group whom the mask limits', as(9, 2002), 1, 'EACCES acl-mask'],
    ['a member of a group is none of the others', as(9, 1000), 1, 'EACCES acl-group'],
    ['the others, whom the mask does not limit', as(9, 9), 1, 'ok'],
    ['the others', as(9, 9), 4, 'EACCES other-bits'],
    ['root', as(0, 0), 7, 'ok'],
  ])('is for %s', (_who, caller, wanted, expected) => {
    expect(verdict(fileWith(list), caller, wanted)).toBe(expected);
  });

  it('whose mask is empty is not looked at by Linux: whom it names is one of the others', () => {
    const closed = list.map((one) => (one.tag === 'mask' ? { ...one, perm: 0 } : one));
    const verdicts = (flavour: Volume['flavour']): string[] =>
      [as(1001, 9), as(1002, 9), as(9, 2002), as(9, 1000), as(9, 9)].map((caller) =>
        verdict(fileWith(closed, flavour), caller, 1),
      );
    expect(verdicts('linux')).toEqual(['ok', 'ok', 'ok', 'EACCES acl-mask', 'ok']);
    expect(verdicts('freebsd')).toEqual([
      ...['EACCES acl-user', 'EACCES acl-user', 'EACCES acl-mask', 'EACCES acl-group', 'ok'],
    ]);
  });

  const perm = fc.integer({ min: 0, max: 7 });
  const named = (tag: 'user' | 'group') =>
    fc
      .uniqueArray(fc.integer({ min: 0, max: 5 }), { maxLength: 4 })
      .chain((ids) => fc.tuple(...ids.map((id) => perm.map((p) => entry(tag, p, 1000 + id)))));
  const anyList = fc
    .tuple(perm, named('user'), perm, named('group'), perm, perm)
    .map(([user, users, group, groups, mask, other]): Acl => {
      const classes = [entry('user-obj', user), entry('group-obj', group), entry('other', other)];
      return [...classes, ...users, ...groups, entry('mask', mask)];
    });
  const id = fc.integer({ min: 1000, max: 1006 });
  const anyCaller = fc
    .tuple(id, fc.array(id, { minLength: 1, maxLength: 3 }))
    .map(([uid, gids]) => as(uid, ...gids));

  it('decides as the text of the standard does, read word by word', () => {
    fc.assert(
      fc.property(anyList, anyCaller, fc.integer({ min: 1, max: 7 }), (acl, caller, wanted) => {
        const granted = verdict(fileWith(acl, 'freebsd'), caller, wanted) === 'ok';
        expect(granted).toBe(byTheText(acl, caller, wanted));
      }),
      { numRuns: 500 },
    );
  });
});

/** "Access check algorithm" of acl(5), numbers as there. */
function byTheText(list: Acl, caller: Caller, wanted: number): boolean {
  const all = (tag: string) => list.filter((one) => one.tag === tag);
  const has = (one: Acl[number] | undefined): boolean => ((one?.perm ?? 0) & wanted) === wanted;
  const [mask] = all('mask');
  // 1. The owner.
  if (caller.uid === OWNER.uid) return has(all('user-obj')[0]);
  // 2. A user who is named.
  const user = all('user').find((one) => one.id === caller.uid);
  if (user !== undefined) return has(user) && has(mask);
  // 3. A member of the group, or of one that is named.
  const groups = [
    ...all('group-obj').filter(() => caller.gids.includes(OWNER.gid)),
    ...all('group').filter((one) => caller.gids.includes(one.id)),
  ];
  if (groups.length > 0) return groups.some(has) && has(mask);
  // 4. The others.
  return has(all('other')[0]);
}
