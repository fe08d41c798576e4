import {
  decodeMessage,
  encodeMessage,
  ENTRY_FORMAT_VERSION,
  GROUP_VERSIONS,
  Malformed,
  REQUEST_FORMAT_VERSION,
  type Epoch,
  type EpochNumber,
  type Member,
  type Message,
  type ReplicaNumber,
} from '@lockstep/vr-core';
import { Acquaintances } from './acquaintances';
import { Diallers } from './diallers';
import { decodeFrame } from './frame';
import type { Hello, PeerIdentity } from './handshake';
import { PeerListening } from './listening';
import type { PeerChannel, PeerFigures, PeerListener, PeerReport } from './peer-channel';
import { PeerLink, type Wire } from './peer-link';
import { PEER_PROTOCOL } from './versions';
import {
  bytesOf,
  GUESTS_MAX,
  SEND_BUFFER_BYTES_MAX,
  type LinkEvents,
  type PeerOptions,
} from './peer-options';

/** What messages carry of entries and requests: replicas that write them differently may not share a log. */
const OWN_FORMATS = [`entry/${ENTRY_FORMAT_VERSION}`, `request/${REQUEST_FORMAT_VERSION}`];

export interface PeersOptions extends Omit<PeerOptions, 'acquaintances' | 'self'> {
  readonly self: Omit<PeerIdentity, 'epochNumber' | 'protocol' | 'group' | 'groupVersion'>;
  /** The version that the group works at, as far as is known here. */
  readonly groupVersion: () => number;
  /** Whom to know at first. */
  readonly epoch: Epoch;
}

/**
 * Peers over socket.io: one connection for each pair, on the HTTP server that clients use too. The higher
 * replica-number dials the lower.
 */
export class SocketIoPeerChannel implements PeerChannel {
  private readonly options: PeerOptions;
  private readonly self: PeerIdentity & { epochNumber: EpochNumber };
  private readonly links = new Map<ReplicaNumber, PeerLink>();
  private readonly acquaintances: Acquaintances;
  private readonly heardAtMs = new Map<ReplicaNumber, number>();
  private diallers: Diallers | undefined;
  private listening: PeerListening | undefined;
  private listener: PeerListener | undefined;
  /** A message to several peers is encoded once. */
  private readonly encoded = new WeakMap<Message, Uint8Array>();
  /** The last reason logged of each peer: one that dials twice a second fills no log. */
  private readonly refusals = new Map<string, string>();
  private readonly counts = {
    framesSent: 0,
    framesReceived: 0,
    bytesSent: 0,
    bytesReceived: 0,
    framesDropped: 0,
    handshakesRefused: 0,
    malformed: 0,
    misattributed: 0,
  };

  constructor({ epoch, groupVersion, ...options }: PeersOptions) {
    const { self } = options;
    this.acquaintances = new Acquaintances(self.replicaNumber, epoch);
    this.self = {
      ...self,
      epochNumber: epoch.configuration.epochNumber,
      protocol: PEER_PROTOCOL,
      group: GROUP_VERSIONS,
      get groupVersion() {
        return groupVersion();
      },
      formats: [...OWN_FORMATS, ...self.formats],
    };
    this.options = { ...options, self: this.self, acquaintances: this.acquaintances };
  }

  get figures(): PeerFigures {
    const connected = [...this.links.keys()].sort((a, b) => a - b);
    const links = [...this.links.values()].map(({ peer, unsentBytes }) => ({
      replicaNumber: peer,
      unsentBytes,
      silenceMs: this.silenceMs(peer) ?? 0,
    }));
    return { ...this.counts, connected, links };
  }

  start(listener: PeerListener): void {
    this.listener = listener;
    const events: LinkEvents = {
      onLink: (hello, wire, how) => this.join(hello, wire, how),
      onLinkReady: (link) => {
        this.refusals.delete(`replica ${link.peer}`);
        this.report('info', `connected to replica ${link.peer}, incarnation ${link.incarnation}`);
        listener.onPeerFound(link.peer);
      },
      onLinkClosed: (link) => {
        this.leave(link);
      },
      onFrame: (link, frame) => {
        this.receive(link, frame);
      },
      onRefused: (whom, reason) => {
        this.refused(whom, reason);
      },
    };
    this.listening = new PeerListening(this.options, events);
    this.diallers = new Diallers(this.options, events, (peer) => this.links.has(peer));
    this.dialWhoIsKnown();
  }

  follow(epoch: Epoch): void {
    this.self.epochNumber = epoch.configuration.epochNumber;
    this.change(() => {
      this.acquaintances.learn(epoch);
    });
  }

  expect(joiners: readonly Member[]): void {
    this.change(() => {
      this.acquaintances.expect(joiners);
    });
  }

  /** Whom one no longer knows, or knows as another node, is hung up. */
  private change(learn: () => void): void {
    const { others, newcomers } = this.acquaintances;
    const known = new Set([...others, ...newcomers].map((member) => member.replicaNumber));
    learn();
    this.dialWhoIsKnown();
    for (const link of [...this.links.values()]) {
      const isGone = known.has(link.peer) && !this.acquaintances.isKnown(link.peer);
      const { peer: number, nodeId } = link;
      const isAnother =
        this.acquaintances.contradiction({ replicaNumber: number, nodeId }) !== undefined;
      if (isGone || isAnother) link.close();
    }
  }

