import type { Checkpoint, OpNumber, StoredPage } from '@lockstep/vr-core';
import { readCheckpoint, type CheckpointRecord } from './checkpoint-record';
import type { DatabaseFile } from './database-file';
import type { FoundRow } from './found-row';
import { PageDirectory } from './page-directory';
import { checkedPageRow } from './page-row';
import { newestPageRow, pageRowsBackward } from './page-table';

/** What the pages in the file are. */
export interface FoundPages {
  readonly directory: PageDirectory;
  /** Undefined when the pages are not a whole state, or there is no checkpoint yet. */
  readonly checkpoint: Checkpoint | undefined;
  /** Of that checkpoint. */
  readonly record: CheckpointRecord | undefined;
  readonly stateWhole: boolean;
  /** Why not. */
  readonly problem: string | undefined;
}

/**
 * Reads every page once, the newest version first, and hands over those that count, a portion at a time. A page that is
 * damaged is absent: the group has it. (E42; VRR §5.2)
 */
export async function readPages(
  file: DatabaseFile,
  checkpointOp: OpNumber,
  restore: (pages: readonly StoredPage[]) => void,
): Promise<FoundPages> {
  const record = await readCheckpoint(file);
  const directory = new PageDirectory();
  // Without the record nobody knows which rows are in force: all of them are taken for material to begin with.
  directory.beginAfter(
    record === 'damaged' ? await newestPageRow(file) : (record?.throughRow ?? 0),
  );
  let damaged = 0;
  for await (const rows of pageRowsBackward(file)) {
    const pages: StoredPage[] = [];
    for (const row of rows) if (!take(row, directory, pages)) damaged += 1;
    if (pages.length > 0) restore(pages);
  }
  directory.foundAll();
  const problem =
    damaged > 0 ? `${damaged} pages are damaged` : problemOf(record, checkpointOp, directory);
  const stateWhole = problem === undefined;
  const found = stateWhole && record !== 'damaged' ? record : undefined;
  return { directory, checkpoint: found?.checkpoint, record: found, stateWhole, problem };
}

/** False when the row is damaged. */
function take(found: FoundRow, directory: PageDirectory, pages: StoredPage[]): boolean {
  const row = checkedPageRow(found);
  if (row === undefined) {
    directory.foundDamaged(Number(found['id']));
    return false;
  }
  const { tableName, page, bytes } = row;
  if (directory.found(row) && bytes !== null) pages.push({ table: tableName, page, bytes });
  return true;
}

function problemOf(
  record: CheckpointRecord | 'damaged' | undefined,
  checkpointOp: OpNumber,
  directory: PageDirectory,
): string | undefined {
  if (record === 'damaged') return 'the record of the checkpoint is damaged';
  const recordedOp = record?.checkpoint.opNumber ?? 0;
  if (recordedOp !== checkpointOp)
    return `the checkpoint is of op ${recordedOp}, that of op ${checkpointOp} was in force`;
  if (directory.hasPending) return 'a transfer of the state was cut short';
  const { pageCount, checksumSum } = directory.totals;
  if (pageCount !== (record?.pageCount ?? 0))
    return `${pageCount} pages of ${record?.pageCount ?? 0} are there`;
  if (checksumSum !== (record?.checksumSum ?? 0))
    return 'an older version of a page is in its place';
  return undefined;
}
