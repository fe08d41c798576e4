import { randomBytes } from 'node:crypto';
import {
  byteString,
  bytes,
  counter,
  decode,
  encode,
  integer,
  list,
  Malformed,
  Reader,
  struct,
  text,
  toByteString,
  type ByteString,
  type EpochNumber,
  type Incarnation,
  type ReplicaNumber,
} from '@lockstep/vr-core';
import type { GroupSecret } from '../config/group-secret';
import type { Acquaintances } from './acquaintances';

/**
 * Two replicas prove to each other that they hold the group's secret and mean the same group. (decision 33)
 *
 *     dialler  -> listener   hello_d                                   (fresh nonce)
 *     listener -> dialler    hello_l, HMAC("listener", hello_d hello_l)
 *     dialler  -> listener   HMAC("dialler", hello_d hello_l)
 *     listener -> dialler    ready
 *
 * Each proof covers both hellos, and so both identities, incarnations and nonces; the labels differ by direction, so a
 * proof cannot be sent back to who made it. No protocol message is sent or read before the end. Epochs need not agree:
 * who has missed one hears of it by messages. (E28)
 */
export const PEER_PROTOCOL_VERSION = 3;

const NONCE_BYTES = 32;

/** What a replica says of itself; both ends must agree on all but who they are. */
export interface PeerIdentity {
  readonly groupId: string;
  /** Raised when a group lost its quorum and was made again from what was left: the one before may not come back. */
  readonly generation: number;
  readonly nodeId: string;
  readonly replicaNumber: ReplicaNumber;
  /** The newest it knows. */
  readonly epochNumber: EpochNumber;
  readonly incarnation: Incarnation;
  /** Services in their order and formats, with versions: replicas that differ here would compute different states. */
  readonly formats: readonly string[];
}

export interface Hello extends PeerIdentity {
  readonly nonce: ByteString;
}

const helloShape = struct({
  protocolVersion: integer(),
  groupId: text(64),
  generation: integer(),
  nodeId: text(64),
  replicaNumber: counter<ReplicaNumber>(),
  epochNumber: counter<EpochNumber>(),
  incarnation: counter<Incarnation>(),
  formats: list(text(128), 64),
  nonce: byteString(NONCE_BYTES),
});

const transcriptShape = struct({ dialler: bytes(1 << 14), listener: bytes(1 << 14) });

export type Direction = 'dialler' | 'listener';

export function makeHello(identity: PeerIdentity): Uint8Array {
  const nonce = toByteString(randomBytes(NONCE_BYTES));
  return encode(helloShape, { protocolVersion: PEER_PROTOCOL_VERSION, ...identity, nonce });
}

/** Throws `Malformed`, with a reason fit for both logs. */
export function readHello(data: Uint8Array): Hello {
  const version = new Reader(data).varint();
  if (version !== PEER_PROTOCOL_VERSION)
    throw new Malformed('protocol version', `${version} is not ${PEER_PROTOCOL_VERSION}`);
  const { protocolVersion: _, ...hello } = decode(helloShape, data);
  if (hello.nonce.length !== NONCE_BYTES) throw new Malformed('nonce', 'has another length');
  return hello;
}

/** Why these two may not talk; undefined when they may, once each has proved itself. */
export function refusalOf(
  own: PeerIdentity,
  acquaintances: Acquaintances,
  theirs: Hello,
): string | undefined {
  if (theirs.groupId !== own.groupId) return `group ${theirs.groupId} is not ${own.groupId}`;
  if (theirs.generation !== own.generation)
    return `generation ${theirs.generation} is not ${own.generation}: the group was recovered without the other`;
  if (theirs.replicaNumber === own.replicaNumber)
    return `both ends are replica ${own.replicaNumber}`;
  const contradiction = acquaintances.contradiction(theirs);
  if (contradiction !== undefined) return contradiction;
  const [ours, others] = [own.formats.join(' '), theirs.formats.join(' ')];
  return ours === others ? undefined : `services and formats differ: "${others}", not "${ours}"`;
}

export interface Transcript {
  readonly dialler: Uint8Array;
  readonly listener: Uint8Array;
}

export function proofOf(secret: GroupSecret, from: Direction, transcript: Transcript): Buffer {
  return secret.sign(labelOf(from), encode(transcriptShape, transcript));
}

export function isProof(
  secret: GroupSecret,
  from: Direction,
  transcript: Transcript,
  proof: Uint8Array,
): boolean {
  return secret.verify(labelOf(from), encode(transcriptShape, transcript), proof);
}

function labelOf(from: Direction): string {
  return `lockstep peer ${PEER_PROTOCOL_VERSION} ${from}`;
}
