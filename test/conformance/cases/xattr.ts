import { IN_GROUP, OTHER, OWNER, ROOT, nameOf } from '../actors';
import type { Actor, ConformanceCase, Family, Operation } from '../conformance-case';
import { entry, OWNED, TYPES, type Type } from '../scenery';

const VALUE = Buffer.from('value').toString('base64');

const set = (name: string, more: object = {}): Operation => ({
  kind: 'setxattr',
  path: 'x',
  follow: false,
  name,
  valueBase64: VALUE,
  ...more,
});
const get = (name: string): Operation => ({ kind: 'getxattr', path: 'x', follow: false, name });
const remove = (name: string): Operation => ({
  kind: 'removexattr',
  path: 'x',
  follow: false,
  name,
});
const LIST: Operation = { kind: 'listxattr', path: 'x', follow: false };

/** Extended attributes: `user.` by the bits of files and directories, `trusted.` for root. (xattr(7)) */
export const xattr: Family = {
  name: 'extended attributes',
  cases: () => [...byType(), ...byFlag(), ...byName(), ...values(), ...effects(), ...sticky()],
};

/** 0640: the owner writes, the group reads, others do neither. */
const MAY: ReadonlyMap<Actor, readonly [reads: boolean, writes: boolean]> = new Map([
  [ROOT, [true, true]],
  [OWNER, [true, true]],
  [IN_GROUP, [true, false]],
  [OTHER, [false, false]],
]);

const carriesUser = (type: Type): boolean => type === 'file' || type === 'dir';

function byType(): ConformanceCase[] {
  const ops = { set, get, remove };
  return TYPES.flatMap((type) =>
    [...MAY].flatMap(([caller, [reads, writes]]) =>
      (['user.a', 'trusted.a'] as const).flatMap((name) =>
        (['set', 'get', 'remove'] as const).flatMap((how) =>
          [true, false].map((there) => {
            const isThere = there && (carriesUser(type) || name === 'trusted.a');
            return {
              name: `${how} of ${name}, ${isThere ? 'there' : there ? 'impossible' : 'missing'}, of a ${type}: ${nameOf(caller)}`,
              setup: [
                ...entry(type, 'x', { ...OWNED, mode: 0o640 }),
                ...(isThere ? [set(name)] : []),
              ],
              caller,
              ops: [ops[how](name)],
              expected: expectedOf({ type, caller, name, how, isThere, reads, writes }),
            };
          }),
        ),
      ),
    ),
  );
}

interface Asked {
  readonly type: Type;
  readonly caller: Actor;
  readonly name: string;
  readonly how: 'set' | 'get' | 'remove';
  readonly isThere: boolean;
  readonly reads: boolean;
  readonly writes: boolean;
}

/** xattr_permission of Linux: what may not be there is not there to a reader, and not allowed to a writer. */
function expectedOf({ type, caller, name, how, isThere, reads, writes }: Asked): string {
  const found = isThere || how === 'set' ? 'ok' : 'ENODATA';
  if (name === 'trusted.a') {
    if (caller === ROOT) return found;
    return how === 'get' ? 'ENODATA' : 'EPERM';
  }
  if (!carriesUser(type)) return how === 'get' ? 'ENODATA' : 'EPERM';
  if (how === 'get') return reads ? found : 'EACCES';
  return writes ? found : 'EACCES';
}

function byFlag(): ConformanceCase[] {
  return ([[], ['create'], ['replace']] as const).flatMap((flags) =>
    [true, false].map((there) => ({
      name: `set with flags ${flags.join(' ') || 'none'} of one that is ${there ? 'there' : 'missing'}`,
      setup: [...entry('file', 'x'), ...(there ? [set('user.a')] : [])],
      caller: ROOT,
      ops: [set('user.a', { flags })],
      expected:
        there && flags[0] === 'create'
          ? 'EEXIST'
          : !there && flags[0] === 'replace'
            ? 'ENODATA'
            : 'ok',
    })),
  );
}

function byName(): ConformanceCase[] {
  const names: Readonly<Record<string, string>> = {
    [`user.${'n'.repeat(250)}`]: 'ok',
    [`user.${'n'.repeat(251)}`]: 'ERANGE',
    'user.': 'EINVAL',
    'user.ä': 'ok',
    'user.a b': 'ok',
    plain: 'EOPNOTSUPP',
    'other.a': 'EOPNOTSUPP',
    'User.a': 'EOPNOTSUPP',
    '': 'ERANGE',
  };
  return Object.entries(names).map(([name, expected], at) => ({
    name: `set by the name ${name.slice(0, 12)} of ${Buffer.byteLength(name)} bytes (${at})`,
    setup: entry('file', 'x'),
    caller: ROOT,
    ops: [set(name)],
    expected,
  }));
}

function values(): ConformanceCase[] {
  return [
    ...[0, 1, 255, 2000].map((length) => ({
      name: `a value of ${length} bytes is what was set`,
      setup: [
        ...entry('file', 'x'),
        set('user.a', { valueBase64: Buffer.alloc(length, 7).toString('base64') }),
      ],
      caller: ROOT,
      ops: [get('user.a')],
      expected: 'ok',
      result: { valueBase64: Buffer.alloc(length, 7).toString('base64') },
    })),
    {
      name: 'a value of more than 65536 bytes is too much',
      setup: entry('file', 'x'),
      caller: ROOT,
      ops: [set('user.a', { valueBase64: Buffer.alloc(65_537).toString('base64') })],
      expected: 'E2BIG',
    },
    {
      name: 'names are listed, without those that only root may know',
      setup: [...entry('file', 'x'), set('user.b'), set('user.a'), set('trusted.c')],
      caller: OTHER,
      ops: [LIST],
      expected: 'ok',
      result: { names: ['user.a', 'user.b'] },
    },
    {
      name: 'root is told all names',
      setup: [...entry('file', 'x'), set('user.b'), set('trusted.c'), remove('user.b')],
      caller: ROOT,
      ops: [LIST],
      expected: 'ok',
      result: { names: ['trusted.c'] },
    },
    {
      name: 'who may not read may list',
      setup: [...entry('file', 'x', { mode: 0 }), set('user.a')],
      caller: OTHER,
      ops: [LIST],
      expected: 'ok',
      result: { names: ['user.a'] },
    },
  ];
}

function effects(): ConformanceCase[] {
  const cases = {
    set: [set('user.b'), 'now'],
    'set again': [set('user.a', { valueBase64: '' }), 'now'],
    remove: [remove('user.a'), 'now'],
    get: [get('user.a'), '='],
    list: [LIST, '='],
  } as const;
  return Object.entries(cases).flatMap(([how, [op, ctime]]) =>
    (['file', 'dir'] as const).map((type) => ({
      name: `${how} changes the change time of a ${type}: ${ctime}`,
      setup: [...entry(type, 'x'), set('user.a')],
      caller: ROOT,
      ops: [op],
      expected: 'ok',
      after: { x: { times: ['=', '=', ctime] }, '.': { times: ['=', '=', '='] } },
    })),
  );
}

/** In a sticky directory's own attributes, writing is for its owner. */
function sticky(): ConformanceCase[] {
  return [ROOT, OWNER, OTHER].flatMap((caller) =>
    [0o777, 0o1777].map((mode) => ({
      name: `set of user.a of a directory with mode 0${mode.toString(8)}: ${nameOf(caller)}`,
      setup: entry('dir', 'x', { ...OWNED, mode }),
      caller,
      ops: [set('user.a')],
      expected: mode === 0o1777 && caller === OTHER ? 'EPERM' : 'ok',
    })),
  );
}
