import { counter, fileSystem, lockManager } from '@lockstep/state-machines';
import { createSolo, nameKey, type Solo } from '@lockstep/vr-core';
import { sha256 } from '../replica-host/hash';
import { CONTRACTS } from './contracts';
import { textOf, type JsonObject } from './json';
import { Problem } from './problem';
import { readName } from './request-naming';
import type { Moment, ServiceContract } from './service-contract';

/** The services behind their JSON, without a group: what is asked and what is answered. */
class Desk {
  readonly solo: Solo = createSolo([lockManager(), fileSystem(), counter()]);
  private key = 0;

  /** The body of the answer, or the problem. */
  do(service: string, op: JsonObject, session?: string): JsonObject | Problem {
    this.key += 1;
    const idempotencyKey = `${this.key}`;
    const { naming, name } = readName({ session, key: idempotencyKey }, 'local', sha256);
    const contract = contractOf(service);
    return tried(() => {
      const operation = contract.operation(op, {
        ...naming,
        request: nameKey({ name, principal: 'local' }),
      });
      const answer = this.solo.submit(service, operation, { idempotencyKey });
      if (answer.kind === 'problem') throw new Problem(answer.code);
      return contract.outcome(answer.bytes, op, this.moment).body;
    });
  }

  ask(service: string, query: JsonObject): JsonObject | Problem {
    const contract = contractOf(service);
    return tried(() => {
      const { bytes } = this.solo.read(service, contract.query(query));
      return contract.answer(bytes, query, this.moment).body;
    });
  }

  open(): string {
    const opened = this.do('sessions', { kind: 'open', ttlMs: 10_000 });
    return textOf((opened as JsonObject)['id']);
  }

  private get moment(): Moment {
    return { clusterMs: this.solo.clusterMs, epochNumber: 0, viewNumber: 3, generation: 1 };
  }
}

function contractOf(service: string): ServiceContract {
  const contract = CONTRACTS.get(service);
  if (contract === undefined) throw new Error(`there is no contract of ${service}`);
  return contract;
}

function tried(work: () => JsonObject): JsonObject | Problem {
  try {
    return work();
  } catch (fault) {
    if (fault instanceof Problem) return fault;
    throw fault;
  }
}

const malformedIn = (field: string) => ({ code: 'malformed', members: { field } });

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

describe('locks in JSON', () => {
  it('grants with a fence as a decimal string and a sequencer that can be checked', () => {
    const session = desk.open();
    const granted = desk.do('locks', { kind: 'acquire', lock: 'a;b', session }) as JsonObject;
    const fence = `${2n ** 44n + 1n}`;
    expect(granted).toMatchObject({ state: 'granted', fence, sequencer: `a;b;exclusive;${fence}` });
    const check = () =>
      desk.ask('locks', { kind: 'check', sequencers: [granted['sequencer'] ?? ''] });
    expect(check()).toEqual({ results: [{ valid: true, currentFence: fence }] });
    desk.do('locks', { kind: 'release', lock: 'a;b', session, fence });
    expect(check()).toEqual({ results: [{ valid: false }] });
  });

  it('takes the session of the item where the operation names none', () => {
    const session = desk.open();
    const granted = desk.do('locks', { kind: 'acquire', lock: 'door' }, session);
    expect(granted).toMatchObject({ state: 'granted' });
  });

  it('shows for how long something has lasted, and what is left of a wait', () => {
    const [ann, bob] = [desk.open(), desk.open()];
    desk.do('locks', { kind: 'acquire', lock: 'door', session: ann, note: 'mine' });
    desk.do('locks', { kind: 'acquire', lock: 'door', session: bob, waitMs: 5_000 });
    desk.solo.stall(2_000);
    expect(desk.ask('locks', { kind: 'lock', lock: 'door' })).toMatchObject({
      holders: [{ session: ann, note: 'mine', sinceMs: 2_000, expiresInMs: 8_000 }],
      waiters: [{ session: bob, position: 1, sinceMs: 2_000, waitLeftMs: 3_000 }],
    });
    expect(desk.ask('locks', { kind: 'locks', state: 'waited' })).toMatchObject({
      locks: [{ name: 'door', waiters: 1, held: [{ mode: 'exclusive', holders: 1 }] }],
    });
  });

  it('says who stands in the way, and until when a delay lasts', () => {
    const ann = (
      desk.do('sessions', { kind: 'open', ttlMs: 5_000, lockDelayMs: 3_000 }) as JsonObject
    )['id'];
    desk.do('locks', { kind: 'acquire', lock: 'door', session: ann });
    const bob = textOf((desk.do('sessions', { kind: 'open', ttlMs: 60_000 }) as JsonObject)['id']);
    const tried = () =>
      desk.do('locks', { kind: 'acquire', lock: 'door', session: bob, waitMs: 0 });
    expect(tried()).toMatchObject({ code: 'lock-held', members: { holder: { session: ann } } });
    desk.solo.advance(5_000);
    expect(tried()).toMatchObject({ code: 'lock-delay', members: { retryAfterMs: 3_000 } });
  });

  it.each([
    [{ kind: 'acquire', lock: '', session: '1-0' }, 'lock'],
    [{ kind: 'acquire', lock: 'x'.repeat(513), session: '1-0' }, 'lock'],
    [{ kind: 'acquire', lock: 'door' }, 'session'],
    [{ kind: 'acquire', lock: 'door', session: '1-0', mode: 'odd' }, 'mode'],
    [{ kind: 'acquire', lock: 'door', session: '1-0', waitMs: -1 }, 'waitMs'],
    [{ kind: 'release', lock: 'door', session: '1-0', fence: '007' }, 'fence'],
    [{ kind: 'release', lock: 'door', session: '1-0', fence: 2 ** 53 }, 'fence'],
    [{ kind: 'cancel', request: 5 }, 'request'],
    [{ kind: 'cancel', request: 'r', lock: 'door' }, 'lock'],
  ])('refuses %j, naming %s', (op, field) => {
    expect(desk.do('locks', op as JsonObject)).toMatchObject(malformedIn(field));
  });

  it('names the field of a query as the query does', () => {
    expect(desk.ask('locks', { kind: 'lock', lock: 7 })).toMatchObject(malformedIn('lock'));
    expect(desk.ask('locks', { kind: 'locks', limit: 0 })).toMatchObject(malformedIn('limit'));
    const check = desk.ask('locks', { kind: 'check', sequencers: ['a;exclusive;1', 'b'] });
    expect(check).toMatchObject(malformedIn('sequencers.1'));
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
    [{ kind: 'rename', from: '/a', to: '/b', flags: ['whiteout'] }, 'flags'],
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
