import { settingsOf } from '../twin/settings';
import { at, bytesOf, SoloFiles, type SoloProcess } from '../twin/solo-files';
import type { FileOperation } from '../wire/operations';
import type { TimeArgument } from '../wire/arguments';
import { FLAG } from './flags';

const NOW: TimeArgument = { kind: 'now' };
const THEN: TimeArgument = { kind: 'set', seconds: 1n, nanos: 0 };

const flagged = (process: SoloProcess, path: string, flags: number): string =>
  process.call({ kind: 'setflags', object: at(path, false), flags });

const move = (from: string, to: string, exchange = false): FileOperation => ({
  kind: 'rename',
  from: bytesOf(from),
  to: bytesOf(to),
  noreplace: false,
  exchange,
  whiteout: false,
});
const ownership = (uid?: number, gid?: number): FileOperation => ({
  kind: 'chown',
  object: at('/d/f'),
  uid,
  gid,
});
const times = (atime: TimeArgument, mtime: TimeArgument, path = '/d/f'): FileOperation => ({
  kind: 'utimens',
  object: at(path),
  atime,
  mtime,
});

/** What is done to /d/f, or to the directory /d around it. */
const OPERATIONS: Readonly<Record<string, FileOperation>> = {
  chmod: { kind: 'chmod', object: at('/d/f'), mode: 0o600 },
  chown: ownership(7),
  'chown of neither': ownership(),
  'utimens now': times(NOW, NOW),
  'utimens then': times(THEN, NOW),
  truncate: { kind: 'truncate', object: at('/d/f'), size: 0n },
  link: { kind: 'link', from: bytesOf('/d/f'), to: bytesOf('/e/l'), follow: false },
  unlink: { kind: 'unlink', path: bytesOf('/d/f') },
  'rename from': move('/d/f', '/e/f'),
  'rename over': move('/e/g', '/d/f'),
  exchange: move('/e/g', '/d/f', true),
  mkdir: {
    kind: 'mkdir',
    path: bytesOf('/d/n'),
    mode: 0o755,
    parents: false,
    sequential: false,
    life: { kind: 'permanent' },
  },
  'rename into': move('/e/g', '/d/n'),
  'rmdir inside': { kind: 'rmdir', path: bytesOf('/d/empty') },
  'rmdir itself': { kind: 'rmdir', path: bytesOf('/d') },
  'rename itself': move('/d', '/e/d'),
  'utimens of it now': times(NOW, NOW, '/d'),
  'utimens of it then': times(THEN, NOW, '/d'),
};

type Flavour = 'linux' | 'freebsd';

function start(flavour: Flavour = 'linux'): {
  readonly files: SoloFiles;
  readonly root: SoloProcess;
} {
  const files = new SoloFiles();
  const root = files.process();
  root.call({ kind: 'definevolume', settings: settingsOf({ flavour }) });
  root.mkdir('/d', 0o777);
  root.mkdir('/d/empty', 0o777);
  root.create('/d/f', 0o666);
  root.mkdir('/e', 0o777);
  root.create('/e/g', 0o666);
  return { files, root };
}

/** What root is told: the operations that are refused, and by which rule. */
function refusals(path: string, flags: number, flavour: Flavour = 'linux'): Record<string, string> {
  const told = Object.entries(OPERATIONS).map(([name, op]) => {
    const { files, root } = start(flavour);
    expect(flagged(root, path, flags)).toBe('ok');
    const before = files.digest();
    const result = root.run(op);
    if (result.kind !== 'refused') return [name, 'ok'] as const;
    expect(files.digest()).toBe(before);
    return [name, `${result.code} ${result.rule ?? ''}`.trim()] as const;
  });
  return Object.fromEntries(told.filter(([, told]) => told !== 'ok'));
}

const IMMUTABLE = 'EPERM immutable';
const APPEND = 'EPERM append-only';
const NO_UNLINK = 'EPERM no-unlink';

/** What is refused for a directory that is not empty, whatever its flags. */
const FULL = { 'rmdir itself': 'ENOTEMPTY' };

describe('an immutable file', () => {
  const expected = {
    ...FULL,
    chmod: IMMUTABLE,
    chown: IMMUTABLE,
    'chown of neither': IMMUTABLE,
    'utimens now': IMMUTABLE,
    'utimens then': IMMUTABLE,
    truncate: IMMUTABLE,
    link: IMMUTABLE,
    unlink: IMMUTABLE,
    'rename from': IMMUTABLE,
    'rename over': IMMUTABLE,
    exchange: IMMUTABLE,
  };

  it.each([
    ['linux', FLAG.UF_IMMUTABLE],
    ['linux', FLAG.SF_IMMUTABLE],
    ['freebsd', FLAG.UF_IMMUTABLE],
    ['freebsd', FLAG.SF_IMMUTABLE],
  ] as const)('stays as it is and where it is, for root too (%s, %i)', (flavour, flag) => {
    expect(refusals('/d/f', flag, flavour)).toEqual(expected);
  });
});

