declare const bytes: unique symbol;

/**
 * Bytes as a string of char codes 0-255, one for each byte. `<` and `===` on such strings are bytewise and
 * native, which is what table keys, hashes and names of files need. Not text: see `utf8.ts` for text.
 */
export type ByteString = string & { readonly [bytes]: true };

export function toByteString(data: Uint8Array): ByteString {
  return byteStringOf(data, 0, data.length);
}

/**
 * The bytes from `from` to before `to`. Sixteen at a time, then four: several times as quick as spreading the array into
 * one call, at every length.
 */
export function byteStringOf(data: Uint8Array, from: number, to: number): ByteString {
  let text = '';
  let at = from;
  for (; at + 16 <= to; at += 16)
    text += String.fromCharCode(
      data[at] as number,
      data[at + 1] as number,
      data[at + 2] as number,
      data[at + 3] as number,
      data[at + 4] as number,
      data[at + 5] as number,
      data[at + 6] as number,
      data[at + 7] as number,
      data[at + 8] as number,
      data[at + 9] as number,
      data[at + 10] as number,
      data[at + 11] as number,
      data[at + 12] as number,
      data[at + 13] as number,
      data[at + 14] as number,
      data[at + 15] as number,
    );
  for (; at + 4 <= to; at += 4)
    text += String.fromCharCode(
      data[at] as number,
      data[at + 1] as number,
      data[at + 2] as number,
      data[at + 3] as number,
    );
  for (; at < to; at += 1) text += String.fromCharCode(data[at] as number);
  return text as ByteString;
}

export function fromByteString(text: ByteString): Uint8Array {
  const data = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) data[at] = text.charCodeAt(at);
  return data;
}

/** True when every char code is a byte: untrusted strings are tested before they are called a ByteString. */
export function isByteString(text: string): text is ByteString {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0xff) return false;
  return true;
}

/** The smallest key greater than every key that starts with `prefix`; undefined when there is none. */
export function afterPrefix(prefix: ByteString): ByteString | undefined {
  for (let at = prefix.length - 1; at >= 0; at -= 1) {
    const code = prefix.charCodeAt(at);
    if (code < 0xff) return (prefix.slice(0, at) + String.fromCharCode(code + 1)) as ByteString;
  }
  return undefined;
}

export function toHex(text: ByteString): string {
  let hex = '';
  for (let at = 0; at < text.length; at += 1)
    hex += text.charCodeAt(at).toString(16).padStart(2, '0');
  return hex;
}
