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
import { agreed, showVersions, type Versions } from './versions';

/**
 * Two replicas prove to each other that they hold the group's secret and mean the same group, and that they do so on this
 * very connection. (decision 33)
 *
 *     dialler  -> listener   hello_d                                   (fresh nonce)
 *     listener -> dialler    hello_l, HMAC("listener", hello_d hello_l channel)
 *     dialler  -> listener   HMAC("dialler", hello_d hello_l channel)
 *     listener -> dialler    ready
 *
 * Each proof covers both hellos, and so identity, group, generation, epoch, incarnation, versions and nonce of both ends; the
 * labels differ by direction, so a proof cannot be sent back to who made it. `channel` is what both ends of one TLS
 * connection know and no two connections share (RFC 9266): who stands between two connections and passes on what he hears
 * passes on proofs that are wrong at the other end. It is empty without TLS. No protocol message is sent or read before the
 * end. Epochs need not agree: who has missed one hears of it by messages. (E28)
 */

/** Of the hello itself: it only ever grows, at its end, and programs of all versions read what they know of it. */
const HELLO_FORMAT = 3;

const NONCE_BYTES = 32;

/** What a replica says of itself; both ends must agree on all but who they are. */
export interface PeerIdentity {
  readonly groupId: string;
  /** Of the group: raised when it was restored from a backup. (decision 6) */
  readonly generation: number;
  readonly nodeId: string;
  readonly replicaNumber: ReplicaNumber;
  /** The newest it knows. */
  readonly epochNumber: EpochNumber;
  readonly incarnation: Incarnation;
  readonly protocol: Versions;
  /** Versions of what is replicated that this program can work at. (ADR 22) */
  readonly group: Versions;
  /** The one that the group works at, as far as this replica knows. */
  readonly groupVersion: number;
  /** Services in their order and formats, with versions. */
  readonly formats: readonly string[];
}

export interface Hello extends PeerIdentity {
  readonly nonce: ByteString;
}

const versionsShape = struct({ lowest: integer(), highest: integer() });

const helloShape = struct({
  helloFormat: integer(),
  protocol: versionsShape,
  group: versionsShape,
  groupVersion: integer(),
  groupId: text(64),
  generation: integer(),
  nodeId: text(64),
  replicaNumber: counter<ReplicaNumber>(),
  epochNumber: counter<EpochNumber>(),
  incarnation: counter<Incarnation>(),
  formats: list(text(128), 64),
  nonce: byteString(NONCE_BYTES),
  /** What later versions say besides. */
  more: bytes(1 << 12),
});

const transcriptShape = struct({
  dialler: bytes(1 << 14),
  listener: bytes(1 << 14),
  channel: bytes(64),
});

export type Direction = 'dialler' | 'listener';

export function makeHello(identity: PeerIdentity): Uint8Array {
  const nonce = toByteString(randomBytes(NONCE_BYTES));
  return encode(helloShape, {
    helloFormat: HELLO_FORMAT,
    ...identity,
    nonce,
    more: new Uint8Array(),
  });
}

/** Throws `Malformed`, with a reason fit for both logs. */
export function readHello(data: Uint8Array): Hello {
  const version = new Reader(data).varint();
  if (version !== HELLO_FORMAT)
    throw new Malformed('hello', `has format ${version}, and ${HELLO_FORMAT} is known`);
  const { helloFormat: _, more: __, ...hello } = decode(helloShape, data);
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
    return `generation ${theirs.generation} of this group is not ${own.generation}`;
  if (theirs.replicaNumber === own.replicaNumber)
    return `both ends are replica ${own.replicaNumber}`;
  const contradiction = acquaintances.contradiction(theirs);
  if (contradiction !== undefined) return contradiction;
  return versionRefusal(own, theirs);
}

/**
 * Programs of different versions may work together as long as both know the version that the group works at: what is
 * replicated is written as that version says. Programs of one version must be the same. (ADR 22)
 */
function versionRefusal(own: PeerIdentity, theirs: PeerIdentity): string | undefined {
  if (agreed(own.protocol, theirs.protocol) === undefined)
    return `it speaks protocol ${showVersions(theirs.protocol)}, and ${showVersions(own.protocol)} is known`;
  const version = Math.max(own.groupVersion, theirs.groupVersion);
  for (const [who, { group }] of [['it', theirs] as const, ['this program', own] as const])
    if (agreed(group, { lowest: version, highest: version }) === undefined)
      return `the group works at version ${version}, and ${who} knows ${showVersions(group)}`;
  if (own.group.highest !== theirs.group.highest) return undefined;
  const [ours, others] = [own.formats.join(' '), theirs.formats.join(' ')];
  return ours === others ? undefined : `services and formats differ: "${others}", not "${ours}"`;
}

export interface Transcript {
  readonly dialler: Uint8Array;
  readonly listener: Uint8Array;
  readonly channel: Uint8Array;
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
  return `lockstep peer ${HELLO_FORMAT} ${from}`;
}
