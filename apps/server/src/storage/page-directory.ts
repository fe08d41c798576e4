import type { PageWrite } from '@lockstep/vr-core';
import { addPage, NO_PAGES, removePage, type PageTotals } from './page-totals';
import { pageRow, type PageRow } from './page-row';

/** Where a version of a page is. */
interface PageVersion {
  readonly row: number;
  readonly checksum: number;
  /** It says that the page is gone. */
  readonly isGone: boolean;
}

/** A page in force. */
export interface KeptPage {
  readonly table: string;
  readonly page: number;
  readonly row: number;
  /** As it was written. */
  readonly checksum: number;
}

/** Pages of a checkpoint that is read as it was, while the next ones come into force. */
export interface PinnedPages {
  readonly pages: readonly KeptPage[];
  /** Too much had to be kept for it: what it has not read may be gone. */
  isLost: boolean;
}

/** So many rows are kept for the reader of a small state. (64 MiB of pages) */
const HELD_ROWS_MIN = 16_384;

/** The versions of one page that count. */
interface PagePlace {
  inForce: PageVersion | undefined;
  next: PageVersion | undefined;
  /** `next` is in force itself once this checkpoint is. */
  nextNumber: number;
}

/** The checkpoint to be. */
interface Pending {
  readonly forOp: number;
  readonly isTransfer: boolean;
}

/**
 * Which row holds which page: of the checkpoint in force, and of the one to be. That the one becomes the other takes no
 * time, however many pages they have. Rows that neither needs are deleted later, a few at a time.
 */
export class PageDirectory {
  private readonly tables = new Map<string, Map<number, PagePlace>>();
  private pending: Pending | undefined;
  private pendingPlaces: PagePlace[] = [];
  /** Checkpoints are numbered here as they begin; those below this number have been in force, or were given up. */
  private pendingNumber = 1;
  private totalsInForce: PageTotals = NO_PAGES;
  private totalsPending: PageTotals = NO_PAGES;
  /** What the checkpoint to be does without: older versions, and then what says that a page is gone. */
  private replaced: number[] = [];
  private tombstones: number[] = [];
  /** Whether these are still there makes no difference; but earlier lists go first. */
  private readonly garbage: number[][] = [];
  /** Damaged, or replaced or given up before they were in force: they must be gone when others are. */
  private readonly givenUp: number[] = [];
  /** Who reads a checkpoint as it was: nothing of what was in force is garbage meanwhile. */
  private readonly readers = new Set<PinnedPages>();
  private nextRow = 1;
  private throughRow = 0;

  get hasGarbage(): boolean {
    return this.givenUp.length > 0 || (this.readers.size === 0 && this.garbage.length > 0);
  }

  get hasPending(): boolean {
    return this.pending !== undefined;
  }

  /** The newest row so far. */
  get lastRow(): number {
    return this.nextRow - 1;
  }

  get totals(): PageTotals {
    return this.totalsInForce;
  }

  /** Every page in force, once, as it is when its turn comes. */
  *kept(): Generator<KeptPage, void, undefined> {
    for (const [table, pages] of this.tables)
      for (const [page, place] of pages) {
        const version = this.settled(place).inForce;
        if (version?.isGone !== false) continue;
        yield { table, page, row: version.row, checksum: version.checksum };
      }
  }

  rowOf(table: string, page: number): number | undefined {
    const place = this.tables.get(table)?.get(page);
    if (place === undefined) return undefined;
    const version = this.settled(place).inForce;
    return version?.isGone === false ? version.row : undefined;
  }

  /** The rows to write. A replica's own checkpoint that did not get so far is given up. */
  add({ forOp, isTransfer, pages }: PageWrite): PageRow[] {
    const { pending } = this;
    if (pending?.isTransfer === true && !isTransfer)
      throw new Error('pages of a transfer are on the disk: the state is not whole yet');
    if (pending?.isTransfer === false && (isTransfer || pending.forOp !== forOp)) this.giveUp();
    this.pending = { forOp, isTransfer };
    return pages.map((page) => {
      const row = pageRow(this.nextRow, forOp, isTransfer, page);
      this.nextRow += 1;
      this.addPending(row);
      return row;
    });
  }

  /** What will be in force once the pending pages are: those of checkpoint `op`, or of a transfer that ends with it. */
  totalsToBe(op: number): PageTotals {
    if (this.pending?.isTransfer === false && this.pending.forOp !== op) this.giveUp();
    return this.totalsPending;
  }

  /** The pending pages are in force now. */
  switch(): void {
    this.pendingNumber += 1;
    this.pending = undefined;
    this.pendingPlaces = [];
    this.totalsInForce = this.totalsPending;
    // That a page is gone must be known for as long as an older version of it is there.
    this.addGarbage(this.replaced);
    this.addGarbage(this.tombstones);
    this.replaced = [];
    this.tombstones = [];
  }

  /** Every page in force: until it is let go, or lost, none of their rows is deleted. */
  pin(): PinnedPages {
    const pinned: PinnedPages = { pages: [...this.kept()], isLost: false };
    this.readers.add(pinned);
    return pinned;
  }

