import type { Incarnation, ReplicaNumber } from '@lockstep/vr-core';
import { encodeFrame, FRAME_BYTES_MAX, inFrames } from './frame';

/** What the two socket.io sockets, the server's and the client's, have in common here. */
export interface Wire {
  emit(event: 'frame', frame: Buffer): unknown;
  disconnect(): unknown;
  engine(): Engine;
}

/** The connection below a socket. Its internals differ between server and client; none is documented. */
export interface Engine {
  on(event: 'drain', listener: () => void): unknown;
  readonly transport?: {
    readonly socket?: { readonly bufferedAmount?: number };
    readonly ws?: { readonly bufferedAmount?: number };
  };
}

export interface LinkCounts {
  framesSent: number;
  bytesSent: number;
  framesDropped: number;
}

/** A handshaken connection to one peer. Holds no more than so many unsent bytes: the rest is dropped. */
export class PeerLink {
  readonly peer: ReplicaNumber;
  readonly nodeId: string;
  readonly incarnation: Incarnation;
  private readonly wire: Wire;
  private readonly bufferBytesMax: number;
  private readonly counts: LinkCounts;
  private readonly engine: Engine;
  /** Given to the engine and not yet to the websocket, which counts for itself. */
  private queuedBytes = 0;
  private choked = false;

  constructor(
    peer: {
      readonly replicaNumber: ReplicaNumber;
      readonly nodeId: string;
      readonly incarnation: Incarnation;
    },
    wire: Wire,
    counts: LinkCounts,
    bufferBytesMax: number,
  ) {
    this.peer = peer.replicaNumber;
    this.nodeId = peer.nodeId;
    this.incarnation = peer.incarnation;
    this.wire = wire;
    this.counts = counts;
    this.bufferBytesMax = bufferBytesMax;
    this.engine = wire.engine();
    this.engine.on('drain', () => {
      this.queuedBytes = 0;
    });
  }

  /** True when this call is the first to drop after the peer had kept up. */
  send(messages: readonly Uint8Array[]): boolean {
    let chokedNow = false;
    for (const group of inFrames(messages)) {
      const frame = encodeFrame(group);
      if (frame.length > FRAME_BYTES_MAX || this.unsentBytes > this.bufferBytesMax) {
        this.counts.framesDropped += 1;
        chokedNow = !this.choked;
        this.choked = true;
        continue;
      }
      this.choked = false;
      this.queuedBytes += frame.length;
      this.counts.framesSent += 1;
      this.counts.bytesSent += frame.length;
      this.wire.emit('frame', frame);
    }
    return chokedNow;
  }

  close(): void {
    this.wire.disconnect();
  }

  get unsentBytes(): number {
    const { transport } = this.engine;
    const websocket = transport?.socket ?? transport?.ws;
    return this.queuedBytes + (websocket?.bufferedAmount ?? 0);
  }
}
