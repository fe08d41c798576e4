import type { ByteString } from '@lockstep/vr-core';
import { rowsOfFlush } from '../flush-table';
import { readFlushRow } from '../stored-log';
import type { ScrubbedDatabase } from './scrubbed-database';

/** How far the rows of the log have been checked. */
export interface FlushCursor {
  /** The last row that was. */
  readonly row: number;
  /** Its checksum, when it was sound: the next row must name it. */
  readonly checksum: ByteString | undefined;
}

export const FLUSHES_START: FlushCursor = { row: 0, checksum: undefined };

interface CheckedFlushes {
  readonly bytes: number;
  /** Rows that are missing, or not what was written. */
  readonly damaged: readonly number[];
  /** Undefined after the newest row. */
  readonly next: FlushCursor | undefined;
}

const BYTES_MAX = 64 << 10;
const ROWS_MAX = 64;

/**
 * The next few rows of the log that a start would need: each against its checksum, its predecessor and its place, the
 * newest against what was written last. Only between writes. Rejects with SQLite's own fault.
 */
export async function checkFlushes(
  database: ScrubbedDatabase,
  after: FlushCursor,
): Promise<CheckedFlushes> {
  const { file, rows, tail } = database;
  const first = Math.max(after.row + 1, rows.firstRow);
  if (first > tail.rowId) return { bytes: 0, damaged: [], next: undefined };
  const last = Math.min(rows.lastWithin(first, BYTES_MAX, ROWS_MAX), tail.rowId);
  const found = new Map<number, Awaited<ReturnType<typeof rowsOfFlush>>[number]>();
  for (const row of await rowsOfFlush(file, first, last)) found.set(Number(row['id']), row);
  const damaged: number[] = [];
  let bytes = 0;
  let before = first === after.row + 1 ? after.checksum : undefined;
  for (let id = first; id <= last; id += 1) {
    const row = found.get(id);
    const read = row && readFlushRow(row, id, database.chainStart, database.hash);
    const isSound =
      read !== undefined &&
      (before === undefined || read.parent === before) &&
      (id !== tail.rowId || read.checksum === tail.checksum);
    if (!isSound) damaged.push(id);
    bytes += lengthOf(row?.['segments']);
    before = isSound ? read.checksum : undefined;
  }
  const next = last === tail.rowId ? undefined : { row: last, checksum: before };
  return { bytes, damaged, next };
}

const lengthOf = (value: unknown): number => (Buffer.isBuffer(value) ? value.length : 0);
