import type { SessionId } from '@lockstep/vr-core';
import { VOLUME_DEFAULTS } from '../model/volume';
import { FilesWithTables } from '../twin/files-with-tables';
import { at, bytesOf, type SoloProcess } from '../twin/solo-files';
import { decodeFileChange } from '../watch/change';
import type { Life } from '../wire/operations';
import type { FileResult } from '../wire/outcomes';

interface Wish {
  readonly life?: Life;
  readonly sequential?: boolean;
  readonly exclusive?: boolean;
  readonly parents?: boolean;
}

const PERMANENT: Life = { kind: 'permanent' };
const EPHEMERAL: Life = { kind: 'ephemeral' };
const CONTAINER: Life = { kind: 'container' };
const ttl = (ttlMs: number): Life => ({ kind: 'ttl', ttlMs });

function createAs(process: SoloProcess, path: string, wish: Wish): FileResult {
  const { life = PERMANENT, sequential = false, exclusive = true } = wish;
  return process.run({
    ...{ kind: 'create', path: bytesOf(path), mode: 0o644 },
    ...{ exclusive, sequential, life },
  });
}

function mkdirAs(process: SoloProcess, path: string, wish: Wish): FileResult {
  const { life = PERMANENT, sequential = false, parents = false } = wish;
  return process.run({
    ...{ kind: 'mkdir', path: bytesOf(path), mode: 0o755 },
    ...{ parents, sequential, life },
  });
}

/** The errno and the rule, the completed name, or `ok`. */
function told(result: FileResult): string {
  if (result.kind === 'refused')
    return `${result.code}${result.rule === undefined ? '' : ` ${result.rule}`}`;
  return result.kind === 'created' ? result.name : 'ok';
}

const remove = (process: SoloProcess, path: string, trash = false): string =>
  process.call({ kind: 'remove', path: bytesOf(path), recursive: true, trash });

/** Files, root without a session, and root with one. */
function start() {
  const files = new FilesWithTables();
  const root = files.process();
  const withSession = (session: SessionId): SoloProcess => {
    const process = files.process();
    process.options = { session };
    return process;
  };
  const session = files.solo.openSession({ ttlMs: 10_000 });
  return { files, root, session, holder: withSession(session), withSession };
}

/** Nothing is left of what goes by itself. */
const leftOf = ({ tables }: FilesWithTables): readonly number[] => [
  ...[tables.ephemerals.size, tables.expiries.size, tables.extra.size],
];

