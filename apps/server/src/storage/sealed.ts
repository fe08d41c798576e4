import { crc32 } from 'node:zlib';

const CHECKSUM_BYTES = 4;
const LENGTH_BYTES = 4;
const BODY_AT = CHECKSUM_BYTES + LENGTH_BYTES;

/** The body with its length and a checksum over everything, filled up to `size` bytes. */
export function seal(body: Uint8Array, size: number): Buffer {
  if (body.length > size - BODY_AT)
    throw new RangeError(`a record of ${body.length} bytes does not fit into ${size}`);
  const file = Buffer.alloc(size);
  file.writeUInt32BE(body.length, CHECKSUM_BYTES);
  file.set(body, BODY_AT);
  file.writeUInt32BE(crc32(file.subarray(CHECKSUM_BYTES)), 0);
  return file;
}

/** The body of a sealed record, whatever its size; undefined when any bit of it has changed. */
export function unseal(file: Buffer): Buffer | undefined {
  if (file.length < BODY_AT) return undefined;
  if (crc32(file.subarray(CHECKSUM_BYTES)) !== file.readUInt32BE(0)) return undefined;
  return file.subarray(BODY_AT, BODY_AT + file.readUInt32BE(CHECKSUM_BYTES));
}
