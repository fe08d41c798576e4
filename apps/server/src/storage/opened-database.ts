import {
  epochNumber,
  GENESIS,
  opNumber,
  viewNumber,
  type Incarnation,
  type OpNumber,
} from '@lockstep/vr-core';
import type { CheckpointRecord } from './checkpoint-record';
import type { DatabaseFile } from './database-file';
import { chainStart, flushRow, type Flush } from './flush-row';
import { insertFlush } from './flush-table';
import { PageDirectory } from './page-directory';
import type { LogTail } from './promise-record';
import { createDatabase } from './replica-database';
import { RowIndex } from './row-index';
import type { StorageOptions } from './storage-options';

/** The database file and what is known of its content. */
export interface OpenedDatabase {
  readonly file: DatabaseFile;
  readonly rows: RowIndex;
  readonly pages: PageDirectory;
  /** Of the checkpoint in force; 0 without one. */
  readonly checkpointOp: OpNumber;
  /** Of the checkpoint in force; undefined without one, and when it is not whole. */
  readonly record: CheckpointRecord | undefined;
  /** What the newest row says; undefined while the log is lost. */
  readonly lastFlush: Omit<Flush, 'segments' | 'checkpointOp'> | undefined;
}

export interface DatabaseWithTail {
  readonly database: OpenedDatabase;
  readonly tail: LogTail;
}

/** A new database in which the log is lost. */
export async function createEmpty(
  options: StorageOptions,
  born: Incarnation,
): Promise<DatabaseWithTail> {
  const file = await createDatabase(options.folder);
  return {
    tail: { born, rowId: 0, checksum: chainStart(options, born, options.hash) },
    database: {
      file,
      rows: new RowIndex(),
      pages: new PageDirectory(),
      checkpointOp: opNumber(0),
      record: undefined,
      lastFlush: undefined,
    },
  };
}

/** A new database with an empty log: its first row says so. */
export async function createFresh(
  options: StorageOptions,
  born: Incarnation,
): Promise<DatabaseWithTail> {
  const { database, tail } = await createEmpty(options, born);
  const flush: Flush = {
    segments: [],
    lastNormalView: { epochNumber: epochNumber(0), viewNumber: viewNumber(0) },
    commitNumber: opNumber(0),
    headOp: GENESIS.opNumber,
    base: GENESIS,
    witnessBase: opNumber(0),
    checkpointOp: opNumber(0),
  };
  const place = { id: 1, chainStart: tail.checksum, parent: tail.checksum };
  const { row, checksum } = flushRow(place, flush, options.hash);
  await database.file.write([insertFlush(row)]);
  database.rows.add(row.id, [], row.segments.length);
  return {
    tail: { born, rowId: row.id, checksum },
    database: { ...database, lastFlush: flush },
  };
}
