import type { PageWrite } from '@lockstep/vr-core';
import { pageRow, type PageRow } from './page-row';

/** Where a version of a page is. */
interface PageVersion {
  readonly row: number;
  readonly checksum: number;
  /** It says that the page is gone. */
  readonly isGone: boolean;
}

export interface PageTotals {
  readonly pageCount: number;
  readonly checksumSum: number;
}

/** Keeps a sum of checksums a safe integer. */
const SUM_MODULUS = 2 ** 48;

/**
 * Which row holds which page: of the checkpoint in force, and of the one to be. Rows that neither needs are deleted
 * later, a few at a time.
 */
export class PageDirectory {
  private readonly inForce = new VersionMap();
  private pending = new VersionMap();
  private pendingKind: { readonly forOp: number; readonly isTransfer: boolean } | undefined;
  /** Replaced by newer versions in force: whether they are still there makes no difference. */
  private garbage: number[] = [];
  /** Damaged, or replaced or given up before they were in force: they must be gone when others are. */
  private givenUp: number[] = [];
  private nextRow = 1;
  private throughRow = 0;

  get hasGarbage(): boolean {
    return this.garbage.length + this.givenUp.length > 0;
  }

  /** The newest row so far. */
  get lastRow(): number {
    return this.nextRow - 1;
  }

  rowOf(table: string, page: number): number | undefined {
    const version = this.inForce.get(table, page);
    return version?.isGone === false ? version.row : undefined;
  }

  /** The rows to write. A replica's own checkpoint that did not get so far is given up. */
  add({ forOp, isTransfer, pages }: PageWrite): PageRow[] {
    const { pendingKind } = this;
    const continues = isTransfer
      ? pendingKind?.isTransfer === true
      : pendingKind?.isTransfer === false && pendingKind.forOp === forOp;
    if (!continues && pendingKind !== undefined) this.giveUp(isTransfer);
    this.pendingKind = { forOp, isTransfer };
    return pages.map((page) => {
      const row = pageRow(this.nextRow, forOp, isTransfer, page);
      this.nextRow += 1;
      this.addPending(row);
      return row;
    });
  }

  /** What will be in force once the pending pages are: those of checkpoint `op`, or of a transfer that ends with it. */
  totalsToBe(op: number): PageTotals {
    if (this.pendingKind?.isTransfer === false && this.pendingKind.forOp !== op) this.giveUp(true);
    let { pageCount, checksumSum } = this.inForce;
    for (const [table, page, version] of this.pending.all()) {
      const before = this.inForce.get(table, page);
      if (before?.isGone === false) {
        pageCount -= 1;
        checksumSum += SUM_MODULUS - before.checksum;
      }
      if (!version.isGone) {
        pageCount += 1;
        checksumSum += version.checksum;
      }
      checksumSum %= SUM_MODULUS;
    }
    return { pageCount, checksumSum };
  }

  get totals(): PageTotals {
    const { pageCount, checksumSum } = this.inForce;
    return { pageCount, checksumSum };
  }

  /** The pending pages are in force now. */
  switch(): void {
    const gone: number[] = [];
    for (const [table, page, version] of this.pending.all()) {
      const before = this.inForce.get(table, page);
      if (before !== undefined) this.garbage.push(before.row);
      this.inForce.set(table, page, version);
      if (version.isGone) {
        gone.push(version.row);
        this.inForce.delete(table, page);
      }
    }
    // That a page is gone must be known for as long as an older version of it is there.
    for (const row of gone) this.garbage.push(row);
    this.pending = new VersionMap();
    this.pendingKind = undefined;
  }

  /** Rows to delete next, at most so many; the caller deletes them before anything else is written. */
  takeGarbage(rowsMax: number): readonly number[] {
    return (this.givenUp.length > 0 ? this.givenUp : this.garbage).splice(0, rowsMax);
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
    const { tableName, page, id } = row;
    if (this.inForce.get(tableName, page) !== undefined) {
      this.garbage.push(id);
      return false;
    }
    this.inForce.set(tableName, page, versionOf(row));
    return this.pending.get(tableName, page) === undefined;
  }

  /** At the start, after the last row: what was deleted last time is no page any more. */
  foundAll(): void {
    const gone: number[] = [];
    for (const [table, page, version] of this.inForce.all()) {
      if (!version.isGone) continue;
      gone.push(version.row);
      this.inForce.delete(table, page);
    }
    for (const row of gone) this.garbage.push(row);
  }

  /** A row whose content is not known: it takes its number, and must be gone when the state is whole again. */
  foundDamaged(row: number): void {
    this.nextRow = Math.max(this.nextRow, row + 1);
    this.givenUp.push(row);
  }

  get hasPending(): boolean {
    return this.pendingKind !== undefined;
  }

  private foundPending(row: PageRow): boolean {
    if (row.isTransfer === 0) {
      this.givenUp.push(row.id);
      return false;
    }
    this.pendingKind = { forOp: row.op, isTransfer: true };
    if (this.pending.get(row.tableName, row.page) !== undefined) {
      this.givenUp.push(row.id);
      return false;
    }
    this.pending.set(row.tableName, row.page, versionOf(row));
    return true;
  }

  private addPending(row: PageRow): void {
    const before = this.pending.get(row.tableName, row.page);
    if (before !== undefined) this.givenUp.push(before.row);
    this.pending.set(row.tableName, row.page, versionOf(row));
  }

  private giveUp(forTransfer: boolean): void {
    if (this.pendingKind?.isTransfer === true && !forTransfer)
      throw new Error('pages of a transfer are on the disk: the state is not whole yet');
    for (const [, , version] of this.pending.all()) this.givenUp.push(version.row);
    this.pending = new VersionMap();
    this.pendingKind = undefined;
  }
}

function versionOf({ id, checksum, bytes }: PageRow): PageVersion {
  return { row: id, checksum, isGone: bytes === null };
}

/** One version a page. */
class VersionMap {
  private readonly tables = new Map<string, Map<number, PageVersion>>();
  pageCount = 0;
  checksumSum = 0;

  get(table: string, page: number): PageVersion | undefined {
    return this.tables.get(table)?.get(page);
  }

  set(table: string, page: number, version: PageVersion): void {
    this.delete(table, page);
    let pages = this.tables.get(table);
    if (pages === undefined) {
      pages = new Map();
      this.tables.set(table, pages);
    }
    pages.set(page, version);
    if (!version.isGone) this.count(1, version.checksum);
  }

  delete(table: string, page: number): void {
    const pages = this.tables.get(table);
    const version = pages?.get(page);
    pages?.delete(page);
    if (version?.isGone === false) this.count(-1, SUM_MODULUS - version.checksum);
  }

  *all(): Generator<readonly [table: string, page: number, version: PageVersion]> {
    for (const [table, pages] of this.tables)
      for (const [page, version] of pages) yield [table, page, version];
  }

  private count(pages: 1 | -1, checksum: number): void {
    this.pageCount += pages;
    this.checksumSum = (this.checksumSum + checksum) % SUM_MODULUS;
  }
}
