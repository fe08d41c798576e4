/** A file of an archive. */
export interface TarEntry {
  /** At most 100 bytes of ASCII, with `/` between folders. */
  readonly name: string;
  readonly content: Uint8Array;
}

const BLOCK = 512;
const NAME_BYTES_MAX = 100;

/** Files as one archive in the interchange format `ustar`: owned by nobody, readable by who unpacks them. (POSIX pax, "ustar") */
export function tar(entries: readonly TarEntry[], atSeconds: number): Buffer {
  const parts: Uint8Array[] = [];
  for (const { name, content } of entries) {
    parts.push(header(name, content.length, atSeconds), content);
    parts.push(Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK));
  }
  // Two blocks of zeros are the end.
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

function header(name: string, bytes: number, atSeconds: number): Buffer {
  if (Buffer.byteLength(name) > NAME_BYTES_MAX) throw new RangeError(`${name} is too long a name`);
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 'latin1');
  block.write(octal(0o600, 8), 100, 'latin1');
  block.write(octal(0, 8), 108, 'latin1');
  block.write(octal(0, 8), 116, 'latin1');
  block.write(octal(bytes, 12), 124, 'latin1');
  block.write(octal(atSeconds, 12), 136, 'latin1');
  // The sum is made with blanks in its own place.
  block.write(' '.repeat(8), 148, 'latin1');
  block.write('0', 156, 'latin1');
  block.write('ustar\0' + '00', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 7)} `, 148, 'latin1');
  return block;
}

/** A field of so many bytes: digits, then a zero byte. */
const octal = (value: number, bytes: number): string =>
  `${value.toString(8).padStart(bytes - 1, '0')}\0`.slice(-bytes);
