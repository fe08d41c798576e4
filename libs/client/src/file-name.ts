/** A path or a name: text, or the bytes themselves where they are no UTF-8. (decision 36) */
export type PathLike = string | Uint8Array;

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** `{path: ...}` or `{pathBase64: ...}` for the wire. */
export function nameField(field: string, name: PathLike): Record<string, string> {
  if (typeof name === 'string') return { [field]: name };
  const text = textOf(name);
  return text === undefined ? { [`${field}Base64`]: toBase64(name) } : { [field]: text };
}

/** The name of an answer: text, or bytes where they are no UTF-8. */
export function readName(answer: Readonly<Record<string, unknown>>, field: string): PathLike {
  const text = answer[field];
  if (typeof text === 'string') return text;
  const base64 = answer[`${field}Base64`];
  if (typeof base64 === 'string')
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  throw new TypeError(`the answer has no ${field}`);
}

/** For people: bytes that are no text are shown as escapes. */
export const showName = (name: PathLike): string =>
  typeof name === 'string'
    ? name
    : Array.from(name, (byte) =>
        byte >= 0x20 && byte < 0x7f
          ? String.fromCharCode(byte)
          : `\\x${byte.toString(16).padStart(2, '0')}`,
      ).join('');

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

const toBase64 = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
