import { open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { io, type Socket } from 'socket.io-client';
import * as parser from 'socket.io-msgpack-parser';
import { FrameSocket, packed } from '../fuzz/frame-socket';
import { GroupHarness, type ReplicaHandle } from './group-harness';
import { rest } from './rest-client';

jest.setTimeout(180_000);

const event = (data: unknown): Buffer => packed({ type: 2, nsp: '/client', data });

describe('bad frames and damaged folders', () => {
  let group: GroupHarness;
  let primary: ReplicaHandle;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    group = await GroupHarness.start();
    primary = await group.primary();
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.disconnect();
  });
  afterAll(() => group.stop());

  function dial(namespace: string): Socket {
    const options = { parser, transports: ['websocket'], forceNew: true, reconnection: false };
    const socket = io(`${primary.url}${namespace}`, options);
    sockets.push(socket);
    return socket;
  }

  /** The answers to one frame. */
  async function ask(items: unknown): Promise<unknown[]> {
    const socket = dial('/client');
    const answers = new Promise<unknown[]>((resolve) => socket.once('answers', resolve));
    socket.emit('requests', items);
    return answers;
  }

  /** Why the server ends the connection on which this frame is sent. */
  async function refusalOf(items: unknown): Promise<unknown> {
    const socket = dial('/client');
    const over = new Promise((resolve) => socket.once('disconnect', resolve));
    const refused = new Promise((resolve) => socket.once('refused', resolve));
    socket.emit('requests', items);
    await over;
    return refused;
  }

  it.each([
    ['an item with nothing to do', { id: 1 }, ''],
    ['an operation that is text', { id: 1, service: 'locks', op: 'acquire' }, 'op'],
    ['an item field nobody knows', { id: 1, service: 'locks', op: {}, colour: 1 }, 'colour'],
    ['a service that is a number', { id: 1, service: 7, op: {} }, 'service'],
    ['an unknown kind of operation', { id: 1, service: 'locks', op: { kind: 'eat' } }, 'kind'],
    ['an unknown kind of query', { id: 1, service: 'counter', query: { kind: 'eat' } }, 'kind'],
    [
      'a name of 10 kB',
      { id: 1, service: 'counter', op: { kind: 'add', name: 'n'.repeat(10_000) } },
      'name',
    ],
    [
      'bytes for text',
      { id: 1, service: 'counter', op: { kind: 'add', name: Buffer.from('n') } },
      'name',
    ],
    [
      'a number without a session',
      { id: 1, service: 'counter', op: { kind: 'reset', name: 'n' }, requestNumber: 1 },
      'session',
    ],
    ['a session that is none', { id: 1, keepAlive: 'nobody' }, 'session'],
    ['a timeout without end', { id: 1, keepAlive: '1-0', timeoutMs: 1e12 }, 'timeoutMs'],
    [
      'a wait where nothing is waited for',
      { id: 1, service: 'counter', query: { kind: 'get', name: 'n' }, waitMs: 5 },
      'waitMs',
    ],
  ])('answers %s with the field at fault', async (_, item, field) => {
    expect(await ask([item])).toMatchObject([{ id: 1, problem: { code: 'malformed', field } }]);
  });

  it('answers the good items of a frame beside the bad ones', async () => {
    const good = { id: 2, service: 'counter', query: { kind: 'get', name: 'n' } };
    const socket = dial('/client');
    const answers = new Map<number, object>();
    const both = new Promise<void>((resolve) => {
      socket.on('answers', (some: { id: number }[]) => {
        for (const answer of some) answers.set(answer.id, answer);
        if (answers.size === 2) resolve();
      });
    });
    socket.emit('requests', [{ id: 1, service: 'nothing', op: { kind: 'x' } }, good]);
    await both;
    expect(answers.get(1)).toMatchObject({ problem: { code: 'unknown-service', status: 404 } });
    expect(answers.get(2)).toMatchObject({ result: { name: 'n', value: 0 } });
  });

  it.each([
    ['a frame that is no list', { id: 1 }, 'requests must be an array of items'],
    ['an item without an id', [{ keepAlive: '1-0' }], 'an item has no readable id'],
    ['an id that is text', [{ id: 'one', keepAlive: '1-0' }], 'an item has no readable id'],
    [
      'too many items',
      Array.from({ length: 4097 }, (_, id) => ({ id })),
      'a frame has at most 4096 items, not 4097',
    ],
  ])('ends the connection after %s, with a reason', async (_, items, reason) => {
    expect(await refusalOf(items)).toBe(reason);
  });

  it('survives a frame nested so deep that it cannot be read', async () => {
    let nested: unknown = 'core';
    for (let depth = 0; depth < 2000; depth += 1) nested = [nested];
    const item = { id: 1, service: 'counter', op: { kind: 'add', name: nested } };
    expect(await ask([item])).toMatchObject([{ problem: { code: 'malformed', field: 'name' } }]);
  });

  it.each([
    ['an event whose name cannot be made text', event([{ toString: 1, valueOf: 1 }])],
    ['an event that sockets emit to themselves', event(['disconnect'])],
    ['sixty arrays of thirty million elements', Buffer.from('dd01ffffff'.repeat(60), 'hex')],
    ['an extension of four gigabytes', Buffer.from('c9fffffff000', 'hex')],
    ['what is no msgpack', Buffer.from('c1', 'hex')],
  ])('ends the connection after %s, and works on in the same process', async (_, frame) => {
    const { pid } = primary;
    const socket = new FrameSocket(primary.port);
    expect(await socket.enter('/client', {})).toBe(true);
    socket.send(frame);
    await socket.until(() => false);
    expect(socket.closed).toBe(true);
    expect((await rest(`${primary.url}/v1/counter/after`, 'POST', {})).status).toBe(200);
    expect(primary.pid).toBe(pid);
  });

  it('refuses a peer that cannot prove who it is, says so in its log, and goes on', async () => {
    const socket = dial('/peers');
    const refused = new Promise<Error>((resolve) => socket.once('connect_error', resolve));
    expect((await refused).message).toContain('hello');
    expect(primary.log).toMatch(/handshake with a connection from .* refused/);
    expect((await rest(`${primary.url}/v1/counter/after`, 'POST', {})).status).toBe(200);
  });

  it('takes a replica with a damaged database back from the others, whole', async () => {
    await rest(`${primary.url}/v1/fs/main/path/kept`, 'PUT', { type: 'dir' });
    const [backup] = await group.backups();
    if (backup === undefined) throw new Error('there is no backup');
    await backup.terminate();
    await flipByte(join(backup.dataFolder, 'replica.sqlite'));
    await group.startAll();
    expect(backup.log).toContain('lost');
    const kept = await rest(`${backup.url}/v1/fs/main/path/kept`);
    expect(kept).toMatchObject({ status: 200, body: { type: 'dir' } });
    const digests = await Promise.all(
      [primary, backup].map(async ({ url }) => (await rest(`${url}/v1/fs/main/digest`)).body),
    );
    expect(digests[1]?.['digest']).toBe(digests[0]?.['digest']);
  });

  it('refuses to start without its promise, in one line', async () => {
    const [backup] = await group.backups();
    if (backup === undefined) throw new Error('there is no backup');
    await backup.kill();
    await rm(join(backup.dataFolder, 'promise.a'));
    await rm(join(backup.dataFolder, 'promise.b'));
    backup.spawn();
    expect(await backup.ended()).toBe(2);
    expect(backup.farewell).toContain('promise');
  });
});

/** Somewhere in the middle, where there are rows. */
async function flipByte(file: string): Promise<void> {
  const { size } = await stat(file);
  const place = Math.floor(size / 2);
  const byte = (await readFile(file))[place] ?? 0;
  const handle = await open(file, 'r+');
  await handle.write(Buffer.from([byte ^ 0xff]), 0, 1, place);
  await handle.close();
}
