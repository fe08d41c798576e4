import type { Checkpoint, PageWrite, StoredPage } from '@lockstep/vr-core';

type Pages = Map<string, StoredPage>;

/** The pages of a disk: those of the checkpoint in force, and those that are to follow it. */
export class PageImage {
  checkpoint: Checkpoint | undefined;
  private pages: Pages = new Map();
  /** Of a checkpoint that this replica takes itself: nothing, until it is in force. */
  private own: Pages = new Map();
  private ownOp = 0;
  /** From the group, in place of what is here. */
  private transferred: Pages | undefined;
  private damaged = false;

  write({ forOp, pages, isTransfer }: PageWrite): void {
    if (!isTransfer && forOp !== this.ownOp) this.own = new Map();
    if (!isTransfer) this.ownOp = forOp;
    if (isTransfer) this.transferred ??= new Map();
    const target = isTransfer ? (this.transferred as Pages) : this.own;
    for (const page of pages) target.set(keyOf(page), page);
  }

  putInForce(checkpoint: Checkpoint): void {
    const isOwn = this.ownOp === checkpoint.opNumber && this.transferred === undefined;
    this.pages = merged(
      this.pages,
      (isOwn ? this.own : this.transferred) ?? new Map<string, StoredPage>(),
    );
    this.checkpoint = checkpoint;
    this.own = new Map();
    this.transferred = undefined;
    this.damaged = false;
  }

  read({ table, page }: Pick<StoredPage, 'table' | 'page'>): Uint8Array | undefined {
    return this.pages.get(`${table} ${page}`)?.bytes;
  }

  /** One page cannot be read any more; false when there is none. */
  damage(pick: (count: number) => number): boolean {
    const keys = [...this.pages.keys()];
    const key = keys[pick(keys.length)];
    if (key === undefined) return false;
    this.pages.delete(key);
    this.damaged = true;
    return true;
  }

  /** Some pages are of a checkpoint that is being fetched. */
  get isMixed(): boolean {
    return this.transferred !== undefined;
  }

  /** What a starting process finds. */
  open(): { pages: StoredPage[]; stateWhole: boolean } {
    this.own = new Map();
    this.ownOp = 0;
    const pages = merged(this.pages, this.transferred ?? new Map<string, StoredPage>());
    return {
      pages: [...pages.values()],
      stateWhole: this.transferred === undefined && !this.damaged,
    };
  }
}

function merged(before: Pages, changed: Pages): Pages {
  const pages = new Map(before);
  for (const [key, page] of changed) {
    if (page.bytes === undefined) pages.delete(key);
    else pages.set(key, page);
  }
  return pages;
}

const keyOf = ({ table, page }: StoredPage): string => `${table} ${page}`;
