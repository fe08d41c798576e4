import {
  key,
  keyU32,
  keyU64,
  terminated,
  utf8Decode,
  utf8Encode,
  type ByteString,
} from '@lockstep/vr-core';
import { MODES, type Mode } from './compatibility';
import type { Owner } from './owner';
import type { RequestRow } from './tables';

/** Bytes of `placeOf`. */
export const PLACE_BYTES = 13;

/** Where a request stands among those that wait: the rank, then its place in the log. Conversions come first. */
export function placeOf(
  request: Pick<RequestRow, 'kind' | 'priority' | 'opNumber' | 'index'>,
): ByteString {
  const rank = request.kind === 'conversion' ? 0 : RANK_OF_0 - request.priority;
  const place = key(keyU64(request.opNumber), keyU32(request.index));
  return key(String.fromCharCode(rank) as ByteString, place);
}

const RANK_OF_0 = 0x80;

export const nameKey = (name: string): ByteString => utf8Encode(name);

/** Prefix of everything that belongs to one lock, or to one session. */
export const rowsOf = (name: string): ByteString => terminated(utf8Encode(name));

export function holdKey(lock: string, fence: bigint): ByteString {
  return key(rowsOf(lock), fenceKey(fence));
}

/** The fence at the end of a key. */
export function fenceOf(holdKeyOrIndex: ByteString): bigint {
  let fence = 0n;
  for (let at = holdKeyOrIndex.length - 8; at < holdKeyOrIndex.length; at += 1) {
    fence = (fence << 8n) | BigInt(holdKeyOrIndex.charCodeAt(at));
  }
  return fence;
}

/** Prefix of the rows of every lock below one, where those begin with the lock's name. */
export function rowsBelow(lock: string): ByteString {
  return terminated(utf8Encode(`${lock}/`)).slice(0, -TERMINATOR_BYTES) as ByteString;
}

const TERMINATOR_BYTES = 2;
const FENCE_BYTES = 8;

/** The lock of a key of `holds`. */
export function lockOf(holdKeyBytes: ByteString): string {
  const name = holdKeyBytes.slice(0, -FENCE_BYTES - TERMINATOR_BYTES);
  const text = utf8Decode(name.replaceAll('\0\xff', '\0') as ByteString);
  if (text === undefined) throw new RangeError('a lock whose name is not text');
  return text;
}

/** The queue of everybody who wants a lock in one mode. */
export function queueOf(lock: string, mode: Mode): ByteString {
  return key(rowsOf(lock), String.fromCharCode(MODES.indexOf(mode)) as ByteString);
}

/** Prefix of all that one owner holds, or waits for. */
export function ownersKey({ session, owner }: Owner): ByteString {
  return key(rowsOf(session), rowsOf(owner));
}

/** Prefix of what one owner has of one lock, in `session-holds` and in `session-waits`; its key in `session-intents`. */
export function ownLockKey(owner: Owner, lock: string): ByteString {
  return key(ownersKey(owner), rowsOf(lock));
}

export function sessionHoldKey(owner: Owner, lock: string, fence: bigint): ByteString {
  return key(ownLockKey(owner, lock), fenceKey(fence));
}

/** The lock of a key of `session-holds`. */
export function sessionHoldLock(session: string, at: ByteString): string {
  const ownerAndLock = at.slice(rowsOf(session).length);
  return lockOf(ownerAndLock.slice(ownerAndLock.indexOf(TERMINATOR) + 2) as ByteString);
}

const TERMINATOR = terminated('' as ByteString);

export function sessionWaitKey(request: RequestRow, lock: string): ByteString {
  const place = key(keyU64(request.opNumber), keyU32(request.index));
  return key(ownLockKey(request, lock), place);
}

export function finishedKey(session: string, count: number): ByteString {
  return key(rowsOf(session), keyU64(count));
}

export function memberKey(barrier: string, session: string, owner: string): ByteString {
  return key(rowsOf(barrier), rowsOf(session), rowsOf(owner));
}

export function fenceKey(fence: bigint): ByteString {
  return key(keyU32(Number(fence >> 32n)), keyU32(Number(fence & 0xffff_ffffn)));
}
