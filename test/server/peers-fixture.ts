import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Server } from 'socket.io';
import {
  ENTRY_FORMAT_VERSION,
  GROUP_VERSIONS,
  epochNumber,
  incarnation,
  opNumber,
  replicaNumber,
  REQUEST_FORMAT_VERSION,
  viewNumber,
  type ByteString,
  type Configuration,
  type Epoch,
  type Message,
  type ReplicaNumber,
} from '@lockstep/vr-core';
import { GroupSecret } from '../../apps/server/src/config/group-secret';
import { Origins } from '../../apps/server/src/access/origins';
import { makeHello, type PeerIdentity } from '../../apps/server/src/peers/handshake';
import { PEER_PROTOCOL } from '../../apps/server/src/peers/versions';
import { MemoryNetwork } from '../../apps/server/src/peers/memory-peers';
import type { PeerChannel, PeerListener } from '../../apps/server/src/peers/peer-channel';
import {
  SocketIoPeerChannel,
  type PeersOptions,
} from '../../apps/server/src/peers/socket-io-peers';
import { createSocketServer } from '../../apps/server/src/peers/socket-server';

export interface PeersFixture {
  readonly size: number;
  /** A new life of replica `number`. */
  open(number: number): Promise<PeerChannel>;
  /** Its process dies: sockets close by themselves. */
  kill(number: number): Promise<void>;
  dispose(): Promise<void>;
}

export function memoryPeers(): Promise<PeersFixture> {
  const network = new MemoryNetwork();
  const open = new Map<number, PeerChannel>();
  return Promise.resolve({
    size: 3,
    open(number) {
      const channel = network.channel(replicaNumber(number));
      open.set(number, channel);
      return Promise.resolve(channel);
    },
    kill: async (number) => open.get(number)?.close(),
    dispose: async () => {
      for (const channel of open.values()) await channel.close();
    },
  });
}

export const secret = (fill: number): GroupSecret => new GroupSecret(Buffer.alloc(32, fill));

export interface SocketPeersFixture extends PeersFixture {
  readonly urls: readonly string[];
  openWith(number: number, change: Partial<PeersOptions>): Promise<SocketIoPeerChannel>;
  /** An epoch of these replicas, and of those before them; addresses of those that were never opened are nobody's. */
  epochOf(epoch: number, numbers: readonly number[], before?: readonly number[]): Epoch;
  identity(number: number): PeerIdentity;
  /** As a replica says it on the wire. */
  hello(number: number): Uint8Array;
}

interface Process {
  readonly http: HttpServer;
  readonly io: Server;
  readonly channel: SocketIoPeerChannel;
}

