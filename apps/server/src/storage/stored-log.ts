import {
  incarnation,
  Malformed,
  opNumber,
  toByteString,
  epochNumber,
  viewNumber,
  type ByteString,
  type HashFunction,
  type LogEntry,
  type OpNumber,
  type Viewstamp,
} from '@lockstep/vr-core';
import {
  appendSegment,
  chainStart,
  checksumOf,
  decodeSegments,
  FLUSH_FORMAT_VERSION,
  type Flush,
  type FlushRow,
} from './flush-row';
import type { FlushTable } from './flush-table';
import type { LogTail } from './promise-record';

/** Whose rows they must be. */
export interface LogOwner {
  readonly groupId: string;
  readonly nodeId: string;
  readonly generation: number;
}

/** What the rows of a table say, taken together. */
export interface FoldedLog {
  readonly entries: readonly LogEntry[];
  readonly lastNormalView: Viewstamp;
  readonly commitNumber: OpNumber;
  readonly tail: LogTail;
}

/** The rows cannot be what was written: nothing of them may be used. (E42) */
export class DamagedLog extends Error {
  override readonly name = 'DamagedLog';
}

/**
 * Folds all rows into the log they make. Every row is checked against its checksum and its predecessor, every entry against
 * the chain of hashes, and the end against each of `marks`: the log is whole, or `DamagedLog` is thrown. A shorter
 * log is never taken for the whole one. (E42; decision 11)
 */
export async function foldLog(
  table: FlushTable,
  owner: LogOwner,
  marks: readonly LogTail[],
  hash: HashFunction,
): Promise<FoldedLog> {
  const damage = await table.structuralDamage();
  if (damage !== undefined) throw new DamagedLog(damage);
  const born = marks[0]?.born ?? incarnation(0);
  const entries: LogEntry[] = [];
  const checksums: ByteString[] = [chainStart(owner, born, hash)];
  let last: Flush | undefined;
  for await (const found of table.rows()) {
    const row = checkedRow(found, checksums.length);
    try {
      last = decodeFlush(row, hash);
      for (const segment of last.segments) appendSegment(entries, segment);
    } catch (fault) {
      if (!(fault instanceof Malformed)) throw fault;
      throw new DamagedLog(`row ${row.id} is unreadable: ${fault.message}`);
    }
    const checksum = checksumOf(checksums[row.id - 1] as ByteString, row.id, last, hash);
    if (checksum !== toByteString(row.checksum))
      throw new DamagedLog(`row ${row.id} does not match its checksum`);
    checksums.push(checksum);
  }
  for (const mark of marks) expectTail(mark, born, checksums);
  return {
    entries,
    lastNormalView: last?.lastNormalView ?? {
      epochNumber: epochNumber(0),
      viewNumber: viewNumber(0),
    },
    commitNumber: last?.commitNumber ?? opNumber(0),
    tail: { born, rowId: checksums.length - 1, checksum: checksums.at(-1) as ByteString },
  };
}

function decodeFlush(row: FlushRow, hash: HashFunction): Flush {
  return {
    segments: decodeSegments(row.segments, hash),
    lastNormalView: {
      epochNumber: epochNumber(row.lastNormalEpoch),
      viewNumber: viewNumber(row.lastNormalView),
    },
    commitNumber: opNumber(row.commitNumber),
  };
}

/** Whatever was known to be in the table must still be there, the same. */
function expectTail(mark: LogTail, born: number, checksums: readonly ByteString[]): void {
  if (mark.born !== born)
    throw new DamagedLog(`the table is not the one of start ${mark.born} that was in use`);
  const found = checksums[mark.rowId];
  if (found === undefined)
    throw new DamagedLog(`it ends at row ${checksums.length - 1}; row ${mark.rowId} was written`);
  if (found !== mark.checksum)
    throw new DamagedLog(`row ${mark.rowId} is not the one that was written`);
}

/** SQLite keeps any type in any column: a changed bit may have made a number a text. */
function checkedRow(found: Readonly<Record<keyof FlushRow, unknown>>, id: number): FlushRow {
  const { segments, checksum } = found;
  if (found.id !== id) throw new DamagedLog(`row ${id} is missing`);
  if (!Buffer.isBuffer(segments) || !Buffer.isBuffer(checksum))
    throw new DamagedLog(`row ${id} has no bytes where bytes belong`);
  const formatVersion = counterOf(found.formatVersion, id);
  if (formatVersion !== FLUSH_FORMAT_VERSION)
    throw new DamagedLog(`row ${id} claims format ${formatVersion}`);
  return {
    id,
    formatVersion,
    segments,
    lastNormalEpoch: counterOf(found.lastNormalEpoch, id),
    lastNormalView: counterOf(found.lastNormalView, id),
    commitNumber: counterOf(found.commitNumber, id),
    checksum,
  };
}

function counterOf(value: unknown, id: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new DamagedLog(`row ${id} has no number where a number belongs`);
  return value;
}