describe('an ephemeral file', () => {
  it('goes when its session is closed, and watchers are told', () => {
    const { files, root, session, holder } = start();
    expect(told(createAs(holder, '/e', { life: EPHEMERAL }))).toBe('ok');
    root.create('/f');
    files.solo.advance(5_000);
    expect(root.names('/')).toEqual(['e', 'f']);
    files.solo.closeSession(session);
    expect(root.names('/')).toEqual(['f']);
    const last = files.solo.events.filter(({ service }) => service === 'files').at(-1);
    expect(decodeFileChange(last?.bytes as Uint8Array)).toMatchObject({
      change: 'removed',
      path: '/e',
    });
    expect(leftOf(files)).toEqual([0, 0, 0]);
  });

  it('goes when its session expires', () => {
    const { files, root, holder } = start();
    createAs(holder, '/e', { life: EPHEMERAL });
    files.solo.advance(10_001);
    expect(root.names('/')).toEqual([]);
  });

  it('is that of its own session alone', () => {
    const { files, root, session, holder, withSession } = start();
    const other = files.solo.openSession({ ttlMs: 1_000_000 });
    createAs(holder, '/one', { life: EPHEMERAL });
    createAs(withSession(other), '/other', { life: EPHEMERAL });
    files.solo.closeSession(session);
    expect(root.names('/')).toEqual(['other']);
    files.solo.closeSession(other);
    expect(root.names('/')).toEqual([]);
  });

  it('is a file, and needs a session', () => {
    const { root, holder } = start();
    expect(told(createAs(root, '/e', { life: EPHEMERAL }))).toBe('EINVAL no-session');
    expect(told(mkdirAs(holder, '/e', { life: EPHEMERAL }))).toBe('EINVAL wrong-type');
    expect(root.names('/')).toEqual([]);
  });

  it('goes wherever it was moved to, as long as a directory around it too', () => {
    const { files, root, session, holder } = start();
    root.mkdir('/d');
    createAs(holder, '/a', { life: EPHEMERAL });
    createAs(holder, '/b', { life: EPHEMERAL });
    createAs(holder, '/c', { life: EPHEMERAL });
    root.create('/f');
    root.rename('/a', '/d/a');
    root.rename('/d', '/moved');
    root.rename('/b', '/f', 'exchange');
    root.rename('/c', '/c');
    files.solo.closeSession(session);
    expect([root.names('/'), root.names('/moved')]).toEqual([['b', 'moved'], []]);
    expect(leftOf(files)).toEqual([0, 0, 0]);
  });

  it('has one name: no link is made to it', () => {
    const { root, holder } = start();
    createAs(holder, '/e', { life: EPHEMERAL });
    expect(root.link('/e', '/f')).toBe('EPERM');
  });

  it('that was removed or replaced before is not missed', () => {
    const { files, root, session, holder } = start();
    for (const name of ['a', 'b', 'c']) createAs(holder, `/${name}`, { life: EPHEMERAL });
    root.create('/f');
    root.unlink('/a');
    root.rename('/f', '/b');
    remove(root, '/c');
    expect(leftOf(files)).toEqual([0, 0, 0]);
    root.create('/a');
    files.solo.closeSession(session);
    expect(root.names('/')).toEqual(['a', 'b']);
  });

  it('that is open is there until it is closed', () => {
    const { files, root, session, holder, withSession } = start();
    createAs(holder, '/e', { life: EPHEMERAL });
    const reader = withSession(files.solo.openSession({ ttlMs: 1_000_000 }));
    const opened = reader.run({ kind: 'open', path: bytesOf('/e'), flags: ['RDONLY'], mode: 0 });
    const handle = opened.kind === 'opened' ? opened.handle : 0;
    files.solo.closeSession(session);
    expect(root.names('/')).toEqual([]);
    const object = { kind: 'handle', handle } as const;
    expect(reader.run({ kind: 'stat', object })).toMatchObject({ attributes: { nlink: 0 } });
    expect(reader.call({ kind: 'close', object })).toBe('ok');
    expect(leftOf(files)).toEqual([0, 0, 0]);
  });

  it('is not made of a file that is there', () => {
    const { files, root, session, holder } = start();
    root.create('/f');
    expect(told(createAs(holder, '/f', { life: EPHEMERAL, exclusive: false }))).toBe('ok');
    files.solo.closeSession(session);
    expect(root.names('/')).toEqual(['f']);
  });

  it('is not kept in the trash; one in a directory that is there goes with its session', () => {
    const { files, root, session, holder } = start();
    root.mkdir('/d');
    root.create('/d/f');
    createAs(holder, '/d/e', { life: EPHEMERAL });
    createAs(holder, '/e', { life: EPHEMERAL });
    expect([remove(root, '/e', true), remove(root, '/d', true)]).toEqual(['ok', 'ok']);
    const listing = root.run({ kind: 'listtrash', after: undefined, limit: 10 });
    const entries = listing.kind === 'trash' ? listing.entries : [];
    expect(entries.map(({ path }) => path)).toEqual(['/d']);
    files.solo.closeSession(session);
    const id = entries[0]?.id as string;
    expect(root.call({ kind: 'restore', id, to: undefined })).toBe('ok');
    expect(root.names('/d')).toEqual(['f']);
    expect(files.tables.ephemerals.size).toBe(0);
  });

  it('that is being purged is left to the purge', () => {
    const { files, root, session, holder } = start();
    root.mkdir('/d');
    createAs(holder, '/d/e', { life: EPHEMERAL });
    remove(root, '/d');
    files.solo.closeSession(session);
    files.solo.advance(VOLUME_DEFAULTS.historyMs + 1_000);
    expect([files.tables.inodes.size, files.tables.purges.size]).toEqual([1, 0]);
    expect(leftOf(files)).toEqual([0, 0, 0]);
  });

  it.each(['closed', 'expired'])('of many of a session that is %s goes in steps', (how) => {
    const { files, root, session, holder } = start();
    for (let n = 0; n < 350; n += 1) createAs(holder, `/${n}`, { life: EPHEMERAL });
    if (how === 'closed') files.solo.closeSession(session);
    else {
      files.solo.stall(10_001);
      files.solo.keepalive();
    }
    const left = root.names('/').length;
    expect(left).toBeLessThan(350);
    if (how === 'closed') expect(left).toBe(250);
    files.solo.advance(1);
    expect(root.names('/')).toEqual([]);
    expect(leftOf(files)).toEqual([0, 0, 0]);
  });
});

