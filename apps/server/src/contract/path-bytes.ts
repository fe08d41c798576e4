import {
  fromByteString,
  isWellFormed,
  toByteString,
  utf8Decode,
  type ByteString,
} from '@lockstep/vr-core';
import { readBase64 } from './fields';
import type { JsonObject } from './json';
import { malformed } from './problem';

/** Names of files are bytes: text where they are UTF-8, base64 in a field named `...Base64` where not. (decision 36) */
export function readBytes(object: JsonObject, name: string, field = name): ByteString | undefined {
  const text = object[name];
  const base64 = object[`${name}Base64`];
  if (text !== undefined && base64 !== undefined)
    throw malformed(`${field}Base64`, `must not be given together with ${name}`);
  if (base64 !== undefined) return toByteString(readBase64(base64, `${field}Base64`));
  if (text === undefined) return undefined;
  if (typeof text !== 'string') throw malformed(field, 'must be a string');
  if (!isWellFormed(text)) throw malformed(field, 'must be valid Unicode text');
  return Buffer.from(text, 'utf8').toString('latin1') as ByteString;
}

export function readRequiredBytes(object: JsonObject, name: string, field = name): ByteString {
  const bytes = readBytes(object, name, field);
  if (bytes === undefined) throw malformed(field, 'is missing');
  return bytes;
}

/** `{name}` or `{nameBase64}`; nothing when there are no bytes. */
export function bytesField(name: string, bytes: ByteString | undefined): JsonObject {
  if (bytes === undefined) return {};
  const text = utf8Decode(bytes);
  if (text !== undefined) return { [name]: text };
  return { [`${name}Base64`]: Buffer.from(fromByteString(bytes)).toString('base64') };
}

const ESCAPE = /%([0-9A-Fa-f]{2})|%/g;

/** The bytes of a percent-encoded path, which need be no text: no decodeURIComponent. (RFC 3986 §2.1; decision 36) */
export function percentDecode(encoded: string, field: string): ByteString {
  const raw = Buffer.from(encoded, 'utf8').toString('latin1');
  return raw.replace(ESCAPE, (_, hex?: string) => {
    if (hex === undefined) throw malformed(field, 'has a % that starts no escape');
    return String.fromCharCode(Number.parseInt(hex, 16));
  }) as ByteString;
}
