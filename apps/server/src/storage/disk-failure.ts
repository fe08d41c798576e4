import { open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, reasonOf } from './fault';
import { StorageFailure } from './replica-storage';

interface Cause {
  readonly words: string;
  /** What to do about it. */
  readonly advice: string;
}

const FULL: Cause = {
  words: 'the disk is full',
  advice: 'Make room on it, then start this replica again',
};
const READ_ONLY: Cause = {
  words: 'the disk is read-only',
  advice:
    'A file system that finds errors in itself becomes so: check it, make it writable or replace it, then start this replica again',
};
const IO_ERROR: Cause = {
  words: 'the disk has an I/O error',
  advice:
    'Replace it: nothing that it holds is to be relied on. On an empty disk this replica returns with --recover',
};
const FORBIDDEN: Cause = {
  words: 'the file may not be used by this user',
  advice: 'Give its owner back, then start this replica again',
};

/** By the codes of POSIX (errno.h) and of SQLite (sqlite.org/rescode.html). */
const CAUSES: Readonly<Record<string, Cause>> = {
  ENOSPC: FULL,
  EDQUOT: FULL,
  SQLITE_FULL: FULL,
  EROFS: READ_ONLY,
  SQLITE_READONLY: READ_ONLY,
  EIO: IO_ERROR,
  SQLITE_IOERR: IO_ERROR,
  EACCES: FORBIDDEN,
  EPERM: FORBIDDEN,
  SQLITE_PERM: FORBIDDEN,
};

/** SQLite says no more than that something went wrong; the system says what. */
const VAGUE = ['SQLITE_IOERR', 'SQLITE_CANTOPEN', 'SQLITE_PRAGMA'];

/**
 * One line for whoever has to act: which file, what is wrong, what to do. The disk is asked once more when the fault alone
 * does not tell.
 */
export async function diskFailure(
  file: string,
  done: 'read' | 'written' | 'opened',
  fault: unknown,
): Promise<StorageFailure> {
  if (fault instanceof StorageFailure) return fault;
  const code = codeOf(fault) ?? '';
  const asked = VAGUE.includes(code) ? await probeFault(dirname(file)) : undefined;
  const cause = CAUSES[codeOf(asked) ?? code] ?? CAUSES[code];
  const reason = reasonOf(asked ?? fault);
  const what = `${file} cannot be ${done}: `;
  if (cause === undefined) return new StorageFailure(`${what}${reason}. Nothing more is written.`);
  const { words, advice } = cause;
  return new StorageFailure(
    `${what}${words} (${reason}). Nothing more is written, and nothing acknowledged is lost. ${advice}.`,
  );
}

/** What goes wrong with a small file beside those that matter; undefined when nothing does. */
export async function probeFault(folder: string): Promise<unknown> {
  const probe = join(folder, 'probe');
  try {
    const handle = await open(probe, 'w');
    try {
      await handle.write('probe');
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rm(probe);
    return undefined;
  } catch (fault) {
    await rm(probe, { force: true }).catch(() => undefined);
    return fault;
  }
}
