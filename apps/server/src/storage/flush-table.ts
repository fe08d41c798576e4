import type { DatabaseFile, Step } from './database-file';
import type { FoundRow } from './found-row';
import type { FlushRow } from './flush-row';

const COLUMNS = `id, format_version AS formatVersion, segments, last_normal_epoch AS lastNormalEpoch,
  last_normal_view AS lastNormalView, commit_number AS commitNumber, head_op AS headOp, base_op AS baseOp,
  base_hash AS baseHash, witness_base AS witnessBase, checkpoint_op AS checkpointOp, parent, checksum`;

/** Rows may hold megabytes each: few are read at a time. */
const ROWS_PER_READ = 32;
const SELECT = `SELECT ${COLUMNS} FROM flush WHERE id > ? ORDER BY id LIMIT ${ROWS_PER_READ}`;
const BETWEEN = `SELECT ${COLUMNS} FROM flush WHERE id BETWEEN ? AND ? ORDER BY id`;
const INSERT = 'INSERT INTO flush VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)';
const DELETE = 'DELETE FROM flush WHERE id < ?';

/** All rows in the order of their ids, as they are found. */
export async function* flushRows(file: DatabaseFile): AsyncGenerator<FoundRow> {
  let after = 0;
  for (;;) {
    const rows = await file.query(SELECT, [after]);
    yield* rows;
    if (rows.length < ROWS_PER_READ) return;
    after = Number(rows.at(-1)?.['id']);
  }
}

/** Those from `first` to `last` that are there, in the order of their ids. */
export function rowsOfFlush(
  file: DatabaseFile,
  first: number,
  last: number,
): Promise<readonly FoundRow[]> {
  return file.query(BETWEEN, [first, last]);
}

/** Rows are added at the end, and dropped from the beginning. */
export function insertFlush(row: FlushRow): Step {
  const values = [
    row.id,
    row.formatVersion,
    row.segments,
    row.lastNormalEpoch,
    row.lastNormalView,
    row.commitNumber,
    row.headOp,
    row.baseOp,
    row.baseHash,
    row.witnessBase,
    row.checkpointOp,
    row.parent,
    row.checksum,
  ];
  return { sql: INSERT, values };
}

export function dropFlushesBefore(id: number): Step {
  return { sql: DELETE, values: [id] };
}
