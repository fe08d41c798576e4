import type { Checkpoint, PageWrite, StoredPage } from '@lockstep/vr-core';

interface PendingPages {
  readonly forOp: number;
  readonly isTransfer: boolean;
  readonly pages: PageMap;
}

type PageMap = ReadonlyMap<string, StoredPage>;

/** Pages on a disk of memory: those in force, and those of the checkpoint to be. Each change makes new maps. */
export class MemoryPages {
  inForce: PageMap = new Map();
  pending: PendingPages | undefined;
  checkpoint: Checkpoint | undefined;

  write({ forOp, isTransfer, pages }: PageWrite): void {
    const { pending } = this;
    if (pending?.isTransfer === true && !isTransfer)
      throw new Error('pages of a transfer are on the disk: the state is not whole yet');
    const continues =
      pending !== undefined &&
      pending.isTransfer === isTransfer &&
      (isTransfer || pending.forOp === forOp);
    const merged = new Map(continues ? pending.pages : []);
    for (const page of pages) merged.set(nameOf(page), page);
    this.pending = { forOp, isTransfer, pages: merged };
  }

  switchTo(checkpoint: Checkpoint): void {
    const { pending } = this;
    if (pending?.isTransfer === true || pending?.forOp === checkpoint.opNumber)
      this.inForce = this.withPending(pending);
    this.pending = undefined;
    this.checkpoint = checkpoint;
  }

  /** A start: what counts now. */
  restored(): readonly StoredPage[] {
    if (this.pending?.isTransfer === false) this.pending = undefined;
    const pages = this.pending === undefined ? this.inForce : this.withPending(this.pending);
    return [...pages.values()].filter(({ bytes }) => bytes !== undefined);
  }

  load(page: { readonly table: string; readonly page: number }): Uint8Array | undefined {
    return this.inForce.get(nameOf(page))?.bytes;
  }

  private withPending(pending: PendingPages): PageMap {
    return new Map([...this.inForce, ...pending.pages]);
  }
}

function nameOf({ table, page }: { readonly table: string; readonly page: number }): string {
  return `${table} ${page}`;
}
