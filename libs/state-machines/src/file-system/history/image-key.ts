import {
  keyU32,
  keyU64,
  readKeyU32,
  readKeyU64,
  terminated,
  type ByteString,
} from '@lockstep/vr-core';
import type { Ino } from '../model/inode-type';

/** Which of the tables with a history a key is of. Part of keys: append, never reorder. */
export const TABLE = { inodes: '\x00', dentries: '\x01', extra: '\x02' } as const;
export type TableWithHistory = (typeof TABLE)[keyof typeof TABLE];

/** A key of a table: every key of the three starts with the number of an inode, and a record has no more of it. */
export interface TableKey {
  readonly table: TableWithHistory;
  readonly ino: Ino;
  readonly rest: ByteString;
}

export const NO_REST = '' as ByteString;

export const recordKey = (ino: Ino): TableKey => ({ table: TABLE.inodes, ino, rest: NO_REST });

export const rowKey = (table: TableWithHistory, at: ByteString): TableKey => ({
  table,
  ino: readKeyU64(at, 0),
  rest: at.slice(INO_BYTES) as ByteString,
});

/** What the table itself has it under. */
export const placeInTable = ({ ino, rest }: TableKey): ByteString =>
  (keyU64(ino) + rest) as ByteString;

const INO_AT = 4; // behind the volume
const INO_BYTES = 8;
const TABLE_AT = INO_AT + INO_BYTES;
const REST_AT = TABLE_AT + 1;
const OP_BYTES = 8;
const END_BYTES = 2; // of what `terminated` ends
const TWO_32 = 0x1_0000_0000;

/**
 * The start of the keys in `history` of everything that was once under one key of a table: volume, inode, table, and
 * the rest of the key. The op that replaced it comes last.
 */
export function imagesOf(volume: number, { table, ino, rest }: TableKey): ByteString {
  const start = keyU32(volume) + keyU64(ino) + table;
  return (table === TABLE.inodes ? start : start + terminated(rest)) as ByteString;
}

/** The key of what an op has replaced. */
export const imageKey = (images: ByteString, opNumber: number): ByteString =>
  (images + keyU64(opNumber)) as ByteString;

/** The key of what an op has replaced under a key. */
export function imageKeyOf(volume: number, key: TableKey, opNumber: number): ByteString {
  if (key.table === TABLE.inodes) return recordImageKey(volume, key.ino, opNumber);
  return imageKey(imagesOf(volume, key), opNumber);
}

/** Of a record, made in one piece: a joined string is copied at its first use. */
function recordImageKey(volume: number, ino: Ino, opNumber: number): ByteString {
  const [inoHigh, opHigh] = [Math.floor(ino / TWO_32), Math.floor(opNumber / TWO_32)];
  const [inoLow, opLow] = [ino >>> 0, opNumber >>> 0];
  return String.fromCharCode(
    volume >>> 24,
    (volume >>> 16) & 0xff,
    (volume >>> 8) & 0xff,
    volume & 0xff,
    inoHigh >>> 24,
    (inoHigh >>> 16) & 0xff,
    (inoHigh >>> 8) & 0xff,
    inoHigh & 0xff,
    inoLow >>> 24,
    (inoLow >>> 16) & 0xff,
    (inoLow >>> 8) & 0xff,
    inoLow & 0xff,
    0, // TABLE.inodes
    opHigh >>> 24,
    (opHigh >>> 16) & 0xff,
    (opHigh >>> 8) & 0xff,
    opHigh & 0xff,
    opLow >>> 24,
    (opLow >>> 16) & 0xff,
    (opLow >>> 8) & 0xff,
    opLow & 0xff,
  ) as ByteString;
}

export const imagesOfImage = (image: ByteString): ByteString =>
  image.slice(0, -OP_BYTES) as ByteString;

/** The start of the images of everything of one inode in one table. */
export const inodePrefixOf = (images: ByteString): ByteString =>
  images.slice(0, REST_AT) as ByteString;

export const opOfImage = (image: ByteString): number => readKeyU64(image, image.length - OP_BYTES);

export const volumeOfImage = (image: ByteString): number => readKeyU32(image, 0);

/** What the image was under. */
export function keyOfImage(image: ByteString): TableKey {
  const table = image[TABLE_AT] as TableWithHistory;
  const end = image.length - OP_BYTES - (table === TABLE.inodes ? 0 : END_BYTES);
  const rest = image.slice(REST_AT, end).replaceAll('\0\xff', '\0');
  return { table, ino: readKeyU64(image, INO_AT), rest: rest as ByteString };
}
