import { Agent } from 'node:https';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import * as parser from 'socket.io-msgpack-parser';
import { connect, fetchTrusting, type Client } from '@lockstep/client';
import {
  ENTRY_FORMAT_VERSION,
  GROUP_VERSIONS,
  incarnation,
  replicaNumber,
  REQUEST_FORMAT_VERSION,
} from '@lockstep/vr-core';
import { counter, fileSystem, lockManager } from '@lockstep/state-machines';
import { readIdentity } from '../../apps/server/src/config/identity-file';
import type { GroupSecret } from '../../apps/server/src/config/group-secret';
import type { ReplicaIdentity } from '../../apps/server/src/config/replica-config';
import { readSecret } from '../../apps/server/src/config/secret-file';
import { makeHello, proofOf, type PeerIdentity } from '../../apps/server/src/peers/handshake';
import { PEER_PROTOCOL } from '../../apps/server/src/peers/versions';
import { channelBinding } from '../../apps/server/src/tls/channel-binding';
import {
  lifetime,
  type CertificateAuthority,
  type MadePair,
} from '../../apps/server/src/tls/make-certificates';
import { GroupHarness, type ReplicaHandle } from './group-harness';
import { secret } from './peers-fixture';
import { certificateOf, installPair, newCa, replace, securedBy } from './tls-fixture';

const PATIENCE_MS = 60_000;

