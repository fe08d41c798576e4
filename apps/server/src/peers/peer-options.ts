import type { Server } from 'socket.io';
import type { GroupSecret } from '../config/group-secret';
import type { DialTls } from '../tls/credentials';
import type { Acquaintances } from './acquaintances';
import type { Hello, PeerIdentity } from './handshake';
import type { PeerLink, Wire } from './peer-link';

export interface PeerOptions {
  /** The replica's own socket.io server, from `createSocketServer`. */
  readonly server: Server;
  readonly self: PeerIdentity;
  readonly acquaintances: Acquaintances;
  readonly secret: GroupSecret;
  /** What is shown to who is dialled, and whom to trust; looked at for each dial. Without it: no TLS. */
  readonly dialTls?: () => DialTls;
  /** Frames for a peer that does not read are dropped above this. */
  readonly sendBufferBytesMax?: number;
}

export const SEND_BUFFER_BYTES_MAX = 64 << 20;
/** A peer that has not proved itself by then is disconnected. */
export const HANDSHAKE_MS = 5_000;
export const REDIAL_MS = 50;
export const REDIAL_MS_MAX = 500;
/** A replica of higher number that has not dialled for so long may not know of us. */
export const LATE_DIAL_MS = 2_000;
/** Nodes that are no members, at most: those that would join, and replaced ones that have missed it. */
export const GUESTS_MAX = 32;

/** What both ends of the handshake, dialling and listening, tell the channel. */
export interface LinkEvents {
  /** Proved. A text says why it is not welcome all the same. */
  onLink(hello: Hello, wire: Wire, how: 'dialled' | 'accepted'): PeerLink | string;
  onLinkReady(link: PeerLink): void;
  onLinkClosed(link: PeerLink): void;
  onFrame(link: PeerLink, frame: unknown): void;
  onRefused(whom: string, reason: string): void;
}

/** The bytes of an argument from outside, whatever kind of view it came as. */
export function bytesOf(value: unknown): Buffer | undefined {
  if (Buffer.isBuffer(value)) return value;
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return undefined;
}