describe('a file with a time to live', () => {
  it('goes when nothing has changed it for that time, not before', () => {
    const { files, root } = start();
    createAs(root, '/t', { life: ttl(1_000) });
    files.solo.advance(999);
    expect(root.names('/')).toEqual(['t']);
    files.solo.advance(1);
    expect(root.names('/')).toEqual([]);
    expect(leftOf(files)).toEqual([0, 0, 0]);
  });

  const changes: Readonly<Record<string, (process: SoloProcess) => string>> = {
    chmod: (process) => process.chmod('/t', 0o600),
    truncate: (process) => process.truncate('/t', 10),
    rename: (process) => process.rename('/t', '/u'),
    link: (process) => process.link('/t', '/u'),
    setxattr: (process) =>
      process.call({
        ...{ kind: 'setxattr', object: at('/t'), name: bytesOf('user.a') },
        ...{ value: new Uint8Array(1), how: 'any' },
      }),
  };
  it.each(Object.keys(changes))('has all its time again after %s', (name) => {
    const { files, root } = start();
    createAs(root, '/t', { life: ttl(1_000) });
    files.solo.advance(600);
    expect(changes[name]?.(root)).toBe('ok');
    files.solo.advance(999);
    expect(root.names('/')).not.toEqual([]);
    files.solo.advance(1);
    expect(root.names('/')).toEqual([]);
    expect(leftOf(files)).toEqual([0, 0, 0]);
  });

  it('does not live longer for being looked at', () => {
    const { files, root } = start();
    createAs(root, '/t', { life: ttl(1_000) });
    files.solo.advance(600);
    root.stat('/t');
    createAs(root, '/t', { life: PERMANENT, exclusive: false });
    files.solo.advance(400);
    expect(root.names('/')).toEqual([]);
  });

  it('goes with all its names', () => {
    const { files, root } = start();
    root.mkdir('/d');
    createAs(root, '/t', { life: ttl(1_000) });
    for (const path of ['/d/a', '/d/b', '/c']) root.link('/t', path);
    root.unlink('/t');
    root.rename('/c', '/e');
    root.unlink('/d/a');
    root.unlink('/d/b');
    files.solo.advance(1_000);
    expect([root.names('/'), root.names('/d')]).toEqual([['d'], []]);
    createAs(root, '/t', { life: ttl(1_000) });
    for (const path of ['/d/a', '/d/b', '/c']) root.link('/t', path);
    files.solo.advance(1_000);
    expect([root.names('/'), root.names('/d')]).toEqual([['d'], []]);
    expect(leftOf(files)).toEqual([0, 0, 0]);
  });

  it('goes after those that are due before, whatever the order they were made in', () => {
    const { files, root } = start();
    createAs(root, '/later', { life: ttl(3_000) });
    createAs(root, '/sooner', { life: ttl(1_000) });
    createAs(root, '/between', { life: ttl(2_000) });
    const seen = [1, 2, 3].map(() => {
      files.solo.advance(1_000);
      return root.names('/').join(' ');
    });
    expect(seen).toEqual(['between later', 'later', '']);
  });

  it('is one of many that go in steps', () => {
    const { files, root } = start();
    for (let n = 0; n < 700; n += 1) createAs(root, `/${n}`, { life: ttl(1_000) });
    files.solo.stall(1_000);
    files.solo.keepalive();
    const left = root.names('/').length;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(700);
    files.solo.advance(1);
    expect(root.names('/')).toEqual([]);
    expect(leftOf(files)).toEqual([0, 0, 0]);
  });

  it('does not expire in the trash, and does once it is restored', () => {
    const { files, root } = start();
    createAs(root, '/t', { life: ttl(1_000) });
    expect(remove(root, '/t', true)).toBe('ok');
    files.solo.advance(5_000);
    const listing = root.run({ kind: 'listtrash', after: undefined, limit: 10 });
    const id = listing.kind === 'trash' ? (listing.entries[0]?.id as string) : '';
    expect(root.call({ kind: 'restore', id, to: undefined })).toBe('ok');
    files.solo.advance(999);
    expect(root.names('/')).toEqual(['t']);
    files.solo.advance(1_001);
    expect(root.names('/')).toEqual([]);
  });
});

