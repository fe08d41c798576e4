import { keyU32, keyU64, readKeyU32, readKeyU64, terminated } from '@lockstep/vr-core';
import type { ByteString } from '@lockstep/vr-core';
import type { Ino } from '../model/inode-type';

/** Which of the tables with a history a key is of. Part of keys: append, never reorder. */
export const TABLE = { inodes: '\x00', dentries: '\x01', extra: '\x02' } as const;
export type TableWithHistory = (typeof TABLE)[keyof typeof TABLE];

const INO_AT = 4; // behind the volume
const REST_AT = INO_AT + 8 + 1;
const OP_BYTES = 8;
const END_BYTES = 2; // of what `terminated` ends

/**
 * The start of the keys in `history` of everything that was once under one key of a table: volume, inode, table, and
 * the rest of the key. The op that replaced it comes last.
 */
export function imagesOf(volume: number, table: TableWithHistory, at: ByteString): ByteString {
  // Every key of the three tables starts with the number of an inode; that of a record has nothing more.
  const rest = table === TABLE.inodes ? '' : terminated(at.slice(8) as ByteString);
  return (keyU32(volume) + at.slice(0, 8) + table + rest) as ByteString;
}

/** The key of what an op has replaced. */
export const imageKey = (images: ByteString, opNumber: number): ByteString =>
  (images + keyU64(opNumber)) as ByteString;

export const imagesOfImage = (image: ByteString): ByteString =>
  image.slice(0, -OP_BYTES) as ByteString;

/** The start of the images of everything of one inode in one table. */
export const inodePrefixOf = (images: ByteString): ByteString =>
  images.slice(0, REST_AT) as ByteString;

export const opOfImage = (image: ByteString): number =>
  readKeyU64(image, image.length - OP_BYTES);

export const volumeOfImage = (image: ByteString): number => readKeyU32(image, 0);

/** The key, in a table that is not that of the records, which the image was under. */
export function keyOfImage(image: ByteString): ByteString {
  const rest = image.slice(REST_AT, -(OP_BYTES + END_BYTES)).replaceAll('\0\xff', '\0');
  return (image.slice(INO_AT, INO_AT + 8) + rest) as ByteString;
}

/** The logs of a volume, in the order of their keys: the window last, as it is where the table grows. */
export const LOG = {
  /** Before-images that only snapshots need. */
  kept: '\x00',
  /** Parts of `kept` that a snapshot needed which is gone: from there, to that op. */
  released: '\x01',
  /** Before-images of the newest ops. */
  window: '\x02',
} as const;
export type Log = (typeof LOG)[keyof typeof LOG];

const LOG_AT = 4; // behind the volume
const PLACE_AT = LOG_AT + 1;
const LOGGED_INO_AT = PLACE_AT + OP_BYTES;
const LOGGED_TABLE_AT = LOGGED_INO_AT + 8;

/** The start of the keys of one log in `historyLog`. */
export const logOf = (volume: number, log: Log): ByteString =>
  (keyU32(volume) + log) as ByteString;

/** The key in the window of the image that an op has made of what is under `at`: volume, log, op, inode, table, rest. */
export function windowKey(
  images: ByteString,
  table: TableWithHistory,
  at: ByteString,
  opNumber: number,
): ByteString {
  const volume = images.slice(0, LOG_AT);
  const inode = at.slice(0, 8);
  return (volume + LOG.window + keyU64(opNumber) + inode + table + at.slice(8)) as ByteString;
}

/** Its place in a log: op, inode, table, rest. */
export const placeOf = (logged: ByteString): ByteString => logged.slice(PLACE_AT) as ByteString;

export const opOf = (logged: ByteString): number => readKeyU64(logged, PLACE_AT);

/** The inode whose record the image is of; undefined of other tables. */
export function inodeOf(logged: ByteString): Ino | undefined {
  return logged[LOGGED_TABLE_AT] === TABLE.inodes ? readKeyU64(logged, LOGGED_INO_AT) : undefined;
}

/** The key of the image that a row of a log is about. */
export function imageOf(logged: ByteString): ByteString {
  const table = logged[LOGGED_TABLE_AT] as TableWithHistory;
  const inode = logged.slice(LOGGED_INO_AT, LOGGED_TABLE_AT);
  const at = (inode + logged.slice(LOGGED_TABLE_AT + 1)) as ByteString;
  return imageKey(imagesOf(readKeyU32(logged, 0), table, at), opOf(logged));
}
