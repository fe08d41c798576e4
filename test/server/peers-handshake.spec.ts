import { io, type Socket } from 'socket.io-client';
import * as parser from 'socket.io-msgpack-parser';
import { encodeMessage, replicaNumber, toByteString } from '@lockstep/vr-core';
import { encodeFrame } from '../../apps/server/src/peers/frame';
import { proofOf, type PeerIdentity } from '../../apps/server/src/peers/handshake';
import type { PeersOptions } from '../../apps/server/src/peers/socket-io-peers';
import { beat, secret, socketPeers, Witness, type SocketPeersFixture } from './peers-fixture';

const NO_TLS = new Uint8Array();

describe('the handshake of peers (decision 33)', () => {
  let fixture: SocketPeersFixture;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    fixture = await socketPeers();
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.disconnect();
    await fixture.dispose();
  });

  const start = async (number: number, change: Partial<PeersOptions> = {}) => {
    const channel = await fixture.openWith(number, change);
    const witness = new Witness();
    channel.start(witness);
    return { channel, witness };
  };

  const as = (number: number, change: Partial<PeerIdentity>): Partial<PeersOptions> => ({
    self: { ...fixture.identity(number), ...change },
  });

  it.each<[string, () => Partial<PeersOptions>, RegExp]>([
    ['another group', () => as(1, { groupId: 'group-2' }), /group group-2 is not group-1/],
    ['another generation', () => as(1, { generation: 2 }), /generation 2 of this group is not 1/],
    ['another node id', () => as(1, { nodeId: 'r1-zz' }), /r1-zz is not replica 1/],
    ['a member under another number', () => as(3, { nodeId: 'r2-c' }), /r2-c is replica 2 of/],
    ['other services', () => as(1, { formats: ['locks@2'] }), /formats differ/],
  ])('refuses %s, with the reason at both ends', async (_, lie, reason) => {
    const honest = await start(0);
    const liar = await start(lie().self?.replicaNumber ?? 1, lie());
    await honest.witness.until(() => honest.witness.reports.some((line) => reason.test(line)));
    await liar.witness.until(() => liar.witness.reports.length > 0);
    expect(honest.channel.figures.handshakesRefused).toBeGreaterThan(0);
    expect([honest.witness.lines, liar.witness.lines]).toEqual([[], []]);
    expect(liar.witness.reports.join()).toMatch(/refused/);
  });

  it('refuses another secret at both ends, and neither log shows one', async () => {
    const dialler = await start(1, { secret: secret(9) });
    const listener = await start(0);
    await dialler.witness.until(() => /another group secret/.test(dialler.witness.reports.join()));
    expect([dialler.witness.lines, listener.witness.lines]).toEqual([[], []]);
    const said = [...dialler.witness.reports, ...listener.witness.reports].join();
    expect(said).not.toContain(Buffer.alloc(32, 9).toString('hex'));
    expect(said).not.toContain(Buffer.alloc(32, 1).toString('hex'));
  });

  it('lets the right one in after a wrong one was refused', async () => {
    const zero = await start(0);
    const wrong = await start(1, as(1, { groupId: 'group-2' }));
    await wrong.witness.until(() => wrong.witness.reports.length > 0);
    await fixture.kill(1);
    await start(1);
    await zero.witness.untilLine('found 1');
  });

  /** Dials replica 0 by hand, as replica 1. */
  const dial = (hello: Uint8Array | undefined) => {
    const socket = io(`${fixture.urls[0] ?? ''}/peers`, {
      parser,
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      auth: hello === undefined ? {} : { hello: Buffer.from(hello) },
    });
    sockets.push(socket);
    return socket;
  };

  const next = (socket: Socket, event: string): Promise<unknown[]> =>
    new Promise((resolve) => {
      socket.once(event, (...args: unknown[]) => {
        resolve(args);
      });
    });

  it('refuses a connection without a hello, with garbage, or of an old protocol', async () => {
    await start(0);
    const old = fixture.hello(1);
    old[0] = 0;
    for (const hello of [undefined, new Uint8Array([1, 2, 3]), old]) {
      const [fault] = await next(dial(hello), 'connect_error');
      expect(String(fault)).toMatch(/hello|ends too early|has format/);
    }
  });

  it('refuses a proof that is sent back to who made it', async () => {
    const { witness } = await start(0);
    const socket = dial(fixture.hello(1));
    const [, proof] = await next(socket, 'welcome');
    socket.emit('proof', proof);
    const [reason] = await next(socket, 'refused');
    expect(reason).toBe('another group secret, or somebody between');
    expect(witness.lines).toEqual([]);
  });

  it('refuses a proof of an earlier handshake', async () => {
    const { witness } = await start(0);
    const hello = fixture.hello(1);
    const first = dial(hello);
    const [welcome] = await next(first, 'welcome');
    const proof = proofOf(secret(1), 'dialler', {
      dialler: hello,
      listener: welcome as Uint8Array,
      channel: NO_TLS,
    });
    const second = dial(hello);
    await next(second, 'welcome');
    second.emit('proof', proof);
    expect((await next(second, 'refused'))[0]).toBe('another group secret, or somebody between');
    first.emit('proof', proof);
    await witness.untilLine('found 1');
  });

  it('hears nothing before the handshake is done', async () => {
    const { channel, witness } = await start(0);
    const hello = fixture.hello(1);
    const socket = dial(hello);
    const [welcome] = await next(socket, 'welcome');
    socket.emit('frame', encodeFrame([encodeMessage(beat(1, 1))]));
    socket.emit(
      'proof',
      proofOf(secret(1), 'dialler', {
        dialler: hello,
        listener: welcome as Uint8Array,
        channel: NO_TLS,
      }),
    );
    await next(socket, 'ready');
    socket.emit('frame', encodeFrame([encodeMessage(beat(1, 2))]));
    await witness.untilLine('1: Commit#2');
    expect(witness.lines).not.toContain('1: Commit#1');
    expect(channel.figures.framesReceived).toBe(1);
  });

  describe('once it is done', () => {
    const befriend = async () => {
      const zero = await start(0);
      const hello = fixture.hello(1);
      const socket = dial(hello);
      const [welcome] = await next(socket, 'welcome');
      socket.emit(
        'proof',
        proofOf(secret(1), 'dialler', {
          dialler: hello,
          listener: welcome as Uint8Array,
          channel: NO_TLS,
        }),
      );
      await next(socket, 'ready');
      return { ...zero, socket };
    };

    it('drops a message that claims another sender, and counts it', async () => {
      const { channel, witness, socket } = await befriend();
      socket.emit('frame', encodeFrame([beat(2, 1), beat(1, 2)].map(encodeMessage)));
      await witness.untilLine('1: Commit#2');
      expect(channel.figures.misattributed).toBe(1);
    });

    it('drops a frame with a flipped bit, a cut frame and a malformed message, and counts them', async () => {
      const { channel, witness, socket } = await befriend();
      const frame = encodeFrame([encodeMessage(beat(1, 1))]);
      const flipped = Buffer.from(frame);
      flipped.writeUInt8(flipped.readUInt8(15) ^ 4, 15);
      const garbage = encodeFrame([new Uint8Array([200, 1, 2])]);
      for (const bad of [flipped, frame.subarray(0, 15), garbage, 'text', 7])
        socket.emit('frame', bad);
      socket.emit('frame', encodeFrame([encodeMessage(beat(1, 2))]));
      await witness.untilLine('1: Commit#2');
      expect(channel.figures.malformed).toBe(5);
      expect(witness.lines).not.toContain('1: Commit#1');
    });

    it('drops frames for a peer that does not read, within a bound', async () => {
      await fixture.dispose();
      const zero = await start(0, { sendBufferBytesMax: 1 << 20 });
      const hello = fixture.hello(1);
      const socket = dial(hello);
      const [welcome] = await next(socket, 'welcome');
      socket.emit(
        'proof',
        proofOf(secret(1), 'dialler', {
          dialler: hello,
          listener: welcome as Uint8Array,
          channel: NO_TLS,
        }),
      );
      await next(socket, 'ready');
      const raw = socket.io.engine.transport as unknown as {
        ws: { pause(): void; resume(): void };
      };
      raw.ws.pause();
      const message = beat(0, 1);
      const filler = { ...message, commitHash: toByteString(new Uint8Array(64)) };
      const frame = Array.from({ length: 4000 }, () => filler);
      for (let sent = 0; sent < 100; sent += 1) {
        zero.channel.send(replicaNumber(1), frame);
        await new Promise((resolve) => setImmediate(resolve));
      }
      raw.ws.resume();
      const { framesDropped, bytesSent } = zero.channel.figures;
      expect(framesDropped).toBeGreaterThan(0);
      expect(bytesSent).toBeLessThan(32 << 20);
      expect(zero.witness.reports.join()).toMatch(/does not read/);
    });
  });
});
