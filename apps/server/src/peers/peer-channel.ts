import type { Epoch, Member, Message, ReplicaNumber } from '@lockstep/vr-core';

/**
 * The links to the other replicas of the group, of the epoch before it, and to nodes that would join. Messages may be lost, never altered; those of one pair that arrive do so
 * in their order. One twin runs over socket.io, one in memory; the same specification runs on both.
 */
export interface PeerChannel {
  /** Starts to listen and to dial. Once, after the storage is open: the handshake names this life's incarnation. */
  start(listener: PeerListener): void;

  /**
   * Sends the messages that one turn of the event loop gathered for one peer, as one frame. The same message object may be
   * sent to several peers: it is encoded once. Dropped when the peer is not connected or does not read: the
   * protocol sends again what matters.
   */
  send(to: ReplicaNumber, messages: readonly Message[]): void;

  /**
   * The group is another one now: its members and those of the epoch before are to be in touch, replicas of neither are
   * not. Nodes that are about to join stay. (VRR §7)
   */
  follow(epoch: Epoch): void;

  /**
   * Nodes that may become members: those of them that this replica would dial as a member are dialled already, so that a new
   * group is in touch when it begins. (VRR §7.5)
   */
  expect(joiners: readonly Member[]): void;

  /** Milliseconds since the last frame of a peer; undefined when none has come. */
  silenceMs(peer: ReplicaNumber): number | undefined;

  readonly figures: PeerFigures;

  close(): Promise<void>;
}

/** Called from the event loop, never inside a call of the channel's own methods. */
export interface PeerListener {
  /** The messages of one frame, in their order; each header's replica-number is `from`. */
  onMessages(from: ReplicaNumber, messages: readonly Message[]): void;
  /** A handshaken connection closed, or the peer behind it refuses new ones: it may have died. (decision 8) */
  onPeerLost(peer: ReplicaNumber): void;
  /** The handshake is done: both ends know each other. */
  onPeerFound(peer: ReplicaNumber): void;
  /** A line for the process's log: refused handshakes, dropped frames. Never a secret. */
  onReport(report: PeerReport): void;
}

export interface PeerReport {
  readonly level: 'info' | 'warn' | 'error';
  readonly text: string;
}

/** Counted since the start, for metrics. */
export interface PeerFigures {
  readonly framesSent: number;
  readonly framesReceived: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Not sent: the peer was away, or more than 64 MiB waited for it. */
  readonly framesDropped: number;
  readonly handshakesRefused: number;
  /** Frames with a wrong checksum or messages that could not be read. */
  readonly malformed: number;
  /** Messages whose header named another sender than the handshake. */
  readonly misattributed: number;
  readonly connected: readonly ReplicaNumber[];
  /** Of each connected peer: what was given to its connection and not yet sent, and how long it has been silent. */
  readonly links: readonly {
    readonly replicaNumber: ReplicaNumber;
    readonly unsentBytes: number;
    readonly silenceMs: number;
  }[];
}