describe('a group that speaks TLS', () => {
  let ca: CertificateAuthority;
  let strangers: CertificateAuthority;
  let group: GroupHarness;
  let client: Client;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    [ca, strangers] = await Promise.all([newCa(), newCa('Another CA')]);
    group = await GroupHarness.start({ secure: securedBy(ca) });
    client = await connect({
      endpoints: group.replicas.map(({ url }) => url),
      tls: { ca: ca.certificatePem },
    });
  }, PATIENCE_MS);

  afterAll(async () => {
    await client.close();
    await group.stop();
  });

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.disconnect();
  });

  const replicaAt = (number: number): ReplicaHandle => {
    const replica = group.replicas[number];
    if (replica === undefined) throw new RangeError(`there is no replica ${number}`);
    return replica;
  };

  /** As each says of itself, and the door of one heard of the others. */
  const allNormal = async (): Promise<boolean> =>
    (await client.cluster()).replicas.every(({ status }) => status === 'normal');

  const until = async (met: () => Promise<boolean> | boolean): Promise<void> => {
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await met())) {
      if (performance.now() > deadline) throw new Error('waited in vain');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };

  describe('for clients', () => {
    it('serves REST, the client channel and what replicas ask each other, all by https', async () => {
      expect(await client.counters.add('n', 1)).toBe(1);
      await until(allNormal);
      const { replicas } = await client.cluster();
      expect(replicas.map(({ url }) => url)).toEqual(group.replicas.map(({ url }) => url));
    });

    it('is refused by a client that trusts another CA, or none of ours', async () => {
      const { url } = replicaAt(0);
      const tls = { ca: strangers.certificatePem };
      await expect(connect({ endpoints: [url], tls, timeoutMs: 2_000 })).rejects.toThrow(
        /no replica answered/,
      );
      await expect(fetchTrusting(tls)(`${url}/health/live`)).rejects.toThrow(/certificate/);
      await expect(fetch(`${url}/health/live`)).rejects.toThrow();
    });

    it('does not speak in plain text', async () => {
      const plain = replicaAt(0).url.replace('https:', 'http:');
      await expect(fetch(`${plain}/health/live`)).rejects.toThrow();
    });

    it.each(['TLSv1', 'TLSv1.1'] as const)('does not speak %s', async (version) => {
      const socket = tlsSocket({
        minVersion: version,
        maxVersion: version,
        ciphers: 'DEFAULT@SECLEVEL=0',
      });
      await expect(secured(socket)).rejects.toThrow(/protocol version|alert/);
    });

    it.each(['TLSv1.2', 'TLSv1.3'] as const)('speaks %s', async (version) => {
      const socket = tlsSocket({ minVersion: version, maxVersion: version });
      expect(await secured(socket)).toBe(version);
      socket.destroy();
    });

    const tlsSocket = (options: object): TLSSocket =>
      connectTls({
        host: '127.0.0.1',
        port: replicaAt(0).port,
        ca: ca.certificatePem,
        ...options,
      });

    const secured = (socket: TLSSocket): Promise<string | null> =>
      new Promise((resolve, reject) => {
        socket.once('secureConnect', () => {
          resolve(socket.getProtocol());
        });
        socket.once('error', reject);
      });
  });

  describe('for peers: an impostor of replica 2 at the door of replica 0 (decision 33)', () => {
    let two: ReplicaIdentity;
    let groupSecret: GroupSecret;
    let stolen: MadePair;

    beforeAll(async () => {
      two = await readIdentity(replicaAt(2).dataFolder);
      groupSecret = await readSecret(replicaAt(2).dataFolder);
      stolen = await certificateOf(ca, two.nodeId);
    });

    const hello = (change: Partial<PeerIdentity> = {}): Uint8Array =>
      makeHello({
        groupId: two.groupId,
        generation: two.generation,
        nodeId: two.nodeId,
        replicaNumber: replicaNumber(2),
        epochNumber: two.epoch.configuration.epochNumber,
        incarnation: incarnation(1_000),
        protocol: PEER_PROTOCOL,
        group: GROUP_VERSIONS,
        groupVersion: 1,
        formats: [
          `entry/${ENTRY_FORMAT_VERSION}`,
          `request/${REQUEST_FORMAT_VERSION}`,
          ...[lockManager(), fileSystem(), counter()].map(
            ({ name, formatVersion }) => `${name}/${formatVersion}`,
          ),
        ],
        ...change,
      });

    const dial = (
      said: Uint8Array,
      pair: MadePair | undefined,
      options: Partial<ManagerOptions & SocketOptions> = {},
    ): Socket => {
      const socket = io(`${replicaAt(0).url}/peers`, {
        parser,
        transports: ['websocket'],
        forceNew: true,
        reconnection: false,
        ca: ca.certificatePem,
        ...(pair !== undefined && { cert: pair.certificatePem, key: pair.keyPem }),
        auth: { hello: Buffer.from(said) },
        ...options,
      });
      sockets.push(socket);
      // Listened for at once: of two sockets either may be welcomed first.
      welcomes.set(socket, next(socket, 'welcome'));
      return socket;
    };

    const welcomes = new WeakMap<Socket, Promise<unknown[]>>();
    const welcomeOf = async (socket: Socket): Promise<unknown[]> =>
      (await welcomes.get(socket)) ?? [];

    const next = (socket: Socket, event: string): Promise<unknown[]> =>
      new Promise((resolve) => {
        socket.once(event, (...parts: unknown[]) => {
          resolve(parts);
        });
      });

    const refusal = async (socket: Socket): Promise<string> =>
      String((await next(socket, 'connect_error'))[0]);

    it('gets nowhere without a certificate', async () => {
      expect(await refusal(dial(hello(), undefined))).toMatch(/shows no certificate/);
    });

    it('gets nowhere with a certificate of another CA', async () => {
      const forged = await certificateOf(strangers, two.nodeId);
      expect(await refusal(dial(hello(), forged))).toMatch(/not accepted: UNABLE_TO_VERIFY/);
    });

    it('gets nowhere with an expired certificate', async () => {
      const aDayAgo = lifetime(1, Date.now() - 2 * 86_400_000);
      const expired = await ca.sign({ nodeId: two.nodeId, hosts: ['127.0.0.1'] }, aDayAgo);
      expect(await refusal(dial(hello(), expired))).toMatch(/not accepted: CERT_HAS_EXPIRED/);
    });

    it('gets nowhere with the certificate of another node, or of another host', async () => {
      const one = await readIdentity(replicaAt(1).dataFolder);
      const other = await certificateOf(ca, one.nodeId);
      expect(await refusal(dial(hello(), other))).toMatch(`is that of ${one.nodeId}, not of`);
      const host = await ca.sign({ nodeId: undefined, hosts: ['10.9.9.9'] }, lifetime(2));
      expect(await refusal(dial(hello(), host))).toMatch(/does not name 127\.0\.0\.1/);
    });

    it.each<[string, Partial<PeerIdentity>, RegExp]>([
      ['another group', { groupId: 'another' }, /group another is not/],
      ['an older generation', { generation: 0 }, /generation 0 of this group is not 1/],
      ['another node', { nodeId: 'r2-another' }, /r2-another is not replica 2/],
      ['a program too new', { protocol: { lowest: 9, highest: 9 } }, /speaks protocol 9, and/],
      [
        'a program for which the group is too old',
        { group: { lowest: 2, highest: 3 } },
        /works at version 1, and it knows 2 to 3/,
      ],
      [
        'a group at a version not known here',
        { group: { lowest: 1, highest: 3 }, groupVersion: 3 },
        /works at version 3, and this program knows 1/,
      ],
    ])('gets nowhere with a stolen certificate and %s', async (_, change, reason) => {
      expect(await refusal(dial(hello(change), stolen))).toMatch(reason);
    });

    /** The proof of a dialler that knows everything of the handshake but what `with` changes. */
    const answerTo = async (
      said: Uint8Array,
      socket: Socket,
      change: { readonly secret?: GroupSecret; readonly channel?: Uint8Array } = {},
    ): Promise<Buffer> => {
      const [welcome] = await welcomeOf(socket);
      return proofOf(change.secret ?? groupSecret, 'dialler', {
        dialler: said,
        listener: welcome as Uint8Array,
        channel: change.channel ?? channelOf(socket),
      });
    };

    const channelOf = (socket: Socket): Buffer => {
      const { transport } = socket.io.engine as unknown as {
        transport: { ws: { _socket: unknown } };
      };
      const binding = channelBinding(transport.ws._socket);
      if (binding === undefined) throw new Error('this is not TLS 1.3');
      return binding;
    };

    it('gets nowhere with a stolen certificate and another secret', async () => {
      const said = hello();
      const socket = dial(said, stolen);
      socket.emit('proof', await answerTo(said, socket, { secret: secret(9) }));
      expect(await next(socket, 'refused')).toEqual(['another group secret, or somebody between']);
    });

    it('gets nowhere by passing on the proof that a replica has made for another connection', async () => {
      const said = hello();
      const [first, second] = [dial(said, stolen), dial(said, stolen)];
      await welcomeOf(first);
      socketProof(second, await answerTo(said, second, { channel: channelOf(first) }));
      expect(await next(second, 'refused')).toEqual(['another group secret, or somebody between']);
    });

    it('gets nowhere with a hello and a proof of an earlier connection', async () => {
      const said = hello();
      const [first, second] = [dial(said, stolen), dial(said, stolen)];
      const proof = await answerTo(said, first);
      socketProof(second, proof);
      expect(await next(second, 'refused')).toEqual(['another group secret, or somebody between']);
    });

    const socketProof = (socket: Socket, proof: Buffer): void => void socket.emit('proof', proof);

    it('gets nowhere by TLS 1.2', async () => {
      const { certificatePem: cert, keyPem: key } = stolen;
      // The type knows of agents in browsers only.
      const agent = new Agent({ maxVersion: 'TLSv1.2', ca: ca.certificatePem, cert, key });
      const socket = dial(hello(), stolen, { agent: agent as unknown as string });
      expect(await next(socket, 'refused')).toEqual(['replicas speak TLS 1.3 to each other']);
    });

    it('has disturbed nobody', async () => {
      await until(allNormal);
    });
  });

  describe('whose certificates change while it works', () => {
    const fingerprint = (replica: ReplicaHandle): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connectTls({
          host: '127.0.0.1',
          port: replica.port,
          ca: ca.certificatePem,
        });
        socket.once('error', reject);
        socket.once('secureConnect', () => {
          resolve(socket.getPeerCertificate().fingerprint256);
          socket.destroy();
        });
      });

    it(
      'uses the new ones, drops no connection and no answer, and says so',
      async () => {
        const over = new AbortController();
        let added = 0;
        const before = await client.counters.add('load', 0);
        const load = (async () => {
          for (; !over.signal.aborted; added += 1) await client.counters.add('load', 1);
        })();
        const { endpoint } = client;
        for (const replica of group.replicas) {
          const old = await fingerprint(replica);
          const { nodeId } = await readIdentity(replica.dataFolder);
          await installPair(replica.dataFolder, await certificateOf(ca, nodeId));
          await until(async () => (await fingerprint(replica)) !== old);
          expect(replica.log).toMatch(/certificates have changed and are in use/);
        }
        over.abort();
        await load;
        expect(await client.counters.add('load', 0)).toBe(before + added);
        expect(client.endpoint).toBe(endpoint);
        expect(added).toBeGreaterThan(0);
      },
      PATIENCE_MS,
    );

    it(
      'keeps the old one when the new one is broken, and says so once',
      async () => {
        const replica = replicaAt(1);
        const old = await fingerprint(replica);
        await replace(join(replica.dataFolder, 'node.key'), 'no key');
        await until(() => /NOT in use, the old ones stay: tls\.key/.test(replica.log));
        expect(await fingerprint(replica)).toBe(old);
        const { nodeId } = await readIdentity(replica.dataFolder);
        await installPair(replica.dataFolder, await certificateOf(ca, nodeId));
        await until(async () => (await fingerprint(replica)) !== old);
        expect(replica.log.match(/NOT in use/g)).toHaveLength(1);
      },
      PATIENCE_MS,
    );

    it(
      'lets a replica back in that starts with the new ones',
      async () => {
        const backup = (await group.backups())[0];
        if (backup === undefined) throw new Error('there is no backup');
        await backup.kill();
        await group.startAll();
      },
      PATIENCE_MS,
    );
  });
});
