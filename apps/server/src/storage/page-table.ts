import type { DatabaseFile, SqlValue, Step } from './database-file';
import type { FoundRow } from './found-row';
import type { PageRow } from './page-row';

const COLUMNS = 'id, table_name AS tableName, page, op, is_transfer AS isTransfer, bytes, checksum';

/** So many pages are in memory at a time when all are read. */
const ROWS_PER_READ = 64;
/** One statement takes so many: a statement is a trip to another thread, whatever it does. */
const ROWS_PER_INSERT = 32;

const BACKWARD = `SELECT ${COLUMNS} FROM page WHERE id < ? ORDER BY id DESC LIMIT ${ROWS_PER_READ}`;
const THESE = `SELECT ${COLUMNS} FROM page WHERE id IN (SELECT value FROM json_each(?))`;
const DELETE = 'DELETE FROM page WHERE id IN (SELECT value FROM json_each(?))';

/** All rows, the newest first, a portion at a time. */
export async function* pageRowsBackward(file: DatabaseFile): AsyncGenerator<readonly FoundRow[]> {
  let before = Number.MAX_SAFE_INTEGER;
  for (;;) {
    const rows = await file.query(BACKWARD, [before]);
    yield rows;
    if (rows.length < ROWS_PER_READ) return;
    before = Number(rows.at(-1)?.['id']);
  }
}

/** The id of the newest row; 0 without one. */
export async function newestPageRow(file: DatabaseFile): Promise<number> {
  const [row] = await file.query('SELECT max(id) AS id FROM page', []);
  return Number(row?.['id'] ?? 0);
}

/** These rows, in any order; those that are not there are left out. */
export function pageRows(file: DatabaseFile, ids: readonly number[]): Promise<readonly FoundRow[]> {
  return file.query(THESE, [JSON.stringify(ids)]);
}

export function insertPages(rows: readonly PageRow[]): Step[] {
  const steps: Step[] = [];
  for (let first = 0; first < rows.length; first += ROWS_PER_INSERT) {
    const some = rows.slice(first, first + ROWS_PER_INSERT);
    steps.push({ sql: insertOf(some.length), values: some.flatMap(valuesOf) });
  }
  return steps;
}

export function deletePages(ids: readonly number[]): Step {
  return { sql: DELETE, values: [JSON.stringify(ids)] };
}

function insertOf(rowCount: number): string {
  const row = '(?, ?, ?, ?, ?, ?, ?)';
  return `INSERT INTO page VALUES ${new Array<string>(rowCount).fill(row).join(', ')}`;
}

function valuesOf(row: PageRow): SqlValue[] {
  return [row.id, row.tableName, row.page, row.op, row.isTransfer, row.bytes, row.checksum];
}
