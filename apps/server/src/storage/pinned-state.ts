import type { Checkpoint, StoredPage } from '@lockstep/vr-core';
import type { DatabaseFile } from './database-file';
import type { KeptPage, PageDirectory, PinnedPages } from './page-directory';
import { checkedPageRow } from './page-row';
import { pageRows } from './page-table';

/** So many pages are in memory at a time. */
const PAGES_PER_READ = 64;

/** The pages cannot be read any more; the message says why, and what to do. */
export class StateNotReadable extends Error {
  override readonly name = 'StateNotReadable';
}

/**
 * The checkpoint in force when this was made, read from the disk at the reader's own pace, while later ones come into force.
 * Costs the replica nothing but rows that are deleted later. It must be let go.
 */
export class PinnedState {
  /** Undefined before a replica's first checkpoint: the state is that of an empty log. */
  readonly checkpoint: Checkpoint | undefined;
  private readonly file: DatabaseFile;
  private readonly directory: PageDirectory;
  private readonly pinned: PinnedPages;

  constructor(file: DatabaseFile, directory: PageDirectory, checkpoint: Checkpoint | undefined) {
    this.file = file;
    this.directory = directory;
    this.checkpoint = checkpoint;
    this.pinned = directory.pin();
  }

  get pageCount(): number {
    return this.pinned.pages.length;
  }

  /** Throws `StateNotReadable` when a page is damaged, or the reader was too slow. */
  async *pages(): AsyncGenerator<readonly StoredPage[]> {
    const { pages } = this.pinned;
    for (let first = 0; first < pages.length; first += PAGES_PER_READ)
      yield await this.read(pages.slice(first, first + PAGES_PER_READ));
  }

  letGo(): void {
    this.directory.letGo(this.pinned);
  }

  private async read(pages: readonly KeptPage[]): Promise<readonly StoredPage[]> {
    const ids = pages.map(({ row }) => row);
    const found = new Map<number, Uint8Array>();
    for (const row of await pageRows(this.file, ids)) {
      const { id, bytes } = checkedPageRow(row) ?? { bytes: null };
      if (id !== undefined && bytes !== null) found.set(id, bytes);
    }
    if (this.pinned.isLost)
      throw new StateNotReadable('the state changed faster than it was read: try again');
    return pages.map(({ table, page, row }) => {
      const bytes = found.get(row);
      if (bytes === undefined)
        throw new StateNotReadable(
          `a page of ${table} is damaged on this disk: ask another replica`,
        );
      return { table, page, bytes };
    });
  }
}
