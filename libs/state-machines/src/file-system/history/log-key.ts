import { keyU32, keyU64, readKeyU32, readKeyU64, type ByteString } from '@lockstep/vr-core';
import { imageKey, imagesOf, type TableKey, type TableWithHistory } from './image-key';

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

/** The start of the keys of one log. */
export const logOf = (volume: number, log: Log): ByteString => (keyU32(volume) + log) as ByteString;

/** The start of the keys of one op, in the log that starts with `log`. */
export const logAt = (log: ByteString, opNumber: number): ByteString =>
  (log + keyU64(opNumber)) as ByteString;

export const windowKey = (volume: number, opNumber: number, number: number): ByteString =>
  (keyU32(volume) + LOG.window + keyU64(opNumber) + keyU64(number)) as ByteString;

export const keptKey = (volume: number, opNumber: number, { table, at }: TableKey): ByteString =>
  (keyU32(volume) +
    LOG.kept +
    keyU64(opNumber) +
    at.slice(0, 8) +
    table +
    at.slice(8)) as ByteString;

export const opOf = (logged: ByteString): number => readKeyU64(logged, PLACE_AT);

/** What follows the volume and the log. */
export const placeOf = (logged: ByteString): ByteString => logged.slice(PLACE_AT) as ByteString;

/** What a row of `kept` is of. */
export function keptOf(logged: ByteString): TableKey {
  const at = (logged.slice(INO_AT, TABLE_AT) + logged.slice(TABLE_AT + 1)) as ByteString;
  return { table: logged[TABLE_AT] as TableWithHistory, at };
}

/** The key of the image that a row of `kept` is of. */
export const imageOfKept = (logged: ByteString): ByteString =>
  imageKey(imagesOf(readKeyU32(logged, 0), keptOf(logged)), opOf(logged));
