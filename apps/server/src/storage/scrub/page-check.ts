import type { StateStore } from '@lockstep/vr-core';
import type { KeptPage } from '../page-directory';
import { checkedPageRow } from '../page-row';
import { pageRows } from '../page-table';
import type { FoundRow } from '../found-row';
import type { ScrubbedDatabase } from './scrubbed-database';

interface CheckedPages {
  readonly bytes: number;
  /** Missing, or not what was written. */
  readonly damaged: readonly KeptPage[];
}

/**
 * These pages of the checkpoint in force, each against its checksum and its place, and against the Merkle tree when that
 * is the checkpoint's: from the moment it is in force until the replica has heard of it, it is not. Only between writes.
 * Rejects with SQLite's own fault.
 */
export async function checkPages(
  { file, record, hash }: ScrubbedDatabase,
  pages: readonly KeptPage[],
  store: Pick<StateStore, 'root' | 'pageHash'>,
): Promise<CheckedPages> {
  const found = new Map<number, FoundRow>();
  const rows = await pageRows(
    file,
    pages.map(({ row }) => row),
  );
  for (const row of rows) found.set(Number(row['id']), row);
  const isItsTree = record !== undefined && record.checkpoint.stateRoot === store.root;
  let bytes = 0;
  const damaged = pages.filter((page) => {
    const row = found.get(page.row);
    const read = row && checkedPageRow(row);
    if (read?.bytes === undefined || read.bytes === null) return true;
    bytes += read.bytes.length;
    const { tableName, page: number, checksum } = read;
    if (tableName !== page.table || number !== page.page || checksum !== page.checksum) return true;
    return isItsTree && store.pageHash(page) !== hash(read.bytes);
  });
  return { bytes, damaged };
}
