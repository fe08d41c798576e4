import { randomBytes } from 'node:crypto';
import {
  nameKey,
  toByteString,
  type ByteString,
  type HashFunction,
  type RequestName,
  type RequestNumber,
  type SessionId,
} from '@lockstep/vr-core';
import { malformed } from './problem';
import type { Naming } from './service-contract';

/** What a client gave to name its operation; anything it likes until it is read here. */
export interface NameParts {
  readonly session?: unknown;
  readonly requestNumber?: unknown;
  readonly ackedBelow?: unknown;
  readonly key?: unknown;
}

export interface Named {
  readonly name: RequestName;
  readonly ackedBelow: number;
  readonly naming: Naming;
}

const SESSION_ID = /^(0|[1-9]\d{0,15})-(0|[1-9]\d{0,9})$/;
export const KEY_LENGTH_MAX = 256;

export function readSessionId(value: unknown, field = 'session'): SessionId {
  if (typeof value !== 'string' || !SESSION_ID.test(value))
    throw malformed(field, 'must be the id of a session, such as 57-0');
  return value as SessionId;
}

/**
 * By session and request-number, or by key, or by a key of our own: then a repetition by the client is another request,
 * but one that this door forwards twice is not. (decision 1)
 */
export function readName(parts: NameParts, principal: string, hash: HashFunction): Named {
  const { session, requestNumber, ackedBelow, key } = parts;
  const sessionId = session === undefined ? undefined : readSessionId(session);
  if (requestNumber !== undefined) {
    if (sessionId === undefined) throw malformed('session', 'is missing beside requestNumber');
    if (key !== undefined) throw malformed('key', 'must not be given beside requestNumber');
    const name: RequestName = {
      kind: 'numbered',
      session: sessionId,
      requestNumber: readNumber(requestNumber, 'requestNumber') as RequestNumber,
    };
    const acked = ackedBelow === undefined ? 0 : readNumber(ackedBelow, 'ackedBelow');
    return named(name, principal, sessionId, acked);
  }
  if (ackedBelow !== undefined)
    throw malformed('ackedBelow', 'has no meaning without requestNumber');
  const name: RequestName = { kind: 'keyed', keyHash: keyHash(key, hash) };
  return named(name, principal, sessionId, 0);
}

function named(
  name: RequestName,
  principal: string,
  session: string | undefined,
  ackedBelow: number,
): Named {
  return { name, ackedBelow, naming: { request: nameKey({ name, principal }), session } };
}

function keyHash(key: unknown, hash: HashFunction): ByteString {
  if (key === undefined) return toByteString(randomBytes(16));
  if (typeof key !== 'string' || key.length === 0 || key.length > KEY_LENGTH_MAX)
    throw malformed('key', `must be a string of 1 to ${KEY_LENGTH_MAX} characters`);
  return hash(Buffer.from(key, 'utf8'));
}

function readNumber(value: unknown, field: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw malformed(field, 'must be an integer from 0 to 2^53 - 1');
  return value;
}
