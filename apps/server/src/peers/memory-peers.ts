import { decodeMessage, encodeMessage, type Message, type ReplicaNumber } from '@lockstep/vr-core';
import type { PeerChannel, PeerFigures, PeerListener } from './peer-channel';

/** The wires between channels inside one process: they deliver later, in order, and only what can be encoded. */
export class MemoryNetwork {
  private readonly ends = new Map<ReplicaNumber, MemoryPeerChannel>();

  channel(self: ReplicaNumber): MemoryPeerChannel {
    return new MemoryPeerChannel(self, this.ends);
  }
}

/** The twin of `SocketIoPeerChannel`. */
export class MemoryPeerChannel implements PeerChannel {
  private readonly self: ReplicaNumber;
  private readonly ends: Map<ReplicaNumber, MemoryPeerChannel>;
  private readonly found = new Set<ReplicaNumber>();
  private readonly heardAtMs = new Map<ReplicaNumber, number>();
  private listener: PeerListener | undefined;
  private readonly counts = { framesSent: 0, framesReceived: 0, framesDropped: 0 };
  private readonly bytes = { bytesSent: 0, bytesReceived: 0 };

  constructor(self: ReplicaNumber, ends: Map<ReplicaNumber, MemoryPeerChannel>) {
    this.self = self;
    this.ends = ends;
  }

  get figures(): PeerFigures {
    return {
      ...this.counts,
      ...this.bytes,
      handshakesRefused: 0,
      malformed: 0,
      misattributed: 0,
      connected: [...this.found].sort((a, b) => a - b),
      links: [],
    };
  }

  start(listener: PeerListener): void {
    this.listener = listener;
    this.ends.set(this.self, this);
    for (const [number, end] of this.ends) {
      if (number === this.self) continue;
      this.meet(number);
      end.meet(this.self);
    }
  }

  send(to: ReplicaNumber, messages: readonly Message[]): void {
    if (messages.length === 0) return;
    const end = this.found.has(to) ? this.ends.get(to) : undefined;
    if (end === undefined) {
      this.counts.framesDropped += 1;
      return;
    }
    const frame = messages.map(encodeMessage);
    this.counts.framesSent += 1;
    for (const { length } of frame) this.bytes.bytesSent += length;
    setImmediate(() => {
      end.receive(this.self, frame);
    });
  }

  /** All in the process are in touch, whatever the epoch. */
  follow(): void {}

  expect(): void {}

  silenceMs(peer: ReplicaNumber): number | undefined {
    const heardAtMs = this.heardAtMs.get(peer);
    return heardAtMs === undefined ? undefined : performance.now() - heardAtMs;
  }

  close(): Promise<void> {
    this.listener = undefined;
    this.found.clear();
    this.ends.delete(this.self);
    for (const end of this.ends.values()) end.lose(this.self);
    return Promise.resolve();
  }

  private meet(peer: ReplicaNumber): void {
    this.found.add(peer);
    setImmediate(() => this.listener?.onPeerFound(peer));
  }

  private lose(peer: ReplicaNumber): void {
    if (!this.found.delete(peer)) return;
    setImmediate(() => this.listener?.onPeerLost(peer));
  }

  private receive(from: ReplicaNumber, frame: readonly Uint8Array[]): void {
    if (this.listener === undefined || !this.found.has(from)) return;
    this.heardAtMs.set(from, performance.now());
    this.counts.framesReceived += 1;
    for (const { length } of frame) this.bytes.bytesReceived += length;
    this.listener.onMessages(from, frame.map(decodeMessage));
  }
}
