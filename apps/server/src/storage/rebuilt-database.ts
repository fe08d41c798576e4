import { link, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { opNumber } from '@lockstep/vr-core';
import { DatabaseFile } from './database-file';
import { DatabaseWriter } from './database-writer';
import { codeOf } from './fault';
import type { Batch } from './flush-queue';
import { syncFolder } from './folder';
import { PageDirectory } from './page-directory';
import { RowIndex } from './row-index';
import { DATABASE, type StorageOptions } from './storage-options';

const REBUILT = `${DATABASE}.rebuilt`;
const ASIDE = `${DATABASE}.unsound`;
const SUFFIXES = ['', '-wal', '-shm'];

/** Where in the batch the newest segment stands that is the whole log from its base; -1 when there is none. */
export function wholeLogIn({ segments, base }: Batch): number {
  return segments.findLastIndex(({ afterOp }) => afterOp <= base.opNumber);
}

/**
 * A new file in the place of one that SQLite cannot read any more. Its first row is the whole log, numbered and chained as
 * the next row of the old one, so that promise and mark stay right whichever of the two a start finds: they change places
 * in one rename. It has no checkpoint; the replica writes one next. A crash before that is done leaves a log without its
 * state, which the group brings back. (E42; ADR 20)
 */
export async function rebuildDatabase(
  options: StorageOptions,
  old: DatabaseWriter,
  batch: Batch,
): Promise<DatabaseWriter> {
  const path = join(options.folder, REBUILT);
  await removeAll(path);
  const file = await DatabaseFile.create(path);
  const empty = { rows: new RowIndex(), pages: new PageDirectory(), checkpointOp: opNumber(0) };
  const database = { ...empty, file, record: undefined, lastFlush: undefined };
  const writer = new DatabaseWriter(options, database, old.tail);
  Object.assign(writer.written, old.written);
  await writer.write({ ...batch, segments: batch.segments.slice(wholeLogIn(batch)) });
  // Closing leaves one file, which has all.
  await file.close();
  await old.close().catch(() => undefined);
  await replaceBy(options.folder, path);
  writer.moveTo(await DatabaseFile.open(join(options.folder, DATABASE)));
  return writer;
}

/** The old one is kept under another name, for whoever wants to look at it. */
async function replaceBy(folder: string, path: string): Promise<void> {
  const database = join(folder, DATABASE);
  const aside = join(folder, ASIDE);
  await removeAll(aside);
  await link(database, aside).catch((fault: unknown) => {
    // Not every file system has links, and the file may be what is gone.
    if (codeOf(fault) === undefined) throw fault;
  });
  await rm(`${database}-wal`, { force: true });
  await rm(`${database}-shm`, { force: true });
  await rename(path, database);
  await syncFolder(folder);
}

async function removeAll(path: string): Promise<void> {
  for (const suffix of SUFFIXES) await rm(path + suffix, { force: true });
}