  private dialWhoIsKnown(): void {
    const { others, newcomers } = this.acquaintances;
    this.diallers?.follow(others, newcomers);
  }

  silenceMs(peer: ReplicaNumber): number | undefined {
    const heardAtMs = this.heardAtMs.get(peer);
    return heardAtMs === undefined ? undefined : performance.now() - heardAtMs;
  }

  send(to: ReplicaNumber, messages: readonly Message[]): void {
    if (messages.length === 0) return;
    const link = this.links.get(to);
    if (link === undefined) {
      this.counts.framesDropped += 1;
      return;
    }
    if (link.send(messages.map((message) => this.encode(message))))
      this.report('warn', `replica ${to} does not read: frames for it are dropped`);
  }

  close(): Promise<void> {
    this.listener = undefined;
    this.diallers?.close();
    this.listening?.close();
    this.links.clear();
    return Promise.resolve();
  }

  private encode(message: Message): Uint8Array {
    let bytes = this.encoded.get(message);
    if (bytes === undefined) {
      bytes = encodeMessage(message);
      this.encoded.set(message, bytes);
    }
    return bytes;
  }

  /** The newest life of a peer counts, and of that its newest connection. */
  private join(hello: Hello, wire: Wire, how: 'dialled' | 'accepted'): PeerLink | string {
    const refusal = this.acquaintances.contradiction(hello) ?? this.unwelcome(hello);
    if (refusal !== undefined) return refusal;
    if (how === 'accepted') this.diallers?.wasDialledBy(hello.replicaNumber);
    const before = this.links.get(hello.replicaNumber);
    const bufferBytesMax = this.options.sendBufferBytesMax ?? SEND_BUFFER_BYTES_MAX;
    const link = new PeerLink(hello, wire, this.counts, bufferBytesMax);
    this.links.set(hello.replicaNumber, link);
    if (before !== undefined) {
      before.close();
      // The process behind the old connection is dead, although its socket has not said so.
      if (before.incarnation < hello.incarnation) this.listener?.onPeerLost(before.peer);
    }
    return link;
  }

  private unwelcome({ replicaNumber, nodeId, incarnation }: Hello): string | undefined {
    const before = this.links.get(replicaNumber);
    if (before !== undefined) {
      if (before.nodeId !== nodeId) return `replica ${replicaNumber} is ${before.nodeId} already`;
      return before.incarnation > incarnation
        ? `incarnation ${incarnation} is an older life than the one connected`
        : undefined;
    }
    const guests = [...this.links.keys()].filter((peer) => !this.acquaintances.isKnown(peer));
    return this.acquaintances.isKnown(replicaNumber) || guests.length < GUESTS_MAX
      ? undefined
      : `${guests.length} nodes that are no members are connected already`;
  }

  private leave(link: PeerLink): void {
    if (this.links.get(link.peer) !== link) return;
    this.links.delete(link.peer);
    this.report('info', `connection to replica ${link.peer} closed`);
    this.listener?.onPeerLost(link.peer);
  }

  private receive(link: PeerLink, data: unknown): void {
    if (this.links.get(link.peer) !== link) return;
    const frame = bytesOf(data);
    const parts = frame === undefined ? undefined : decodeFrame(frame);
    if (frame === undefined || parts === undefined) {
      this.malformed(link, 'a frame does not match its checksum');
      return;
    }
    this.heardAtMs.set(link.peer, performance.now());
    this.counts.framesReceived += 1;
    this.counts.bytesReceived += frame.length;
    const messages: Message[] = [];
    for (const part of parts) {
      const message = this.decode(link, part);
      if (message !== undefined) messages.push(message);
    }
    if (messages.length > 0) this.listener?.onMessages(link.peer, messages);
  }

  private decode(link: PeerLink, part: Uint8Array): Message | undefined {
    try {
      const message = decodeMessage(part);
      if (message.replicaNumber === link.peer) return message;
      this.counts.misattributed += 1;
      if (this.counts.misattributed === 1)
        this.report('warn', `replica ${link.peer} speaks as replica ${message.replicaNumber}`);
    } catch (fault) {
      if (!(fault instanceof Malformed)) throw fault;
      this.malformed(link, fault.message);
    }
    return undefined;
  }

  private malformed(link: PeerLink, problem: string): void {
    this.counts.malformed += 1;
    this.report('warn', `malformed data from replica ${link.peer}: ${problem}`);
  }

  private refused(whom: string, reason: string): void {
    this.counts.handshakesRefused += 1;
    if (this.refusals.get(whom) === reason) return;
    this.refusals.set(whom, reason);
    this.report('warn', `handshake with ${whom} refused: ${reason}`);
  }

  private report(level: PeerReport['level'], text: string): void {
    this.listener?.onReport({ level, text });
  }
}
