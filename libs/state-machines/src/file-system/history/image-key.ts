import { keyU32, keyU64, readKeyU32, readKeyU64, terminated } from '@lockstep/vr-core';
import type { ByteString } from '@lockstep/vr-core';
import type { Ino } from '../model/inode-type';

/** Which of the tables with a history a key is of. Part of keys: append, never reorder. */
export const TABLE = { inodes: '\x00', dentries: '\x01', extra: '\x02' } as const;
export type TableWithHistory = (typeof TABLE)[keyof typeof TABLE];

/** A key of a table: every key of the three starts with the number of an inode. */
export interface TableKey {
  readonly table: TableWithHistory;
  readonly at: ByteString;
}

const INO_AT = 4; // behind the volume
const TABLE_AT = INO_AT + 8;
const REST_AT = TABLE_AT + 1;
const OP_BYTES = 8;
const END_BYTES = 2; // of what `terminated` ends

/**
 * The start of the keys in `history` of everything that was once under one key of a table: volume, inode, table, and
 * the rest of the key. The op that replaced it comes last.
 */
export function imagesOf(volume: number, { table, at }: TableKey): ByteString {
  const start = keyU32(volume) + at.slice(0, 8) + table;
  // Nothing more is in the key of a record.
  const rest = table === TABLE.inodes ? '' : terminated(at.slice(8) as ByteString);
  return (start + rest) as ByteString;
}

/** The key of what an op has replaced. */
export const imageKey = (images: ByteString, opNumber: number): ByteString =>
  (images + keyU64(opNumber)) as ByteString;

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
  return { table, at: (image.slice(INO_AT, TABLE_AT) + rest) as ByteString };
}

export const inoOf = ({ at }: TableKey): Ino => readKeyU64(at, 0);
