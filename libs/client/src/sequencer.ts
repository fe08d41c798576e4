import { createPublicKey, verify, type JsonWebKey, type KeyObject } from 'node:crypto';

/** What a signed sequencer proves: that the group gave this grant, not that it still stands. (decision 38) */
export interface VerifiedSequencer {
  readonly lock: string;
  readonly mode: string;
  /** Refuse a lower one than you have seen for this lock: that is what protects. */
  readonly fence: bigint;
  /** Of the group; raised when it is restored, and the first digits of every fence. */
  readonly generation: number;
  /** Cluster time of the grant, in milliseconds since the birth of the group. */
  readonly grantedMs: number;
}

const SIGNED =
  /^(([^]+);([a-z-]+);(0|[1-9]\d{0,18});([1-9]\d{0,9});(0|[1-9]\d{0,15}));([A-Za-z0-9_-]{86})$/;

/**
 * Reads a signed sequencer and checks its signature, without asking anybody. Undefined when it is not signed, or not by
 * this key. The key is the `sequencerKey` of `GET /.well-known/lockstep`: its `pem` or `jwk`, or a key object.
 */
export function verifySequencer(
  text: string,
  publicKey: string | JsonWebKey | KeyObject,
): VerifiedSequencer | undefined {
  const parts = SIGNED.exec(text);
  if (parts === null) return undefined;
  const [, signed = '', lock = '', mode = '', fence = '', generation, grantedMs] = parts;
  const signature = Buffer.from(parts[7] ?? '', 'base64url');
  if (!verify(null, Buffer.from(signed, 'utf8'), keyOf(publicKey), signature)) return undefined;
  const numbers = { generation: Number(generation), grantedMs: Number(grantedMs) };
  return { lock, mode, fence: BigInt(fence), ...numbers };
}

function keyOf(key: string | JsonWebKey | KeyObject): KeyObject {
  if (typeof key === 'string') return createPublicKey(key);
  return isKeyObject(key) ? key : createPublicKey({ key, format: 'jwk' });
}

const isKeyObject = (key: JsonWebKey | KeyObject): key is KeyObject => 'asymmetricKeyType' in key;
