import {
  key,
  keyU32,
  keyU64,
  readKeyU32,
  readKeyU64,
  sessionIdOf,
  sessionKeyOf,
  type ByteString,
  type OpNumber,
  type SessionId,
} from '@lockstep/vr-core';

/** Bytes of a session at the start, or in the middle, of a key. */
export const SESSION_KEY_BYTES = 12;

/** Under this is kept what a request without a session has open until it ends: no session is opened by op 0. */
const NO_SESSION = key(keyU64(0), keyU32(0));

/** A session as a part of fixed width of the keys of tables. */
export function keyOfSession(session: { readonly id: string } | undefined): ByteString {
  if (session === undefined) return NO_SESSION;
  const found = sessionKeyOf(session.id);
  if (found === undefined) throw new RangeError(`${session.id} is no session`);
  return found;
}

export const sessionAt = (at: ByteString, start: number): SessionId =>
  sessionIdOf(readKeyU64(at, start) as OpNumber, readKeyU32(at, start + 8));
