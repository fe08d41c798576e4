import sqlite3 from 'sqlite3';
import { DataSource, EntitySchema } from 'typeorm';
import type { FlushRow } from './flush-row';

/** The one table. TypeORM makes it; rows pass through a statement prepared once. (decision 11) */
const flushSchema = new EntitySchema<FlushRow>({
  name: 'flush',
  columns: {
    id: { type: 'integer', primary: true },
    formatVersion: { type: 'integer', name: 'format_version' },
    segments: { type: 'blob' },
    lastNormalEpoch: { type: 'integer', name: 'last_normal_epoch' },
    lastNormalView: { type: 'integer', name: 'last_normal_view' },
    commitNumber: { type: 'integer', name: 'commit_number' },
    checksum: { type: 'blob' },
  },
});

const COLUMNS = `id, format_version AS formatVersion, segments, last_normal_epoch AS lastNormalEpoch,
  last_normal_view AS lastNormalView, commit_number AS commitNumber, checksum`;

/** Rows may hold megabytes each: few are read at a time. */
const ROWS_PER_READ = 32;

/**
 * TypeORM asks every driver to be verbose, which takes a stack trace for each statement: half as much again as the insert
 * costs. This one is not.
 */
const quietSqlite = { ...sqlite3, verbose: () => sqlite3 };

/** The database file of a replica's log, open in this process alone. Rows are only ever added. */
export class FlushTable {
  private readonly source: DataSource;
  private readonly insertion: sqlite3.Statement;

  private constructor(source: DataSource, insertion: sqlite3.Statement) {
    this.source = source;
    this.insertion = insertion;
  }

  /** Makes the file and the table. */
  static create(path: string): Promise<FlushTable> {
    return FlushTable.connect(path, sqlite3.OPEN_READWRITE | sqlite3.OPEN_CREATE, true);
  }

  /** Opens what is there; a file without the table is refused as any damaged one. */
  static open(path: string): Promise<FlushTable> {
    return FlushTable.connect(path, sqlite3.OPEN_READWRITE, false);
  }

  private static async connect(path: string, flags: number, isNew: boolean): Promise<FlushTable> {
    const source = new DataSource({
      type: 'sqlite',
      database: path,
      flags,
      driver: quietSqlite,
      entities: [flushSchema],
    });
    await source.initialize();
    try {
      await configure(source);
      if (isNew) await source.synchronize();
      return new FlushTable(source, await prepareInsertion(source));
    } catch (fault) {
      await source.destroy();
      throw fault;
    }
  }

  /** Problems that SQLite itself finds in the structure of the file; undefined when there are none. */
  async structuralDamage(): Promise<string | undefined> {
    const [first] =
      await this.source.query<readonly { quick_check: string }[]>('PRAGMA quick_check(1)');
    return first?.quick_check === 'ok' ? undefined : (first?.quick_check ?? 'no answer');
  }

  /** All rows in the order of their ids, as they are found: nothing about them is believed. */
  async *rows(): AsyncGenerator<Readonly<Record<keyof FlushRow, unknown>>> {
    let after = 0;
    for (;;) {
      const rows = await this.source.query<readonly Record<keyof FlushRow, unknown>[]>(
        `SELECT ${COLUMNS} FROM flush WHERE id > ? ORDER BY id LIMIT ${ROWS_PER_READ}`,
        [after],
      );
      yield* rows;
      if (rows.length < ROWS_PER_READ) return;
      after = Number(rows.at(-1)?.id);
    }
  }

  /** One transaction, synced when it resolves. */
  insert(row: FlushRow): Promise<void> {
    return new Promise((resolve, reject) => {
      this.insertion.run(
        row.id,
        row.formatVersion,
        row.segments,
        row.lastNormalEpoch,
        row.lastNormalView,
        row.commitNumber,
        row.checksum,
        (fault: Error | null) => {
          if (fault === null) resolve();
          else reject(fault);
        },
      );
    });
  }

  /** Writes the write-ahead log back into the database file and leaves only that. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.insertion.finalize(() => {
        resolve();
      });
    });
    await this.source.destroy();
  }
}

/**
 * Sets what durability rests on and reads it back: a pragma that does not take is silent. (decision 11)
 * EXCLUSIVE before the first access keeps the index of the write-ahead log in this process, and every other out
 * (sqlite.org/wal.html, "Use of WAL Without Shared-Memory").
 */
async function configure(source: DataSource): Promise<void> {
  await expectPragma(source, 'locking_mode', 'EXCLUSIVE', 'exclusive');
  await expectPragma(source, 'journal_mode', 'WAL', 'wal');
  await expectPragma(source, 'synchronous', 'FULL', 2);
  await expectPragma(source, 'cell_size_check', 'ON', 1);
}

async function expectPragma(
  source: DataSource,
  name: string,
  setting: string,
  wanted: string | number,
): Promise<void> {
  await source.query(`PRAGMA ${name} = ${setting}`);
  const [row] = await source.query<readonly Record<string, unknown>[]>(`PRAGMA ${name}`);
  const found = row?.[name];
  if (found !== wanted)
    throw new PragmaRefused(`SQLite keeps ${name} at ${String(found)}, not ${String(wanted)}`);
}

/** SQLite does not raise it, but it is SQLite's fault: a changed bit in the header makes a file read-only. */
class PragmaRefused extends Error {
  override readonly name = 'PragmaRefused';
  readonly code = 'SQLITE_PRAGMA';
}

function prepareInsertion(source: DataSource): Promise<sqlite3.Statement> {
  const connection = connectionOf(source);
  return new Promise((resolve, reject) => {
    const statement = connection.prepare(
      'INSERT INTO flush VALUES (?, ?, ?, ?, ?, ?, ?)',
      (fault: Error | null) => {
        if (fault === null) resolve(statement);
        else reject(fault);
      },
    );
  });
}

/** The driver's own connection: TypeORM has no prepared statements, and an insert through its query builder costs twice. */
function connectionOf(source: DataSource): sqlite3.Database {
  return (source.driver as unknown as { readonly databaseConnection: sqlite3.Database })
    .databaseConnection;
}
