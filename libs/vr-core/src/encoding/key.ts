import type { ByteString } from './byte-string';

/**
 * Parts of ordered-table keys. Integers are big-endian and of fixed width so that bytewise order is numeric
 * order; a part of free length must come last, or be ended by `terminated`.
 */
export function keyU32(value: number): ByteString {
  return String.fromCharCode(
    (value >>> 24) & 0xff,
    (value >>> 16) & 0xff,
    (value >>> 8) & 0xff,
    value & 0xff,
  ) as ByteString;
}

/** A safe integer in 8 bytes. */
export function keyU64(value: number): ByteString {
  const high = Math.floor(value / 0x1_0000_0000);
  const low = value >>> 0;
  return String.fromCharCode(
    (high >>> 24) & 0xff,
    (high >>> 16) & 0xff,
    (high >>> 8) & 0xff,
    high & 0xff,
    low >>> 24,
    (low >>> 16) & 0xff,
    (low >>> 8) & 0xff,
    low & 0xff,
  ) as ByteString;
}

/** The same as `prefix + keyU64(value)` for a prefix of 12 bytes, made in one piece: a joined string is copied at its first use. */
export function keyAfter12(prefix: ByteString, value: number): ByteString {
  const high = Math.floor(value / 0x1_0000_0000);
  const low = value >>> 0;
  return String.fromCharCode(
    prefix.charCodeAt(0),
    prefix.charCodeAt(1),
    prefix.charCodeAt(2),
    prefix.charCodeAt(3),
    prefix.charCodeAt(4),
    prefix.charCodeAt(5),
    prefix.charCodeAt(6),
    prefix.charCodeAt(7),
    prefix.charCodeAt(8),
    prefix.charCodeAt(9),
    prefix.charCodeAt(10),
    prefix.charCodeAt(11),
    (high >>> 24) & 0xff,
    (high >>> 16) & 0xff,
    (high >>> 8) & 0xff,
    high & 0xff,
    low >>> 24,
    (low >>> 16) & 0xff,
    (low >>> 8) & 0xff,
    low & 0xff,
  ) as ByteString;
}

export function readKeyU32(key: ByteString, at: number): number {
  return (
    key.charCodeAt(at) * 0x100_0000 +
    ((key.charCodeAt(at + 1) << 16) | (key.charCodeAt(at + 2) << 8) | key.charCodeAt(at + 3))
  );
}

export function readKeyU64(key: ByteString, at: number): number {
  return readKeyU32(key, at) * 0x1_0000_0000 + readKeyU32(key, at + 4);
}

export function key(...parts: ByteString[]): ByteString {
  let joined = '';
  for (const part of parts) joined += part;
  return joined as ByteString;
}

/**
 * A part of free length that more parts follow: zero bytes are escaped as 00 FF and the end is 00 01, so that
 * order is kept and no name is the prefix of another.
 */
export function terminated(part: ByteString): ByteString {
  return (part.replaceAll('\0', '\0\xff') + '\0\x01') as ByteString;
}
