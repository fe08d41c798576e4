import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import * as msgpackParser from 'socket.io-msgpack-parser';
import { connect, NoPrimaryError } from '@lockstep/client';

interface Item {
  readonly id: number;
  readonly op?: { readonly kind: string };
}

/** One replica's door and nothing behind it: a real socket, so that the wire is what is tested. */
async function openDoor(answer: (item: Item) => object | undefined) {
  const http: HttpServer = createServer((_, response) => response.writeHead(404).end('{}'));
  const io = new Server(http, {
    transports: ['websocket'],
    parser: msgpackParser,
    perMessageDeflate: false,
    serveClient: false,
  });
  const frames: Item[][] = [];
  let wasAsked: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (wasAsked = resolve));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  io.of('/client').on('connection', (socket) => {
    socket.emit('view', { epoch: 0, view: 0, primary: 'a', url, replica: 'a' });
    socket.on('requests', (items: Item[]) => {
      frames.push(items);
      wasAsked();
      const answers = items.map((item) => ({ id: item.id, ...answer(item) }));
      if (answers.some((each) => Object.keys(each).length > 1)) socket.emit('answers', answers);
    });
  });
  const close = async (): Promise<void> => {
    const closed = io.close();
    // Its connections for HTTP are kept alive by whoever asked.
    http.closeAllConnections();
    await closed;
  };
  return { url, frames, asked, close };
}

describe('the socket of a client', () => {
  it('speaks msgpack on /client, a turn in a frame', async () => {
    const door = await openDoor(() => ({ op: '1.0', result: { name: 'c', value: 2 ** 40 } }));
    const client = await connect({ endpoints: [door.url] });
    expect(await Promise.all([client.counters.add('c'), client.counters.add('c')])).toEqual([
      2 ** 40,
      2 ** 40,
    ]);
    expect(door.frames.map((items) => items.length)).toEqual([2]);
    expect(door.frames[0]![0]).toMatchObject({ service: 'counter', op: { kind: 'add', by: 1 } });
    await client.close();
    await door.close();
  });

  it('goes over to another replica when it closes, with what was asked', async () => {
    const second = await openDoor(() => ({ op: '1.0', result: { name: 'c', value: 7 } }));
    const first = await openDoor(() => undefined);
    const client = await connect({ endpoints: [first.url, second.url] });
    const adding = client.counters.add('c');
    await first.asked;
    await first.close();
    expect(await adding).toBe(7);
    expect(second.frames[0]![0]).toEqual(first.frames[0]![0]);
    await client.close();
    await second.close();
  });

  it('tells when nobody is there', async () => {
    const door = await openDoor(() => undefined);
    await door.close();
    await expect(connect({ endpoints: [door.url], timeoutMs: 200 })).rejects.toThrow(
      NoPrimaryError,
    );
  });
});
