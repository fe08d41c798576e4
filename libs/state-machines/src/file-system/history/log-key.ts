import { keyU32, keyU64, readKeyU32, readKeyU64, type ByteString } from '@lockstep/vr-core';
import { imageKeyOf, type TableKey, type TableWithHistory } from './image-key';

/** The logs of a volume, in the order of their keys: the window last, as it is where the table grows. */
export const LOG = {
  /** op, inode, table, rest of the key -> nothing: an image that only snapshots need. */
  kept: '\x00',
  /** A place in `kept` -> an op: from there to there, images of a snapshot that is gone. */
  released: '\x01',
  /** op, number of its first image -> images of one of the newest ops, as in `window-row.ts`. */
  window: '\x02',
} as const;
export type Log = (typeof LOG)[keyof typeof LOG];

const PLACE_AT = 5; // behind the volume and the log
const INO_AT = PLACE_AT + 8;
const TABLE_AT = INO_AT + 8;
const TWO_32 = 0x1_0000_0000;

/** The start of the keys of one log. */
export const logOf = (volume: number, log: Log): ByteString => (keyU32(volume) + log) as ByteString;

/** The start of the keys of one op, in the log that starts with `log`. */
export const logAt = (log: ByteString, opNumber: number): ByteString =>
  (log + keyU64(opNumber)) as ByteString;

/** Made in one piece: a joined string is copied at its first use. */
export function windowKey(volume: number, opNumber: number, number: number): ByteString {
  const [opHigh, high] = [Math.floor(opNumber / TWO_32), Math.floor(number / TWO_32)];
  const [opLow, low] = [opNumber >>> 0, number >>> 0];
  return String.fromCharCode(
    volume >>> 24,
    (volume >>> 16) & 0xff,
    (volume >>> 8) & 0xff,
    volume & 0xff,
    2, // LOG.window
    opHigh >>> 24,
    (opHigh >>> 16) & 0xff,
    (opHigh >>> 8) & 0xff,
    opHigh & 0xff,
    opLow >>> 24,
    (opLow >>> 16) & 0xff,
    (opLow >>> 8) & 0xff,
    opLow & 0xff,
    high >>> 24,
    (high >>> 16) & 0xff,
    (high >>> 8) & 0xff,
    high & 0xff,
    low >>> 24,
    (low >>> 16) & 0xff,
    (low >>> 8) & 0xff,
    low & 0xff,
  ) as ByteString;
}

export const keptKey = (
  volume: number,
  opNumber: number,
  { table, ino, rest }: TableKey,
): ByteString =>
  (keyU32(volume) + LOG.kept + keyU64(opNumber) + keyU64(ino) + table + rest) as ByteString;

export const opOf = (logged: ByteString): number => readKeyU64(logged, PLACE_AT);

/** What follows the volume and the log. */
export const placeOf = (logged: ByteString): ByteString => logged.slice(PLACE_AT) as ByteString;

/** What a row of `kept` is of. */
export function keptOf(logged: ByteString): TableKey {
  const rest = logged.slice(TABLE_AT + 1) as ByteString;
  return { table: logged[TABLE_AT] as TableWithHistory, ino: readKeyU64(logged, INO_AT), rest };
}

/** The key of the image that a row of `kept` is of. */
export const imageOfKept = (logged: ByteString): ByteString =>
  imageKeyOf(readKeyU32(logged, 0), keptOf(logged), opOf(logged));
