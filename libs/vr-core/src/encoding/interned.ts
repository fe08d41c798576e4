import { byteStringOf, type ByteString } from './byte-string';

const SLOTS = 1024;
const BYTES_MAX = 64;

/** The last string read of each slot. It only saves making an equal one: no result depends on what is in it. */
const strings = new Array<ByteString>(SLOTS).fill('' as ByteString);

/**
 * The bytes from `from` to before `to` as a string: one made before, if it is still here. Names of services, sessions and
 * principals come with every request, and a string that is the same object is found in a `Map` without hashing it anew.
 */
export function interned(data: Uint8Array, from: number, to: number): ByteString {
  const length = to - from;
  if (length > BYTES_MAX) return byteStringOf(data, from, to);
  let hash = length;
  for (let at = from; at < to; at += 1) hash = (Math.imul(hash, 31) + (data[at] as number)) | 0;
  const slot = hash & (SLOTS - 1);
  const kept = strings[slot] as ByteString;
  if (kept.length === length && isAt(kept, data, from)) return kept;
  const made = byteStringOf(data, from, to);
  strings[slot] = made;
  return made;
}

function isAt(text: ByteString, data: Uint8Array, from: number): boolean {
  for (let at = 0; at < text.length; at += 1)
    if (text.charCodeAt(at) !== data[from + at]) return false;
  return true;
}