describe('a directory with a time to live', () => {
  it('goes only when it is empty, and its time begins when its last entry goes', () => {
    const { files, root } = start();
    mkdirAs(root, '/d', { life: ttl(1_000) });
    root.create('/d/f');
    files.solo.advance(10_500);
    expect(root.names('/d')).toEqual(['f']);
    root.unlink('/d/f');
    files.solo.advance(999);
    expect(root.names('/')).toEqual(['d']);
    files.solo.advance(1);
    expect(root.names('/')).toEqual([]);
    expect(leftOf(files)).toEqual([0, 0, 0]);
  });

  it('is found under the name and in the directory where it is by then', () => {
    const { files, root } = start();
    root.mkdir('/a');
    mkdirAs(root, '/d', { life: ttl(1_000) });
    root.rename('/d', '/a/e');
    files.solo.advance(1_000);
    expect(root.names('/a')).toEqual([]);
  });

  it('is only what mkdir has made: with parents, nothing becomes of one that is there', () => {
    const { files, root } = start();
    root.mkdir('/d');
    expect(told(mkdirAs(root, '/d', { life: ttl(1_000), parents: true }))).toBe('ok');
    expect(told(mkdirAs(root, '/n/e', { life: ttl(1_000), parents: true }))).toBe('ok');
    files.solo.advance(1_000);
    expect([root.names('/'), root.names('/n')]).toEqual([['d', 'n'], []]);
  });
});

describe('a container', () => {
  it('goes with its last entry, once it has had one', () => {
    const { files, root } = start();
    expect(told(createAs(root, '/c', { life: CONTAINER }))).toBe('EINVAL wrong-type');
    mkdirAs(root, '/c', { life: CONTAINER });
    files.solo.advance(1_000_000);
    root.create('/c/f');
    root.create('/c/g');
    root.unlink('/c/f');
    expect(root.names('/')).toEqual(['c']);
    root.unlink('/c/g');
    expect(root.names('/')).toEqual([]);
  });

  const ends: Readonly<Record<string, (process: SoloProcess) => string>> = {
    'moved out': (process) => process.rename('/c/d', '/out'),
    removed: (process) => process.rmdir('/c/d'),
    'taken away as a tree': (process) => [process.create('/c/d/f'), remove(process, '/c/d')].join(),
    'put in the trash': (process) => remove(process, '/c/d', true),
  };
  it.each(Object.keys(ends))('goes when its last entry is %s', (name) => {
    const { root } = start();
    mkdirAs(root, '/c', { life: CONTAINER });
    root.mkdir('/c/d');
    expect(ends[name]?.(root)).toMatch(/^ok/);
    expect(root.names('/')).not.toContain('c');
    expect(root.attributes('/')).toMatchObject({ nlink: name === 'moved out' ? 3 : 2 });
  });

  it('takes with it the container it was in', () => {
    const { root } = start();
    mkdirAs(root, '/a', { life: CONTAINER });
    mkdirAs(root, '/a/b', { life: CONTAINER });
    root.create('/a/b/f');
    root.unlink('/a/b/f');
    expect(root.names('/')).toEqual([]);
  });

  it('goes with the session of its last entry', () => {
    const { files, root, session, holder } = start();
    mkdirAs(root, '/c', { life: CONTAINER });
    createAs(holder, '/c/e', { life: EPHEMERAL });
    files.solo.closeSession(session);
    expect(root.names('/')).toEqual([]);
  });

  it('stays when entries change places or names in it', () => {
    const { root } = start();
    mkdirAs(root, '/c', { life: CONTAINER });
    root.create('/c/f');
    root.create('/g');
    root.rename('/c/f', '/c/h');
    root.rename('/c/h', '/g', 'exchange');
    expect(root.names('/c')).toEqual(['h']);
  });
});

