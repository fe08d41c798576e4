import { GROUP, IN_GROUP, OTHER, OWNER, ROOT, nameOf } from '../actors';
import type { Family, ConformanceCase, Operation } from '../conformance-case';
import { entry, OWNED, RDEV_TEXT, TYPES } from '../scenery';

export const reading: Family = {
  name: 'stat, readlink, readdir',
  cases: () => [...stats(), ...readlinks(), ...readdirs(), ...orders(), ...names()],
};

/** Who can go to it may look at it, whatever its bits. */
function stats(): ConformanceCase[] {
  return TYPES.flatMap((type) =>
    [0, 0o7777, 0o640].flatMap((mode) =>
      [ROOT, OWNER, IN_GROUP, OTHER].map((caller) => ({
        name: `stat of a ${type} with mode 0${mode.toString(8)}: ${nameOf(caller)}`,
        setup: entry(type, 'x', { ...OWNED, mode, target: 'some/where' }),
        caller,
        ops: [{ kind: 'stat', path: 'x', follow: false }],
        expected: 'ok',
        result: {
          type,
          mode: type === 'symlink' ? 0o777 : mode,
          nlink: type === 'dir' ? 2 : 1,
          uid: OWNER.uid,
          gid: GROUP,
          size: type === 'dir' ? null : type === 'symlink' ? 10 : 0,
          rdev: type === 'char' || type === 'block' ? RDEV_TEXT : null,
        },
      })),
    ),
  );
}

function readlinks(): ConformanceCase[] {
  const targets = ['f', 'missing', 'l', '../..', '/', 'a//b/', '.', 'ä', 'n'.repeat(300)];
  return [
    ...TYPES.filter((type) => type !== 'symlink').flatMap((type) =>
      ['x', 'x/'].map((path) => ({
        name: `readlink of ${path}, a ${type}`,
        setup: entry(type, 'x'),
        caller: OTHER,
        ops: [{ kind: 'readlink', path }],
        expected: path === 'x/' && type !== 'dir' ? 'ENOTDIR' : 'EINVAL',
      })),
    ),
    ...targets.map((target) => ({
      name: `readlink of a link to ${target}`,
      setup: entry('symlink', 'l', { ...OWNED, target }),
      caller: OTHER,
      ops: [{ kind: 'readlink', path: 'l' }],
      expected: 'ok',
      result: { target },
      after: { l: { size: Buffer.byteLength(target), target } },
    })),
  ];
}

function readdirs(): ConformanceCase[] {
  return TYPES.flatMap((type) =>
    ['x', 'x/', 'x/.'].map((path) => ({
      name: `readdir of ${path}, a ${type}`,
      setup: [...entry(type, 'x', { target: 'd' }), ...entry('dir', 'd'), ...entry('file', 'd/f')],
      caller: OTHER,
      ops: [{ kind: 'readdir', path }],
      expected: type === 'dir' || type === 'symlink' ? 'ok' : 'ENOTDIR',
      ...(type === 'symlink' && { result: { names: ['f'] } }),
      ...(type === 'dir' && { result: { names: [] } }),
    })),
  );
}

/** Names are bytes and come in their order; `.` and `..` are no entries. */
function orders(): ConformanceCase[] {
  const sets = [
    ['b', 'a', 'c'],
    ['B', 'a', 'A', 'b'],
    ['10', '9', '1', '2'],
    ['é', 'e', 'z', '\u{fffd}', '\u{10000}', 'f'],
    ['a b', 'a', 'a.', 'a-', '-', ' '],
    ['x', 'xx', 'xxx', 'y'],
  ];
  return sets.map((set) => ({
    name: `readdir of ${set.join(' ')} in the order of bytes`,
    setup: set.flatMap((name) => entry('file', name)),
    caller: ROOT,
    ops: [{ kind: 'readdir', path: '.' }],
    expected: 'ok',
    result: { names: [...set].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))) },
  }));
}

/** A name is any bytes but a slash and a zero, up to 255 of them. */
function names(): ConformanceCase[] {
  const valid = ['a', '...', '..a', '.a', ' ', '~', '\n', '*', '\\', 'ß', 'n'.repeat(255)];
  const texts = valid.map((name) => ({
    label: JSON.stringify(name).slice(0, 12),
    bytes: Buffer.from(name),
  }));
  const raw = [[0xff], [0x80, 0x81], [0xc3], [0xed, 0xa0, 0x80], Array<number>(255).fill(0xfe)].map(
    (bytes) => ({
      label: Buffer.from(bytes).toString('hex').slice(0, 12),
      bytes: Buffer.from(bytes),
    }),
  );
  const tooLong = [Buffer.alloc(256, 0x61), Buffer.from('ß'.repeat(128))];
  return [
    ...[...texts, ...raw].flatMap(({ label, bytes }) =>
      (['create', 'mkdir', 'symlink'] as const).map((kind) => ({
        name: `${kind} by the name ${label}`,
        setup: [],
        caller: ROOT,
        ops: [named(kind, bytes)],
        expected: 'ok',
      })),
    ),
    ...tooLong.flatMap((bytes, at) =>
      (['create', 'mkdir', 'symlink'] as const).map((kind) => ({
        name: `${kind} by a name of ${bytes.length} bytes (${at})`,
        setup: [],
        caller: ROOT,
        ops: [named(kind, bytes)],
        expected: 'ENAMETOOLONG',
      })),
    ),
  ];
}

function named(kind: 'create' | 'mkdir' | 'symlink', bytes: Buffer): Operation {
  const pathBase64 = bytes.toString('base64');
  return kind === 'symlink' ? { kind, pathBase64, target: 'x' } : { kind, pathBase64 };
}
