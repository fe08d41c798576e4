import { getU32, putU32 } from './fixed-width';

/** A time of a file: seconds since 1970, which may be negative, and 0 to 999,999,999 nanoseconds after them. */
export interface FileTime {
  readonly seconds: number;
  readonly nanos: number;
}

/**
 * A record keeps a time in 8 bytes: 34 bits of seconds above `SECONDS_MIN` and 30 bits of nanoseconds, so that the
 * order of the bytes is the order of the times. The range, 1901-12-13 to 2446-05-10, is that of ext4.
 */
export const SECONDS_MIN = -(2 ** 31);
export const SECONDS_MAX = SECONDS_MIN + 2 ** 34 - 1;

export const EPOCH: FileTime = { seconds: 0, nanos: 0 };

/** The nearest time that can be kept: Linux clamps a time its file system cannot keep, and drops the nanoseconds. */
export function nearestFileTime(seconds: number, nanos: number): FileTime {
  if (seconds <= SECONDS_MIN) return { seconds: SECONDS_MIN, nanos: 0 };
  if (seconds >= SECONDS_MAX) return { seconds: SECONDS_MAX, nanos: 0 };
  return { seconds, nanos };
}

export function isLater(one: FileTime, other: FileTime): boolean {
  return one.seconds === other.seconds ? one.nanos > other.nanos : one.seconds > other.seconds;
}

export function getTime(record: Uint8Array, at: number): FileTime {
  const low = getU32(record, at + 4);
  return {
    seconds: getU32(record, at) * 4 + (low >>> 30) + SECONDS_MIN,
    nanos: low & 0x3fff_ffff,
  };
}

export function putTime(record: Uint8Array, at: number, time: FileTime): void {
  const above = time.seconds - SECONDS_MIN;
  putU32(record, at, Math.floor(above / 4));
  putU32(record, at + 4, (above & 3) * 0x4000_0000 + time.nanos);
}
