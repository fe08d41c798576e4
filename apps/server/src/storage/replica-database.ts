import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseFile } from './database-file';
import { diskFailure, probeFault } from './disk-failure';
import { codeOf, reasonOf } from './fault';
import { FlushedMark } from './flushed-mark';
import { isThere, syncFolder } from './folder';
import { DamagedLog } from './log-fold';
import type { LogTail } from './promise-record';
import { RefusedToStart } from './replica-storage';
import { DATABASE, type StorageOptions } from './storage-options';
import { readLogRows, type FoundLog } from './stored-log';
import { writtenAgain } from './written-again';

export type FoundDatabase =
  | { readonly kind: 'intact'; readonly file: DatabaseFile; readonly log: FoundLog }
  /** No row yet: an earlier life lost its log, and recovery had not finished. */
  | { readonly kind: 'empty'; readonly file: DatabaseFile | undefined }
  | { readonly kind: 'damaged'; readonly file: DatabaseFile | undefined; readonly reason: string };

/** An empty one in the place of whatever was there. */
export async function createDatabase(folder: string): Promise<DatabaseFile> {
  for (const suffix of ['', '-wal', '-shm'])
    await rm(join(folder, DATABASE + suffix), { force: true });
  const file = await DatabaseFile.create(join(folder, DATABASE));
  await syncFolder(folder);
  return file;
}

/** The log in the folder, held against what the promise and the mark know of its end. */
export async function readDatabase(
  options: StorageOptions,
  promisedTail: LogTail,
): Promise<FoundDatabase> {
  const path = join(options.folder, DATABASE);
  const mark = await FlushedMark.read(options.folder);
  const marks = [promisedTail, ...(mark?.born === promisedTail.born ? [mark] : [])];
  const rowsExpected = Math.max(...marks.map(({ rowId }) => rowId));
  if (!(await isThere(path)))
    return rowsExpected === 0
      ? { kind: 'empty', file: undefined }
      : { kind: 'damaged', file: undefined, reason: `${DATABASE} is missing` };
  let file: DatabaseFile | undefined;
  try {
    file = await DatabaseFile.open(path);
    // Now that no other process has it, and before anybody is told of what is in it.
    await writtenAgain(`${path}-wal`);
    const log = await readLogRows(file, options, marks, options.hash);
    return log === undefined ? { kind: 'empty', file } : { kind: 'intact', file, log };
  } catch (fault) {
    const reason = await damageOf(fault, options.folder).catch(async (refused: unknown) => {
      await file?.close();
      throw refused;
    });
    return { kind: 'damaged', file, reason };
  }
}

/** Why the log is not usable, or a throw when the log is not to blame. */
async function damageOf(fault: unknown, folder: string): Promise<string> {
  if (fault instanceof DamagedLog) return fault.message;
  const code = codeOf(fault);
  if (code?.startsWith('SQLITE_') !== true) throw fault;
  if (code === 'SQLITE_BUSY' || code === 'SQLITE_LOCKED')
    throw new RefusedToStart(`Another process serves ${folder}.`);
  // What SQLite cannot read may be a damaged file or a failing disk. A disk that fails is not asked to forget.
  const problem = DISK_FAULTS.includes(code) ? fault : await soundnessFault(folder);
  if (problem !== undefined) throw await diskFailure(join(folder, DATABASE), 'opened', problem);
  return reasonOf(fault);
}

/** SQLite's words for what the system refused: no content of a file can be the cause. */
const DISK_FAULTS = ['SQLITE_FULL', 'SQLITE_IOERR'];

async function soundnessFault(folder: string): Promise<unknown> {
  try {
    for (const suffix of ['', '-wal']) {
      const path = join(folder, DATABASE + suffix);
      if (await isThere(path)) await readFile(path);
    }
  } catch (fault) {
    return fault;
  }
  return probeFault(folder);
}

/** Renames the database out of the way, for whoever wants to look at it; the name it has now. */
export async function setAside(
  folder: string,
  label: string,
  file: DatabaseFile | undefined,
): Promise<string> {
  const aside = `${DATABASE}.${label}`;
  for (const suffix of ['', '-wal']) {
    const path = join(folder, DATABASE + suffix);
    const target = join(folder, aside + suffix);
    await rm(target, { force: true });
    if (await isThere(path)) await rename(path, target);
  }
  await rm(join(folder, `${DATABASE}-shm`), { force: true });
  await syncFolder(folder);
  // Only now, under its new name: closing folds the write-ahead log into the file, as far as it is readable.
  await file?.close().catch(() => undefined);
  return aside;
}
