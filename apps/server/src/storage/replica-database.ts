import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredLog } from '@lockstep/vr-core';
import { codeOf, reasonOf } from './fault';
import { FlushTable } from './flush-table';
import { FlushedMark } from './flushed-mark';
import { isThere, syncFolder } from './folder';
import type { LogTail } from './promise-record';
import { RefusedToStart, StorageFailure } from './replica-storage';
import { DATABASE, type StorageOptions } from './storage-options';
import { DamagedLog, foldLog } from './stored-log';

export type FoundLog =
  | {
      readonly kind: 'intact';
      readonly table: FlushTable;
      readonly tail: LogTail;
      readonly log: StoredLog & { readonly kind: 'intact' };
    }
  /** No row yet: an earlier life lost its log, and recovery had not finished. */
  | { readonly kind: 'empty'; readonly table: FlushTable | undefined }
  | { readonly kind: 'damaged'; readonly table: FlushTable | undefined; readonly reason: string };

export async function createTable(folder: string): Promise<FlushTable> {
  const table = await FlushTable.create(join(folder, DATABASE));
  await syncFolder(folder);
  return table;
}

/** The log in the folder, held against what the promise and the mark know of its end. */
export async function readLog(options: StorageOptions, promisedTail: LogTail): Promise<FoundLog> {
  const path = join(options.folder, DATABASE);
  const mark = await FlushedMark.read(options.folder);
  const marks = [promisedTail, ...(mark?.born === promisedTail.born ? [mark] : [])];
  const rowsExpected = Math.max(...marks.map(({ rowId }) => rowId));
  if (!(await isThere(path)))
    return rowsExpected === 0
      ? { kind: 'empty', table: undefined }
      : { kind: 'damaged', table: undefined, reason: `${DATABASE} is missing` };
  let table: FlushTable | undefined;
  try {
    table = await FlushTable.open(path);
    const { tail, ...log } = await foldLog(table, options, marks, options.hash);
    if (tail.rowId === 0) return { kind: 'empty', table };
    return { kind: 'intact', table, tail, log: { kind: 'intact', ...log } };
  } catch (fault) {
    const reason = await damageOf(fault, options.folder).catch(async (refused: unknown) => {
      await table?.close();
      throw refused;
    });
    return { kind: 'damaged', table, reason };
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
  await expectSoundDisk(folder, reasonOf(fault));
  return reasonOf(fault);
}

async function expectSoundDisk(folder: string, symptom: string): Promise<void> {
  try {
    for (const suffix of ['', '-wal']) {
      const path = join(folder, DATABASE + suffix);
      if (await isThere(path)) await readFile(path);
    }
    const probe = join(folder, 'probe');
    const handle = await open(probe, 'w');
    await handle.write('probe');
    await handle.sync();
    await handle.close();
    await rm(probe);
  } catch (failure) {
    throw new StorageFailure(`The disk under ${folder} failed: ${symptom}; ${reasonOf(failure)}.`);
  }
}

/** Renames the database out of the way, for whoever wants to look at it; the name it has now. */
export async function setAside(
  folder: string,
  label: string,
  table: FlushTable | undefined,
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
  await table?.close().catch(() => undefined);
  return aside;
}
