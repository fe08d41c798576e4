import { Reader, Writer } from '@lockstep/vr-core';
import type { Ino } from '../model/inode-type';
import { recordKey, TABLE, type TableKey, type TableWithHistory } from './image-key';

const TABLES: readonly TableWithHistory[] = [TABLE.inodes, TABLE.dentries, TABLE.extra];

/** Images that one request, or a part of it, has made. */
export interface WindowRow {
  /** Inodes from this number on were made by this op or later. */
  readonly births: Ino;
  /** Cluster time of the op. */
  readonly atMs: number;
  /** What the row counts for, with its images. */
  readonly bytes: number;
  readonly keys: readonly TableKey[];
}

export function encodeWindowRow({ births, atMs, bytes, keys }: WindowRow): Uint8Array {
  const writer = new Writer();
  writer.varint(births);
  writer.varint(atMs);
  writer.varint(bytes);
  for (const { table, ino, rest } of keys) {
    writer.u8(table.charCodeAt(0));
    writer.varint(ino);
    if (table !== TABLE.inodes) writer.byteString(rest);
  }
  return writer.finish();
}

export function decodeWindowRow(row: Uint8Array): WindowRow {
  const reader = new Reader(row);
  const [births, atMs, bytes] = [reader.varint(), reader.varint(), reader.varint()];
  const keys: TableKey[] = [];
  while (reader.remaining > 0) {
    const table = TABLES[reader.u8()] as TableWithHistory;
    const ino = reader.varint();
    if (table === TABLE.inodes) keys.push(recordKey(ino));
    else keys.push({ table, ino, rest: reader.byteString() });
  }
  return { births, atMs, bytes, keys };
}
