import type { ByteString } from '../encoding/byte-string';

/** Below so many bytes a loop is quicker than a call of `set`. */
const COPIED_BY_HAND_BYTES = 64;

/** Bytes of an entry as a page has it: the length of the key, the key, the length of the value, the value. */
export const encodedLength = (keyBytes: number, valueBytes: number): number =>
  varintBytes(keyBytes) + keyBytes + varintBytes(valueBytes) + valueBytes;

/** Bytes of a length as `Writer.varint` writes it. */
export function varintBytes(value: number): number {
  if (value < 0x80) return 1;
  let bytes = 2;
  for (let rest = value; rest >= 0x4000; rest /= 0x80) bytes += 1;
  return bytes;
}

/** A length that was written here: nothing is checked. */
export function varintAt(data: Uint8Array, at: number): number {
  const first = data[at] as number;
  if (first < 0x80) return first;
  let value = first & 0x7f;
  let scale = 0x80;
  for (let next = at + 1; ; next += 1) {
    const byte = data[next] as number;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 0x80;
  }
}

/** Writes the key with its length; gives where it ends. */
export function writeKey(data: Uint8Array, at: number, key: ByteString): number {
  const from = writeVarint(data, at, key.length);
  for (let place = 0; place < key.length; place += 1) data[from + place] = key.charCodeAt(place);
  return from + key.length;
}

/** Writes the value with its length; gives where it ends. */
export function writeValue(data: Uint8Array, at: number, value: Uint8Array): number {
  return copyBytes(value, 0, value.length, data, writeVarint(data, at, value.length));
}

export function writeVarint(data: Uint8Array, at: number, value: number): number {
  let to = at;
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) data[to++] = (rest & 0x7f) | 0x80;
  data[to] = rest;
  return to + 1;
}

/** Gives where the copy ends. */
export function copyBytes(
  source: Uint8Array,
  from: number,
  bytes: number,
  target: Uint8Array,
  to: number,
): number {
  if (bytes <= COPIED_BY_HAND_BYTES)
    for (let at = 0; at < bytes; at += 1) target[to + at] = source[from + at] as number;
  else target.set(source.subarray(from, from + bytes), to);
  return to + bytes;
}

/** The byte of a key at `at`; -1 behind its end. */
export const codeAt = (key: ByteString, at: number): number =>
  at < key.length ? key.charCodeAt(at) : -1;

/** Four bytes of a key from `from` on, as a number that orders like them; those behind its end count as 0. */
export function headOf(key: ByteString, from: number): number {
  let head = 0;
  for (let at = from; at < from + 4; at += 1)
    head = head * 0x100 + (at < key.length ? key.charCodeAt(at) : 0);
  return head;
}

/** The same of a key that ends before `end`. */
export function headAt(data: Uint8Array, from: number, end: number): number {
  let head = 0;
  for (let at = from; at < from + 4; at += 1)
    head = head * 0x100 + (at < end ? (data[at] as number) : 0);
  return head;
}
