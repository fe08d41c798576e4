import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Calls } from '../contract/calls';
import { CONTRACTS } from '../contract/contracts';
import { Door } from '../contract/door';
import { KNOWN_KEY } from '../contract/fixed-moment';
import { textOf } from '../contract/json';
import { LockWatch } from '../contract/lock-watch';
import { LongPolls } from '../contract/long-poll';
import { Metrics } from '../observability/metrics';
import { sha256 } from '../replica-host/hash';
import {
  startMemoryGroup,
  stopMemoryGroup,
  type MemoryReplica,
} from '../replica-host/memory-group';
import { ClientSocket, type Emitter } from './client-socket';
import { OUTSTANDING_MAX, type ItemAnswer, type PushedEvent } from './protocol';
import { SessionRoutes } from './session-routes';
import { LOCAL } from '../access/principal';
import { AuditLog } from '../audit/audit-log';
import { AuditTrail } from '../contract/audit-trail';
import { LimitSettings } from '../config/settings/limit-settings';
import { intakeOf } from '../contract/intake';

/** What a client sees of its socket. */
class Wire implements Emitter {
  readonly frames: (readonly ItemAnswer[])[] = [];
  readonly events: PushedEvent[] = [];
  private readonly watchers = new Set<() => void>();

  emit(event: string, part: unknown): void {
    if (event === 'answers') this.frames.push(part as ItemAnswer[]);
    if (event === 'events') this.events.push(...(part as PushedEvent[]));
    for (const watcher of [...this.watchers]) watcher();
  }

  disconnect(): void {
    throw new Error('nothing here ends a connection');
  }

  get answers(): readonly ItemAnswer[] {
    return this.frames.flat();
  }

  answer(id: number): Promise<ItemAnswer> {
    return this.wait(() => this.answers.find((each) => each.id === id));
  }

  event(kind: string): Promise<PushedEvent> {
    return this.wait(() => this.events.find((each) => each.kind === kind));
  }

  private wait<T>(look: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const tryIt = (): void => {
        const found = look();
        if (found === undefined) return;
        this.watchers.delete(tryIt);
        resolve(found);
      };
      this.watchers.add(tryIt);
      tryIt();
    });
  }
}

