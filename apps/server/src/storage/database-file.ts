import sqlite3 from 'sqlite3';
import { DataSource } from 'typeorm';
import { SCHEMA } from './database-schema';
import type { FoundRow } from './found-row';

export type SqlValue = number | string | Buffer | Uint8Array | null;

/** One statement with what it is run with. */
export interface Step {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/**
 * TypeORM asks every driver to be verbose, which takes a stack trace for each statement: half as much again as the insert
 * costs. This one is not.
 */
const quietSqlite = { ...sqlite3, verbose: () => sqlite3 };

const BEGIN: Step = { sql: 'BEGIN IMMEDIATE', values: [] };
const COMMIT: Step = { sql: 'COMMIT', values: [] };

/**
 * The database file of a replica, open in this process alone. TypeORM makes the tables; rows pass through statements
 * prepared once. (decision 11)
 *
 * The file never shrinks: what is deleted leaves free pages inside it, and the next rows take those. So it stays near
 * the log since the last checkpoint, the state, and what one checkpoint changes of it. To give room back would move
 * pages of the file about, in the way of the log.
 */
export class DatabaseFile {
  private readonly source: DataSource;
  private readonly connection: sqlite3.Database;
  private readonly prepared = new Map<string, sqlite3.Statement>();

  private constructor(source: DataSource) {
    this.source = source;
    this.connection = connectionOf(source);
  }

  /** Makes the file and its tables. */
  static create(path: string): Promise<DatabaseFile> {
    return DatabaseFile.connect(path, sqlite3.OPEN_READWRITE | sqlite3.OPEN_CREATE, true);
  }

  /** Opens what is there. */
  static open(path: string): Promise<DatabaseFile> {
    return DatabaseFile.connect(path, sqlite3.OPEN_READWRITE, false);
  }

  private static async connect(path: string, flags: number, isNew: boolean): Promise<DatabaseFile> {
    const source = new DataSource({
      type: 'sqlite',
      database: path,
      flags,
      driver: quietSqlite,
      entities: SCHEMA,
    });
    await source.initialize();
    try {
      await configure(source);
      if (isNew) await source.synchronize();
      return new DatabaseFile(source);
    } catch (fault) {
      await source.destroy();
      throw fault;
    }
  }

  /** Problems that SQLite itself finds in the structure of the file; undefined when there are none. */
  async structuralDamage(): Promise<string | undefined> {
    const [first] = await this.query('PRAGMA quick_check(1)', []);
    const found = first?.['quick_check'];
    if (found === 'ok') return undefined;
    return typeof found === 'string' ? found : 'its structure cannot be checked';
  }

  /** Lets go of what SQLite holds in memory: what is read next is read from the file. */
  dropCache(): Promise<void> {
    return new Promise((resolve, reject) => {
      // The pragma is carried out as it is prepared, so it must not be prepared once for all.
      this.connection.exec('PRAGMA shrink_memory', (fault) => {
        if (fault === null) resolve();
        else reject(fault);
      });
    });
  }

  /** Writes the write-ahead log back into the file and begins it anew, if nobody reads. Synced; between writes. */
  async fold(): Promise<void> {
    await this.query('PRAGMA wal_checkpoint(TRUNCATE)', []);
  }

  /** Of the file once the write-ahead log is written back. */
  async bytes(): Promise<number> {
    const [row] = await this.query(
      'SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size',
      [],
    );
    return Number(row?.['bytes'] ?? 0);
  }

  async query(sql: string, values: readonly SqlValue[]): Promise<readonly FoundRow[]> {
    const statement = this.prepared.get(sql) ?? (await this.prepare(sql));
    return new Promise((resolve, reject) => {
      statement.all(values, (fault: Error | null, rows: readonly FoundRow[]) => {
        if (fault === null) resolve(rows);
        else reject(fault);
      });
    });
  }

  /**
   * One transaction, synced when it resolves. One caller at a time. After a failure the file is not to be written again;
   * what was begun is never committed.
   */
  async write(steps: readonly Step[]): Promise<void> {
    const [only] = steps;
    if (only === undefined) return;
    if (steps.length === 1) return this.run(only);
    await this.run(BEGIN);
    for (const step of steps) await this.run(step);
    await this.run(COMMIT);
  }

  /** Writes the write-ahead log back into the database file and leaves only that. */
  async close(): Promise<void> {
    for (const statement of this.prepared.values())
      await new Promise<void>((resolve) => {
        statement.finalize(() => {
          resolve();
        });
      });
    this.prepared.clear();
    await this.source.destroy();
  }

  private async run({ sql, values }: Step): Promise<void> {
    const statement = this.prepared.get(sql) ?? (await this.prepare(sql));
    return new Promise((resolve, reject) => {
      statement.run(values, (fault: Error | null) => {
        if (fault === null) resolve();
        else reject(fault);
      });
    });
  }

  private prepare(sql: string): Promise<sqlite3.Statement> {
    return new Promise((resolve, reject) => {
      const statement = this.connection.prepare(sql, (fault: Error | null) => {
        if (fault !== null) return reject(fault);
        this.prepared.set(sql, statement);
        resolve(statement);
      });
    });
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
  const [row] = await source.query<readonly FoundRow[]>(`PRAGMA ${name}`);
  const found = row?.[name];
  if (found !== wanted)
    throw new PragmaRefused(`SQLite keeps ${name} at ${String(found)}, not ${String(wanted)}`);
}

/** SQLite does not raise it, but it is SQLite's fault: a changed bit in the header makes a file read-only. */
class PragmaRefused extends Error {
  override readonly name = 'PragmaRefused';
  readonly code = 'SQLITE_PRAGMA';
}

/** The driver's own connection: TypeORM has no prepared statements, and an insert through its query builder costs twice. */
function connectionOf(source: DataSource): sqlite3.Database {
  return (source.driver as unknown as { readonly databaseConnection: sqlite3.Database })
    .databaseConnection;
}
