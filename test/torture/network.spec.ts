import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { CLIENTS, Network } from '../../torture/src/network/network';
import { Proxy } from '../../torture/src/network/proxy';

/** What a WebSocket client sends: a request, then one masked frame. */
function dialled(text: string): Buffer {
  const mask = Buffer.from([1, 2, 3, 4]);
  const payload = Buffer.from(text).map((byte, n) => byte ^ (mask[n % 4] ?? 0));
  const frame = Buffer.concat([Buffer.from([0x82, 0x80 | payload.length]), mask, payload]);
  return Buffer.concat([Buffer.from('GET /socket.io HTTP/1.1\r\n\r\n'), frame]);
}

describe('the network between replicas', () => {
  let echo: Server;
  let network: Network;
  const opened: { close(): void }[] = [];

  beforeEach(async () => {
    network = new Network();
    echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
    echo.listen(0, '127.0.0.1');
    await once(echo, 'listening');
  });
  afterEach(() => {
    for (const one of opened.splice(0)) one.close();
    echo.close();
  });

  const proxyFor = async (diallers?: () => string[]): Promise<Proxy> => {
    const targetPort = (echo.address() as AddressInfo).port;
    const plan = { network, node: 'r0', targetPort, ...(diallers && { diallers }) };
    const proxy = await Proxy.open(plan);
    opened.push(proxy);
    return proxy;
  };
  const dial = (proxy: Proxy): Socket => {
    const socket = connect(Number(new URL(proxy.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    opened.push({ close: () => socket.destroy() });
    return socket;
  };

  it('carries what it is given', async () => {
    const socket = dial(await proxyFor());
    socket.write('hello');
    const [back] = (await once(socket, 'data')) as [Buffer];
    expect(back.toString()).toBe('hello');
  });

  it('breaks what is cut, and takes nothing new', async () => {
    const proxy = await proxyFor();
    const socket = dial(proxy);
    socket.write('hello');
    await once(socket, 'data');
    const over = once(socket, 'close');
    network.both(CLIENTS, 'r0', { kind: 'cut' });
    await over;
    await once(dial(proxy).resume(), 'close');
  });

  it('holds back what is mute in one direction, and lets it go later', async () => {
    const socket = dial(await proxyFor());
    await once(socket, 'connect');
    network.set('r0', CLIENTS, { kind: 'mute' });
    socket.write('hello');
    const heard: Buffer[] = [];
    socket.on('data', (bytes: Buffer) => heard.push(bytes));
    await new Promise((settle) => setTimeout(settle, 100));
    expect(heard).toEqual([]);
    network.clear([['r0', CLIENTS]]);
    if (heard.length === 0) await once(socket, 'data');
    expect(Buffer.concat(heard).toString()).toBe('hello');
  });

  it('knows who dials by what it says in its first frame', async () => {
    const proxy = await proxyFor(() => ['r1-aa', 'r2-bb']);
    network.both('r2-bb', 'r0', { kind: 'cut' });
    const welcome = dial(proxy);
    welcome.write(dialled('I am r1-aa'));
    await once(welcome, 'data');
    const cut = dial(proxy).resume();
    cut.write(dialled('I am r2-bb'));
    await once(cut, 'close');
  });
});