describe('a socket of the client channel', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lockstep-client-socket-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  let group: MemoryReplica[];
  let routes: SessionRoutes;

  beforeEach(async () => {
    group = await startMemoryGroup(1);
    routes = new SessionRoutes((group[0] as MemoryReplica).hub);
  });
  afterEach(() => {
    stopMemoryGroup(group);
  });

  function connect(): { wire: Wire; socket: ClientSocket } {
    const { gateway, host, hub, turn, replica } = group[0] as MemoryReplica;
    const onFault = (fault: unknown): void => {
      throw fault;
    };
    const door = new Door();
    const parts = {
      contracts: CONTRACTS,
      intake: intakeOf(new LimitSettings()),
      audit: new AuditTrail(new AuditLog(join(folder, 'audit.log'))),
      gateway,
      door,
      hash: sha256,
      view: host.view,
      ownerOf: () => undefined,
      generation: 1,
      sequencers: KNOWN_KEY,
    };
    const calls = new Calls({ ...parts, onFault });
    const polls = new LongPolls(calls, new LockWatch(hub), replica.execution);
    const wire = new Wire();
    const metrics = new Metrics();
    return { wire, socket: new ClientSocket(wire, { calls, polls, routes, turn, metrics }, LOCAL) };
  }

  const openSession = { id: 0, service: 'sessions', op: { kind: 'open', ttlMs: 60_000 } };
  const acquire = (id: number, lock = 'door') => ({
    id,
    service: 'locks',
    op: { kind: 'acquire', lock },
  });

  async function withSession(): Promise<{ wire: Wire; socket: ClientSocket; session: string }> {
    const { wire, socket } = connect();
    socket.onRequests([openSession]);
    const opened = await wire.answer(0);
    if (!('result' in opened)) throw new Error('it was not opened');
    return { wire, socket, session: textOf(opened.result['id']) };
  }

  it('answers all operations of a frame that are decided together in one frame', async () => {
    const { wire, socket } = connect();
    const items = Array.from({ length: 50 }, (_, id) => ({
      id,
      service: 'counter',
      op: { kind: 'add', name: 'n' },
    }));
    socket.onRequests(items);
    const last = await wire.answer(49);
    expect(last).toMatchObject({ result: { value: 50 } });
    expect(wire.frames).toHaveLength(1);
    expect(wire.answers.map(({ id }) => id)).toEqual(items.map(({ id }) => id));
  });

  it('gives each answer its place in the log, and says when it is that of an earlier time', async () => {
    const { wire, socket, session } = await withSession();
    const op = { kind: 'add', name: 'n' };
    const named = { service: 'counter', op, session, requestNumber: 1 };
    socket.onRequests([{ id: 1, ...named }]);
    const first = await wire.answer(1);
    socket.onRequests([{ id: 2, ...named }]);
    expect(await wire.answer(2)).toEqual({ ...first, id: 2, replayed: true });
  });

  it('does not push a grant that the answer tells', async () => {
    const { wire, socket, session } = await withSession();
    socket.onRequests([{ ...acquire(1), session }]);
    expect(await wire.answer(1)).toMatchObject({ result: { state: 'granted' } });
    await nextTurn();
    expect(wire.events).toEqual([]);
  });

  it('pushes a grant to whoever waits for it, and the loss and the end to whoever it befalls', async () => {
    const ann = await withSession();
    const bob = await withSession();
    ann.socket.onRequests([{ ...acquire(1), session: ann.session }]);
    await ann.wire.answer(1);
    bob.socket.onRequests([{ ...acquire(1), session: bob.session }]);
    expect(await bob.wire.answer(1)).toMatchObject({ result: { state: 'queued' } });
    const close = { kind: 'close', session: ann.session };
    bob.socket.onRequests([{ id: 2, service: 'sessions', op: close }]);
    const granted = await bob.wire.event('lock.granted');
    expect(granted).toMatchObject({ session: bob.session, lock: 'door' });
    expect(granted).toHaveProperty('sequencer', `door;exclusive;${textOf(granted['fence'])}`);
    expect(await ann.wire.event('lock.lost')).toMatchObject({ cause: 'session-closed' });
    expect(await ann.wire.event('session.ended')).toMatchObject({ cause: 'closed' });
    expect(bob.wire.events).toHaveLength(1);
  });

  it('pushes several locks that one request was granted as one event', async () => {
    const ann = await withSession();
    const bob = await withSession();
    ann.socket.onRequests([{ ...acquire(1), session: ann.session }]);
    const held = await ann.wire.answer(1);
    const locks = [{ name: 'door' }, { name: 'gate', mode: 'shared' }];
    const all = { kind: 'acquire', locks };
    bob.socket.onRequests([{ id: 1, service: 'locks', op: all, session: bob.session }]);
    await bob.wire.answer(1);
    const fence = 'result' in held ? held.result['fence'] : undefined;
    const release = { kind: 'release', lock: 'door', fence };
    ann.socket.onRequests([{ id: 2, service: 'locks', op: release, session: ann.session }]);
    expect(await bob.wire.event('lock.granted')).toMatchObject({
      session: bob.session,
      locks: [
        { lock: 'door', mode: 'exclusive' },
        { lock: 'gate', mode: 'shared' },
      ],
    });
    expect(bob.wire.events).toHaveLength(1);
    expect(ann.wire.events).toEqual([]);
  });

  it('tells a holder who wants its lock and until when, then that it is lost', async () => {
    const ann = await withSession();
    const bob = await withSession();
    ann.socket.onRequests([{ ...acquire(1), session: ann.session }]);
    const held = await ann.wire.answer(1);
    const fence = 'result' in held ? held.result['fence'] : undefined;
    const op = { kind: 'break', lock: 'door', fence, reason: 'stuck' };
    bob.socket.onRequests([{ id: 1, service: 'locks', op: { ...op, graceMs: 60_000 } }]);
    expect(await ann.wire.event('lock.break-requested')).toMatchObject({
      by: 'local',
      reason: 'stuck',
      leftMs: 60_000,
      fence,
    });
    bob.socket.onRequests([{ id: 2, service: 'locks', op }]);
    expect(await ann.wire.event('lock.lost')).toMatchObject({ cause: 'broken', fence });
    expect(bob.wire.events).toEqual([]);
  });

  it('tells the victim of a deadlock that it waits no more', async () => {
    const ann = await withSession();
    const bob = await withSession();
    const ask = (who: typeof ann, id: number, lock: string, more: object = {}) => {
      const op = { kind: 'acquire', lock, ...more };
      who.socket.onRequests([{ id, service: 'locks', op, session: who.session }]);
      return who.wire.answer(id);
    };
    await ask(ann, 1, 'a');
    await ask(bob, 1, 'b');
    await ask(ann, 2, 'b', { priority: -1 });
    await ask(bob, 2, 'a', { victim: 'lowest-priority' });
    expect(await ann.wire.event('lock.cancelled')).toMatchObject({ lock: 'b', cause: 'deadlock' });
  });

  it('tells who waits at a barrier that all have come, and nobody what an answer tells', async () => {
    const ann = await withSession();
    const bob = await withSession();
    const op = { kind: 'enter', barrier: 'start', parties: 2 };
    ann.socket.onRequests([{ id: 1, service: 'locks', op, session: ann.session }]);
    expect(await ann.wire.answer(1)).toMatchObject({ result: { state: 'queued' } });
    bob.socket.onRequests([{ id: 1, service: 'locks', op, session: bob.session }]);
    expect(await bob.wire.answer(1)).toMatchObject({ result: { state: 'granted' } });
    expect(await ann.wire.event('barrier.passed')).toMatchObject({ barrier: 'start' });
    expect(bob.wire.events).toEqual([]);
  });

  it('does not push the mode that the answer to a conversion tells', async () => {
    const { wire, socket, session } = await withSession();
    socket.onRequests([{ ...acquire(1), session }]);
    const held = await wire.answer(1);
    const fence = 'result' in held ? held.result['fence'] : undefined;
    const op = { kind: 'convert', lock: 'door', fence, mode: 'shared' };
    socket.onRequests([{ id: 2, service: 'locks', op, session }]);
    expect(await wire.answer(2)).toMatchObject({ result: { state: 'granted', mode: 'shared' } });
    await nextTurn();
    expect(wire.events).toEqual([]);
  });

  it('answers a query with waitMs when the request is granted', async () => {
    const ann = await withSession();
    const bob = await withSession();
    ann.socket.onRequests([{ ...acquire(1), session: ann.session }]);
    const held = await ann.wire.answer(1);
    bob.socket.onRequests([{ ...acquire(1), session: bob.session, requestNumber: 5 }]);
    await bob.wire.answer(1);
    const asked = { kind: 'request', request: `${bob.session}#5` };
    bob.socket.onRequests([{ id: 2, service: 'locks', query: asked, waitMs: 60_000 }]);
    const fence = 'result' in held ? held.result['fence'] : undefined;
    const release = { kind: 'release', lock: 'door', fence };
    ann.socket.onRequests([{ id: 2, service: 'locks', op: release, session: ann.session }]);
    expect(await bob.wire.answer(2)).toMatchObject({ result: { state: 'granted' } });
  });

  it('answers busy beyond what one socket may have under way', async () => {
    const { wire, socket } = connect();
    const item = { service: 'counter', query: { kind: 'get', name: 'n' } };
    stopMemoryGroup(group); // Nothing is answered from here on.
    for (let first = 0; first <= OUTSTANDING_MAX; first += 1000)
      socket.onRequests(Array.from({ length: 1000 }, (_, at) => ({ id: first + at, ...item })));
    const busy = await wire.answer(OUTSTANDING_MAX);
    expect(busy).toMatchObject({ problem: { code: 'busy', status: 503 } });
  });

  it('says nothing more after the disconnect, and leaves the session alone', async () => {
    const { wire, socket, session } = await withSession();
    socket.onRequests([{ ...acquire(1), session }]);
    socket.onDisconnect();
    const other = await withSession();
    other.socket.onRequests([{ ...acquire(1), session: other.session }]);
    expect(await other.wire.answer(1)).toMatchObject({ result: { state: 'queued' } });
    expect(wire.answers).toHaveLength(1);
  });
});