describe('a copy of what goes by itself', () => {
  it('is permanent', () => {
    const { files, root, session, holder } = start();
    createAs(holder, '/e', { life: EPHEMERAL });
    createAs(root, '/t', { life: ttl(1_000) });
    mkdirAs(root, '/c', { life: CONTAINER });
    for (const path of ['/e', '/t', '/c']) {
      const [from, to] = [bytesOf(path), bytesOf(`${path}-copy`)];
      expect(root.call({ kind: 'clone', from, to, recursive: true })).toBe('ok');
    }
    files.solo.closeSession(session);
    files.solo.advance(5_000);
    root.create('/c-copy/f');
    root.unlink('/c-copy/f');
    expect(root.names('/')).toEqual(['c', 'c-copy', 'e-copy', 't-copy']);
    expect(leftOf(files)).toEqual([0, 0, 0]);
  });
});

describe('a sequential name', () => {
  const next = (process: SoloProcess, path: string, life: Life = PERMANENT): string =>
    told(createAs(process, path, { sequential: true, life }));

  it('is completed by a number of the directory that rises and is never used again', () => {
    const { root } = start();
    root.mkdir('/q');
    expect([next(root, '/q/a-'), next(root, '/q/b-')]).toEqual(['a-0000000000', 'b-0000000001']);
    root.unlink('/q/b-0000000001');
    expect(next(root, '/q/b-')).toBe('b-0000000002');
    expect(told(mkdirAs(root, '/q/d-/', { sequential: true }))).toBe('d-0000000003');
    expect(next(root, '/first')).toBe('first0000000000');
    expect(root.names('/q')).toEqual(['a-0000000000', 'b-0000000002', 'd-0000000003']);
  });

  it('is told with what was made', () => {
    const { root } = start();
    const result = createAs(root, '/x', { sequential: true });
    const attributes = root.attributes('/x0000000000');
    expect(result).toEqual({ kind: 'created', name: 'x0000000000', attributes });
  });

  it('passes over a name that is taken', () => {
    const { root } = start();
    root.create('/x0000000001');
    expect([1, 2].map(() => next(root, '/x'))).toEqual(['x0000000000', 'x0000000002']);
  });

  it('takes no number when it is refused', () => {
    const { files, root } = start();
    const ann = files.process({ uid: 1, gids: [1] });
    const before = files.digest();
    expect(next(ann, '/x')).toBe('EACCES other-bits');
    expect(next(root, '/no/x')).toBe('ENOENT');
    expect(next(root, '/x/')).toBe('EISDIR');
    expect(next(root, '/.')).toBe('EEXIST');
    expect(next(root, '/e', EPHEMERAL)).toBe('EINVAL no-session');
    expect(files.digest()).toBe(before);
    expect(next(root, '/x')).toBe('x0000000000');
  });

  it('counts against the length of a name as a whole', () => {
    const { root } = start();
    expect(next(root, `/${'n'.repeat(246)}`)).toBe('ENAMETOOLONG');
    expect(next(root, `/${'n'.repeat(245)}`)).toBe(`${'n'.repeat(245)}0000000000`);
  });

  it('may be ephemeral: who is first in the line goes with his session', () => {
    const { files, root, session, holder, withSession } = start();
    root.mkdir('/line');
    const other = withSession(files.solo.openSession({ ttlMs: 1_000_000 }));
    expect(next(holder, '/line/n', EPHEMERAL)).toBe('n0000000000');
    expect(next(other, '/line/n', EPHEMERAL)).toBe('n0000000001');
    files.solo.closeSession(session);
    expect(root.names('/line')).toEqual(['n0000000001']);
  });
});
