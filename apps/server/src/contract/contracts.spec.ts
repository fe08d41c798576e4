import type { JsonObject } from './json';
import { Desk, malformedIn } from './solo-desk';

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
});

describe('sessions in JSON', () => {
  it('opens with what keeps it alive, and shows what remains of it', () => {
    const opened = desk.do('sessions', { kind: 'open', ttlMs: 10_000, name: 'ann' });
    expect(opened).toMatchObject({ ttlMs: 10_000, expiresInMs: 10_000, view: 3, incarnation: 1 });
    const session = (opened as JsonObject)['id'];
    desk.solo.stall(4_000);
    const shown = desk.ask('sessions', { kind: 'get', session });
    expect(shown).toMatchObject({ id: session, name: 'ann', expiresInMs: 6_000, openForMs: 4_000 });
  });

  it('lists in pages, each with where the next begins', () => {
    const ids = [desk.open(), desk.open(), desk.open()];
    const first = desk.ask('sessions', { kind: 'list', limit: 2 }) as JsonObject;
    expect(first).toMatchObject({ sessions: [{ id: ids[0] }, { id: ids[1] }], next: ids[1] });
    const rest = desk.ask('sessions', { kind: 'list', after: first['next'] });
    expect(rest).toMatchObject({ sessions: [{ id: ids[2] }] });
    expect(rest).not.toHaveProperty('next');
  });

  it('names the field that is at fault', () => {
    expect(desk.do('sessions', { kind: 'open', ttlMs: 1 })).toMatchObject(malformedIn('ttlMs'));
    expect(desk.do('sessions', { kind: 'open' })).toMatchObject(malformedIn('ttlMs'));
    expect(desk.do('sessions', { kind: 'shut' })).toMatchObject(malformedIn('kind'));
    const unknown = desk.do('sessions', { kind: 'open', ttlMs: 5_000, colour: 'red' });
    expect(unknown).toMatchObject(malformedIn('colour'));
  });
});

describe('files in JSON', () => {
  it('gives inode numbers and nanoseconds as decimal strings', () => {
    const made = desk.do('files', { kind: 'create', path: '/a', mode: 0o640 }) as JsonObject;
    expect(made).toMatchObject({ ino: '2', type: 'file', mode: 0o640, nlink: 1, uid: 0 });
    expect(made['mtimeNs']).toMatch(/^\d{19}$/);
    expect(desk.ask('files', { kind: 'stat', ino: '2' })).toEqual(made);
  });

  it.each(['0', '1', '-1', '-1500000000', '4294967296999999999', '1000000000'])(
    'gives a time of %s ns back as it was set',
    (ns) => {
      desk.do('files', { kind: 'create', path: '/a' });
      const set = desk.do('files', { kind: 'utimens', path: '/a', atime: ns, mtime: 'omit' });
      expect(set).toMatchObject({ atimeNs: ns });
    },
  );

  it('takes names that are no text as base64, and gives them so', () => {
    const pathBase64 = Buffer.from([0x2f, 0xff, 0x41]).toString('base64');
    desk.do('files', { kind: 'create', pathBase64 });
    desk.do('files', { kind: 'create', path: '/é' });
    expect(desk.ask('files', { kind: 'readdir', path: '/' })).toMatchObject({
      entries: [{ name: 'é' }, { nameBase64: Buffer.from([0xff, 0x41]).toString('base64') }],
    });
  });

  it('acts as the caller says', () => {
    const caller = { uid: 1000, gids: [1000], umask: 0o077 };
    desk.do('files', { kind: 'chmod', path: '/', mode: 0o1777 });
    const made = desk.do('files', { kind: 'mkdir', path: '/home', mode: 0o777, caller });
    expect(made).toMatchObject({ uid: 1000, gid: 1000, mode: 0o700 });
    const other = { ...caller, uid: 1001 };
    const refused = desk.do('files', { kind: 'rmdir', path: '/home', caller: other });
    expect(refused).toMatchObject({ code: 'EPERM', members: { path: '/home', rule: 'sticky' } });
  });

  it('leaves an id of -1 as it is', () => {
    desk.do('files', { kind: 'create', path: '/a' });
    const changed = desk.do('files', { kind: 'chown', path: '/a', uid: 5, gid: -1 });
    expect(changed).toMatchObject({ uid: 5, gid: 0 });
  });

  it('answers each operation of a batch, up to the first that is refused', () => {
    const ops = [
      { kind: 'mkdir', path: '/a' },
      { kind: 'mkdir', path: '/a' },
      { kind: 'mkdir', path: '/b' },
    ];
    expect(desk.do('files', { kind: 'batch', ops })).toMatchObject({
      results: [{ result: { type: 'dir' } }, { problem: { code: 'EEXIST', path: '/a' } }],
    });
    desk.do('files', { kind: 'batch', ops: [{ kind: 'mkdir', path: '/c' }, ...ops], atomic: true });
    expect(desk.ask('files', { kind: 'stat', path: '/c' })).toMatchObject({ code: 'ENOENT' });
  });

  it.each([
    [{ kind: 'create' }, 'path'],
    [{ kind: 'create', path: '/a', mode: 0o10000 }, 'mode'],
    [{ kind: 'create', path: '/a', pathBase64: 'L2E=' }, 'pathBase64'],
    [{ kind: 'create', pathBase64: 'L2E' }, 'pathBase64'],
    [{ kind: 'create', path: '/a', target: 'x' }, 'target'],
    [{ kind: 'chmod', ino: '2', path: '/a', mode: 0 }, 'ino'],
    [{ kind: 'chmod', ino: '2', follow: false, mode: 0 }, 'follow'],
    [{ kind: 'chmod', ino: `${2n ** 53n}`, mode: 0 }, 'ino'],
    [{ kind: 'utimens', path: '/a', atime: 5 }, 'atime'],
    [{ kind: 'rename', from: '/a', to: '/b', flags: ['swap'] }, 'flags'],
    [{ kind: 'mkdir', path: '/a', caller: { uid: 0, gids: [] } }, 'caller.gids'],
    [{ kind: 'mkdir', path: '/a', caller: { name: 'root' } }, 'caller.name'],
    [{ kind: 'batch', ops: [{ kind: 'mkdir', path: 5 }] }, 'ops.0.path'],
    [{ kind: 'batch', ops: [{ kind: 'readdir', path: '/' }] }, 'ops'],
  ])('refuses %j, naming %s', (op, field) => {
    expect(desk.do('files', op as JsonObject)).toMatchObject(malformedIn(field));
  });
});

describe('the counter in JSON', () => {
  it('adds one where nothing is said, and is refused where it would leave its range', () => {
    expect(desk.do('counter', { kind: 'add', name: 'n' })).toEqual({ name: 'n', value: 1 });
    expect(desk.do('counter', { kind: 'add', name: 'n', by: -2 })).toMatchObject({
      code: 'out-of-range',
      members: { value: 1 },
    });
    expect(desk.ask('counter', { kind: 'get', name: 'n' })).toEqual({ name: 'n', value: 1 });
  });
});