export async function socketPeers(): Promise<SocketPeersFixture> {
  const size = 3;
  const urls: string[] = [];
  const lives = [0, 0, 0];
  const processes = new Map<number, Process>();
  const nodeIds = ['r0-a', 'r1-b', 'r2-c'];
  for (let number = 0; number < size; number += 1) {
    const http = createServer();
    urls.push(`http://127.0.0.1:${await listen(http, 0)}`);
    await closed(http);
  }
  const identity = (number: number): PeerIdentity => ({
    groupId: 'group-1',
    generation: 1,
    protocol: PEER_PROTOCOL,
    group: GROUP_VERSIONS,
    groupVersion: 1,
    nodeId: nodeIds[number] ?? `r${number}-new`,
    replicaNumber: replicaNumber(number),
    epochNumber: epochNumber(0),
    incarnation: incarnation(lives[number] ?? 0),
    formats: ['locks@1', 'files@1'],
  });
  const epochOf = (
    epoch: number,
    numbers: readonly number[],
    before?: readonly number[],
  ): Epoch => {
    const groupOf = (one: number, members: readonly number[]): Configuration => ({
      epochNumber: epochNumber(one),
      members: members.map((number) => ({
        replicaNumber: replicaNumber(number),
        nodeId: identity(number).nodeId,
        role: 'active',
        peerUrl: urls[number] ?? 'http://127.0.0.1:1',
        clientUrl: urls[number] ?? 'http://127.0.0.1:1',
      })),
      nextReplicaNumber: replicaNumber(Math.max(...members) + 1),
    });
    return {
      configuration: groupOf(epoch, numbers),
      previous: before && groupOf(epoch - 1, before),
      startOp: opNumber(epoch),
      startHash: '' as ByteString,
    };
  };
  const kill = async (number: number): Promise<void> => {
    const process = processes.get(number);
    processes.delete(number);
    if (process === undefined) return;
    await process.channel.close();
    await process.io.close();
  };
  const openWith = async (number: number, change: Partial<PeersOptions>) => {
    lives[number] = (lives[number] ?? 0) + 1;
    const http = createServer();
    const io = createSocketServer(http, new Origins([]));
    const url = urls[number];
    const port = await listen(http, url === undefined ? 0 : Number(new URL(url).port));
    urls[number] = `http://127.0.0.1:${port}`;
    const channel = new SocketIoPeerChannel({
      server: io,
      self: identity(number),
      epoch: epochOf(0, [0, 1, 2]),
      groupVersion: () => 1,
      secret: secret(1),
      ...change,
    });
    processes.set(number, { http, io, channel });
    return channel;
  };
  return {
    size,
    urls,
    identity,
    hello: (number) => {
      const self = identity(number);
      const formats = [
        `entry/${ENTRY_FORMAT_VERSION}`,
        `request/${REQUEST_FORMAT_VERSION}`,
        ...self.formats,
      ];
      return makeHello({ ...self, formats });
    },
    openWith,
    epochOf,
    open: (number) => openWith(number, {}),
    kill,
    dispose: async () => {
      for (const number of [...processes.keys()]) await kill(number);
    },
  };
}

function listen(http: HttpServer, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, '127.0.0.1', () => {
      resolve((http.address() as AddressInfo).port);
    });
  });
}

function closed(http: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    http.close(() => {
      resolve();
    });
  });
}

/** Remembers what a channel told it, and lets a test wait for more. */
export class Witness implements PeerListener {
  readonly lines: string[] = [];
  readonly reports: string[] = [];
  private readonly waits: { readonly met: () => boolean; readonly resolve: () => void }[] = [];

  onMessages(from: ReplicaNumber, messages: readonly Message[]): void {
    this.add(`${from}: ${messages.map(textOf).join(' ')}`);
  }

  onPeerLost(peer: ReplicaNumber): void {
    this.add(`lost ${peer}`);
  }

  onPeerFound(peer: ReplicaNumber): void {
    this.add(`found ${peer}`);
  }

  onReport(report: { readonly text: string }): void {
    this.reports.push(report.text);
    this.check();
  }

  /** Resolves once `met` holds; a test that waits in vain fails by jest's own time limit. */
  until(met: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.waits.push({ met, resolve });
      this.check();
    });
  }

  untilLine(line: string): Promise<void> {
    return this.until(() => this.lines.includes(line));
  }

  private add(line: string): void {
    this.lines.push(line);
    this.check();
  }

  private check(): void {
    for (const wait of this.waits.splice(0)) {
      if (wait.met()) wait.resolve();
      else this.waits.push(wait);
    }
  }
}

/** A heartbeat whose beat names it. */
export const beat = (from: number, number: number): Extract<Message, { kind: 'Commit' }> => ({
  kind: 'Commit',
  epochNumber: epochNumber(0),
  viewNumber: viewNumber(0),
  replicaNumber: replicaNumber(from),
  incarnation: incarnation(1),
  commitNumber: opNumber(0),
  commitHash: '' as ByteString,
  beat: number,
  agreed: undefined,
  witnessBase: opNumber(0),
});

/** A message of about so many bytes. */
export const large = (from: number, bytes: number): Message => ({
  kind: 'Prepare',
  epochNumber: epochNumber(0),
  viewNumber: viewNumber(0),
  replicaNumber: replicaNumber(from),
  incarnation: incarnation(1),
  entry: new Uint8Array(bytes).fill(7),
  commitNumber: opNumber(0),
  beat: bytes,
});

export function textOf(message: Message): string {
  return 'beat' in message ? `${message.kind}#${message.beat}` : message.kind;
}
