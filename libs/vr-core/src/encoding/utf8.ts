import type { ByteString } from './byte-string';

/** UTF-8 without a host: the core has neither TextEncoder nor Buffer. (RFC 3629) */
export function utf8Encode(text: string): ByteString {
  if (isAscii(text)) return text as ByteString;
  let out = '';
  for (const character of text) out += encodePoint(character.codePointAt(0) ?? 0);
  return out as ByteString;
}

/** The text, or undefined when the bytes are not well-formed UTF-8 (overlong forms and surrogates included). */
export function utf8Decode(data: ByteString): string | undefined {
  if (isAscii(data)) return data;
  let text = '';
  for (let at = 0; at < data.length;) {
    const lead = data.charCodeAt(at);
    const length =
      lead < 0x80
        ? 1
        : lead >= 0xc2 && lead < 0xe0
          ? 2
          : lead >= 0xe0 && lead < 0xf0
            ? 3
            : lead >= 0xf0 && lead < 0xf5
              ? 4
              : 0;
    if (length === 0 || at + length > data.length) return undefined;
    let point = length === 1 ? lead : lead & (0x7f >> length);
    for (let next = 1; next < length; next += 1) {
      const byte = data.charCodeAt(at + next);
      if ((byte & 0xc0) !== 0x80) return undefined;
      point = (point << 6) | (byte & 0x3f);
    }
    if (
      (length === 3 && point < 0x800) ||
      (length === 4 && (point < 0x1_0000 || point > 0x10_ffff))
    )
      return undefined;
    if (point >= 0xd800 && point <= 0xdfff) return undefined;
    text += String.fromCodePoint(point);
    at += length;
  }
  return text;
}

/** True when the string has no lone surrogate and so has a UTF-8 form. */
export function isWellFormed(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0xd800 || code > 0xdfff) continue;
    const next = text.charCodeAt(at + 1);
    if (code > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) return false;
    at += 1;
  }
  return true;
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}

function encodePoint(point: number): string {
  if (point < 0x80) return String.fromCharCode(point);
  if (point < 0x800) return String.fromCharCode(0xc0 | (point >> 6), 0x80 | (point & 0x3f));
  if (point < 0x1_0000) {
    return String.fromCharCode(
      0xe0 | (point >> 12),
      0x80 | ((point >> 6) & 0x3f),
      0x80 | (point & 0x3f),
    );
  }
  return String.fromCharCode(
    0xf0 | (point >> 18),
    0x80 | ((point >> 12) & 0x3f),
    0x80 | ((point >> 6) & 0x3f),
    0x80 | (point & 0x3f),
  );
}
