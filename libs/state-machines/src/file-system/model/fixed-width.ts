/** Unsigned integers at a fixed place in a record, big-endian. */
export function getU32(record: Uint8Array, at: number): number {
  return (
    (record[at] as number) * 0x100_0000 +
    (((record[at + 1] as number) << 16) |
      ((record[at + 2] as number) << 8) |
      (record[at + 3] as number))
  );
}

export function putU32(record: Uint8Array, at: number, value: number): void {
  record[at] = value >>> 24;
  record[at + 1] = value >>> 16;
  record[at + 2] = value >>> 8;
  record[at + 3] = value;
}

/** A safe integer in 8 bytes: a bigint here would cost more than the rest of the record. */
export function getU64(record: Uint8Array, at: number): number {
  return getU32(record, at) * 0x1_0000_0000 + getU32(record, at + 4);
}

export function putU64(record: Uint8Array, at: number, value: number): void {
  putU32(record, at, Math.floor(value / 0x1_0000_0000));
  // The low 32 bits are all that is written of it.
  putU32(record, at + 4, value);
}
