import {
  epochNumber,
  incarnation,
  Malformed,
  opNumber,
  toByteString,
  viewNumber,
  type ByteString,
  type HashFunction,
} from '@lockstep/vr-core';
import type { DatabaseFile } from './database-file';
import type { FoundRow } from './found-row';
import {
  chainStart,
  checksumOf,
  decodeSegments,
  FLUSH_FORMAT_VERSION,
  salvageEntries,
  type Flush,
} from './flush-row';
import { flushRows } from './flush-table';
import { DamagedLog, LogFold, type FoldedLog } from './log-fold';
import type { LogTail } from './promise-record';
import { RowIndex } from './row-index';

/** Whose rows they must be. */
export interface LogOwner {
  readonly groupId: string;
  readonly nodeId: string;
  readonly generation: number;
}

/** The log in a file. */
export interface FoundLog extends FoldedLog {
  readonly tail: LogTail;
  readonly rows: RowIndex;
  readonly headOp: Flush['headOp'];
  /** How many rows could not be used; the last is not among them. */
  readonly damagedRows: number;
}

/** A row that is what was written. */
interface ReadRow {
  readonly id: number;
  readonly flush: Flush;
  readonly parent: ByteString;
  readonly checksum: ByteString;
}

/**
 * Folds the rows into the log they make. Every row is checked against its checksum and its predecessor, every entry
 * against the chain of hashes, and the end against each of `marks`. Damage before the end leaves holes that are told; when
 * the end itself is damaged or missing, `DamagedLog` is thrown: a shorter log is never taken for the whole one.
 * Undefined when there is no row yet. (E42; decision 11)
 */
export async function readLogRows(
  file: DatabaseFile,
  owner: LogOwner,
  marks: readonly LogTail[],
  hash: HashFunction,
): Promise<FoundLog | undefined> {
  const damage = await file.structuralDamage();
  if (damage !== undefined) throw new DamagedLog(damage);
  const reading = new LogReading(owner, marks, hash);
  for await (const found of flushRows(file)) reading.take(found);
  return reading.result();
}

class LogReading {
  private readonly marks: readonly LogTail[];
  private readonly hash: HashFunction;
  private readonly born: LogTail['born'];
  private readonly chainStart: ByteString;
  private readonly fold = new LogFold();
  private readonly rows = new RowIndex();
  private firstRow: number | undefined;
  private lastRow = 0;
  private last: ReadRow | undefined;
  private damagedRows = 0;

  constructor(owner: LogOwner, marks: readonly LogTail[], hash: HashFunction) {
    this.marks = marks;
    this.hash = hash;
    this.born = marks[0]?.born ?? incarnation(0);
    this.chainStart = chainStart(owner, this.born, hash);
  }

  take(found: FoundRow): void {
    const id = Number(found['id']);
    this.firstRow ??= id;
    const isAdjacent = id === this.lastRow + 1;
    if (!isAdjacent && id !== this.firstRow) this.skip([]);
    const row = this.read(found, id);
    if (row === undefined) this.skip(this.salvaged(found));
    else {
      if (isAdjacent && this.last?.id === this.lastRow) expectChain(row, this.last);
      this.expectMarked(row);
      this.fold.take(row.flush);
      this.rows.add(id, row.flush.segments, bytesIn(found, 'segments').length);
      this.last = row;
    }
    this.lastRow = id;
  }

  result(): FoundLog | undefined {
    const { marks, born, last, lastRow, rows, damagedRows } = this;
    for (const mark of marks) {
      if (mark.born !== born)
        throw new DamagedLog(`the table is not the one of start ${mark.born} that was in use`);
      if (mark.rowId > lastRow)
        throw new DamagedLog(`it ends at row ${lastRow}; row ${mark.rowId} was written`);
    }
    if (this.firstRow === undefined) return undefined;
    const folded = this.fold.result();
    if (last === undefined) throw new DamagedLog('no row is readable');
    const tail = { born, rowId: lastRow, checksum: last.checksum };
    const { headOp } = last.flush;
    return { ...folded, tail, rows, headOp, damagedRows };
  }

  private skip(salvaged: Parameters<LogFold['skip']>[0]): void {
    this.damagedRows += 1;
    this.fold.skip(salvaged);
  }

  private read(found: FoundRow, id: number): ReadRow | undefined {
    return readFlushRow(found, id, this.chainStart, this.hash);
  }

  private salvaged(found: FoundRow): ReturnType<typeof salvageEntries> {
    const segments = found['segments'];
    return Buffer.isBuffer(segments) ? salvageEntries(segments, this.hash) : [];
  }

  private expectMarked({ id, checksum }: ReadRow): void {
    for (const mark of this.marks)
      if (mark.rowId === id && mark.checksum !== checksum)
        throw new DamagedLog(`row ${id} is not the one that was written`);
  }
}

/** Undefined when anything about the row is not as it was written. */
export function readFlushRow(
  found: FoundRow,
  id: number,
  start: ByteString,
  hash: HashFunction,
): ReadRow | undefined {
  try {
    const row = decodeRow(found, id, hash);
    const place = { id, chainStart: start, parent: row.parent };
    return checksumOf(place, row.flush, hash) === row.checksum ? row : undefined;
  } catch (fault) {
    if (!(fault instanceof Malformed)) throw fault;
    return undefined;
  }
}

function expectChain(row: ReadRow, before: ReadRow): void {
  if (row.parent !== before.checksum)
    throw new DamagedLog(`row ${row.id} does not follow row ${before.id}`);
}

function decodeRow(found: FoundRow, id: number, hash: HashFunction): ReadRow {
  if (found['formatVersion'] !== FLUSH_FORMAT_VERSION)
    throw new Malformed('formatVersion', 'is unknown');
  const flush: Flush = {
    segments: decodeSegments(bytesIn(found, 'segments'), hash),
    lastNormalView: {
      epochNumber: epochNumber(counterIn(found, 'lastNormalEpoch')),
      viewNumber: viewNumber(counterIn(found, 'lastNormalView')),
    },
    commitNumber: opNumber(counterIn(found, 'commitNumber')),
    headOp: opNumber(counterIn(found, 'headOp')),
    base: {
      opNumber: opNumber(counterIn(found, 'baseOp')),
      hash: toByteString(bytesIn(found, 'baseHash')),
    },
    witnessBase: opNumber(counterIn(found, 'witnessBase')),
    checkpointOp: opNumber(counterIn(found, 'checkpointOp')),
  };
  const parent = toByteString(bytesIn(found, 'parent'));
  return { id, flush, parent, checksum: toByteString(bytesIn(found, 'checksum')) };
}

/** SQLite keeps any type in any column: a changed bit may have made a number a text. */
function counterIn(found: FoundRow, name: string): number {
  const value = found[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new Malformed(name, 'is no number');
  return value;
}

function bytesIn(found: FoundRow, name: string): Buffer {
  const value = found[name];
  if (!Buffer.isBuffer(value)) throw new Malformed(name, 'has no bytes');
  return value;
}