  letGo(pinned: PinnedPages): void {
    this.readers.delete(pinned);
  }

  /** Rows to delete next, at most so many; the caller deletes them before anything else is written. */
  takeGarbage(rowsMax: number): readonly number[] {
    if (this.givenUp.length > 0) return this.givenUp.splice(-rowsMax);
    if (this.readers.size > 0) return [];
    const [oldest] = this.garbage;
    if (oldest === undefined) return [];
    const rows = oldest.splice(-rowsMax);
    if (oldest.length === 0) this.garbage.shift();
    return rows;
  }

  takeGivenUp(): readonly number[] {
    return this.givenUp.splice(0);
  }

  /** At the start, once: rows up to this one are in force. */
  beginAfter(throughRow: number): void {
    this.throughRow = throughRow;
    this.nextRow = throughRow + 1;
  }

  /** At the start: a row as it was found, the newest first. True when nothing newer of its page was found. */
  found(row: PageRow): boolean {
    this.nextRow = Math.max(this.nextRow, row.id + 1);
    if (row.id > this.throughRow) return this.foundPending(row);
    const place = this.placeOf(row);
    if (place.inForce !== undefined) {
      this.replaced.push(row.id);
      return false;
    }
    place.inForce = versionOf(row);
    return place.next === undefined;
  }

  /** A row whose content is not known: it takes its number, and must be gone when the state is whole again. */
  foundDamaged(row: number): void {
    this.nextRow = Math.max(this.nextRow, row + 1);
    this.givenUp.push(row);
  }

  /** At the start, after the last row. */
  foundAll(): void {
    const gone: number[] = [];
    for (const pages of this.tables.values())
      for (const { inForce } of pages.values()) {
        if (inForce?.isGone === true) gone.push(inForce.row);
        this.totalsInForce = addPage(this.totalsInForce, inForce);
      }
    this.addGarbage(this.replaced);
    this.addGarbage(gone);
    this.replaced = [];
    this.totalsPending = this.totalsInForce;
    for (const { inForce, next } of this.pendingPlaces) this.notePending(inForce, undefined, next);
  }

  private foundPending(row: PageRow): boolean {
    const place = this.placeOf(row);
    if (row.isTransfer === 0 || place.next !== undefined) {
      this.givenUp.push(row.id);
      return false;
    }
    this.pending = { forOp: row.op, isTransfer: true };
    this.putNext(place, row);
    return true;
  }

  private addPending(row: PageRow): void {
    const place = this.settled(this.placeOf(row));
    const before = place.next;
    if (before !== undefined) this.givenUp.push(before.row);
    this.notePending(place.inForce, before, this.putNext(place, row));
  }

  private putNext(place: PagePlace, row: PageRow): PageVersion {
    if (place.next === undefined) this.pendingPlaces.push(place);
    place.next = versionOf(row);
    place.nextNumber = this.pendingNumber;
    return place.next;
  }

  /** A pending version stands in for the one before it, pending or in force. */
  private notePending(
    inForce: PageVersion | undefined,
    before: PageVersion | undefined,
    next: PageVersion | undefined,
  ): void {
    if (before === undefined && inForce !== undefined) this.replaced.push(inForce.row);
    if (next?.isGone === true) this.tombstones.push(next.row);
    this.totalsPending = addPage(removePage(this.totalsPending, before ?? inForce), next);
  }

  private giveUp(): void {
    for (const place of this.pendingPlaces) {
      if (place.next !== undefined) this.givenUp.push(place.next.row);
      place.next = undefined;
    }
    this.pending = undefined;
    this.pendingPlaces = [];
    this.totalsPending = this.totalsInForce;
    this.replaced = [];
    this.tombstones = [];
  }

  /** The place with what has come into force since it was last looked at. */
  private settled(place: PagePlace): PagePlace {
    if (place.next !== undefined && place.nextNumber < this.pendingNumber) {
      place.inForce = place.next;
      place.next = undefined;
    }
    return place;
  }

  private placeOf({ tableName, page }: PageRow): PagePlace {
    let pages = this.tables.get(tableName);
    if (pages === undefined) {
      pages = new Map();
      this.tables.set(tableName, pages);
    }
    let place = pages.get(page);
    if (place === undefined) {
      place = { inForce: undefined, next: undefined, nextNumber: 0 };
      pages.set(page, place);
    }
    return place;
  }

  private addGarbage(rows: number[]): void {
    if (rows.length > 0) this.garbage.push(rows);
    if (this.readers.size > 0) this.loseSlowReaders();
  }

  /** The file grows by no more than the state has, however slow they are. */
  private loseSlowReaders(): void {
    const held = this.garbage.reduce((sum, rows) => sum + rows.length, 0);
    for (const pinned of this.readers) {
      if (held <= HELD_ROWS_MIN + pinned.pages.length) continue;
      pinned.isLost = true;
      this.readers.delete(pinned);
    }
  }
}

function versionOf({ id, checksum, bytes }: PageRow): PageVersion {
  return { row: id, checksum, isGone: bytes === null };
}