describe('an immutable directory', () => {
  it.each(['linux', 'freebsd'] as const)(
    'keeps its entries, and they may change (%s)',
    (flavour) => {
      expect(refusals('/d', FLAG.SF_IMMUTABLE, flavour)).toEqual({
        unlink: IMMUTABLE,
        'rename from': IMMUTABLE,
        'rename over': IMMUTABLE,
        exchange: IMMUTABLE,
        mkdir: IMMUTABLE,
        'rename into': IMMUTABLE,
        'rmdir inside': IMMUTABLE,
        // Linux asks for the flags first, FreeBSD whether it is empty.
        'rmdir itself': flavour === 'linux' ? IMMUTABLE : 'ENOTEMPTY',
        'rename itself': IMMUTABLE,
        'utimens of it now': IMMUTABLE,
        'utimens of it then': IMMUTABLE,
      });
    },
  );

  it('tells of what is there, or is not, before that nothing may change', () => {
    const { root } = start();
    flagged(root, '/d', FLAG.SF_IMMUTABLE);
    expect([root.mkdir('/d/f'), root.unlink('/d/none')]).toEqual(['EEXIST', 'ENOENT']);
    expect(root.unlink('/d/empty')).toBe('EPERM');
  });
});

describe('an append-only file', () => {
  const expected = {
    ...FULL,
    chmod: APPEND,
    chown: APPEND,
    'utimens then': APPEND,
    truncate: APPEND,
    link: APPEND,
    unlink: APPEND,
    'rename from': APPEND,
    'rename over': APPEND,
    exchange: APPEND,
  };

  it('is not cut and stays where it is; in Linux it may be touched', () => {
    expect(refusals('/d/f', FLAG.SF_APPEND)).toEqual(expected);
  });

  it('is left entirely in FreeBSD', () => {
    const all = { ...expected, 'chown of neither': APPEND, 'utimens now': APPEND };
    expect(refusals('/d/f', FLAG.UF_APPEND, 'freebsd')).toEqual(all);
  });

  it('may not lose its set-id bits by a chown of neither', () => {
    const { root } = start();
    root.chmod('/d/f', 0o4755);
    flagged(root, '/d/f', FLAG.SF_APPEND);
    expect(root.chown('/d/f', -1, -1)).toBe('EPERM');
  });
});

describe('an append-only directory', () => {
  it('gains entries and loses none', () => {
    expect(refusals('/d', FLAG.SF_APPEND)).toEqual({
      unlink: APPEND,
      'rename from': APPEND,
      'rename over': APPEND,
      exchange: APPEND,
      'rmdir inside': APPEND,
      'rmdir itself': APPEND,
      'rename itself': APPEND,
      'utimens of it then': APPEND,
    });
  });
});

describe('what may not be unlinked', () => {
  it('changes and gets names, and keeps those it has', () => {
    expect(refusals('/d/f', FLAG.UF_NOUNLINK)).toEqual({
      ...FULL,
      unlink: NO_UNLINK,
      'rename from': NO_UNLINK,
      'rename over': NO_UNLINK,
      exchange: NO_UNLINK,
    });
    expect(refusals('/d', FLAG.SF_NOUNLINK)).toEqual({
      'rmdir itself': NO_UNLINK,
      'rename itself': NO_UNLINK,
    });
  });
});

describe('setflags', () => {
  it('sets all flags at once, and ctime', () => {
    const { root } = start();
    const before = root.attributes('/d/f');
    flagged(root, '/d/f', FLAG.UF_NODUMP | FLAG.SF_APPEND);
    const after = root.attributes('/d/f');
    expect(after.flags).toBe(FLAG.UF_NODUMP | FLAG.SF_APPEND);
    expect(after.ctime).not.toEqual(before.ctime);
    expect([flagged(root, '/d/f', 0), root.unlink('/d/f')]).toEqual(['ok', 'ok']);
  });

  it('knows no other flags: EOPNOTSUPP', () => {
    const { root } = start();
    for (const flags of [0x8, 0x20, 0x20_0000, 0x8000_0000])
      expect(flagged(root, '/d/f', flags)).toBe('EOPNOTSUPP');
  });

  /** By the owner, from what root has set before, and by a stranger. */
  function codes(flavour: Flavour, before: number, after: number): readonly string[] {
    const { files, root } = start(flavour);
    const owner = files.process({ uid: 1001, gids: [1001] });
    const stranger = files.process({ uid: 1002, gids: [1002] });
    owner.create('/d/own');
    expect(flagged(root, '/d/own', before)).toBe('ok');
    return [flagged(stranger, '/d/own', after), flagged(owner, '/d/own', after)];
  }

  it.each([
    ['linux', 0, FLAG.UF_NODUMP, 'ok'],
    ['linux', 0, FLAG.UF_NOUNLINK, 'ok'],
    ['linux', 0, FLAG.SF_NOUNLINK, 'EPERM'],
    ['linux', 0, FLAG.UF_IMMUTABLE, 'EPERM'],
    ['linux', 0, FLAG.UF_APPEND, 'EPERM'],
    ['linux', FLAG.UF_IMMUTABLE, 0, 'EPERM'],
    ['linux', FLAG.SF_APPEND, FLAG.SF_APPEND | FLAG.UF_NODUMP, 'ok'],
    ['freebsd', 0, FLAG.UF_IMMUTABLE, 'ok'],
    ['freebsd', FLAG.UF_IMMUTABLE, 0, 'ok'],
    ['freebsd', 0, FLAG.UF_APPEND | FLAG.UF_NOUNLINK, 'ok'],
    ['freebsd', 0, FLAG.SF_IMMUTABLE, 'EPERM'],
    ['freebsd', 0, FLAG.SF_NOUNLINK, 'EPERM'],
    ['freebsd', FLAG.SF_APPEND, FLAG.SF_APPEND | FLAG.UF_NODUMP, 'EPERM'],
  ] as const)('in %s from %i to %i by the owner is %s', (flavour, before, after, code) => {
    expect(codes(flavour, before, after)).toEqual(['EPERM', code]);
  });
});
