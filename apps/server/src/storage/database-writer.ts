import {
  compareViewstamps,
  opNumber,
  type Checkpoint,
  type HashFunction,
  type OpNumber,
} from '@lockstep/vr-core';
import { putCheckpoint, saysCheckpoint, type CheckpointRecord } from './checkpoint-record';
import type { DatabaseFile, Step } from './database-file';
import { byteLength, chainStart, flushRow, type Flush } from './flush-row';
import { dropFlushesBefore, insertFlush } from './flush-table';
import type { Batch } from './flush-queue';
import type { OpenedDatabase } from './opened-database';
import type { PageDirectory } from './page-directory';
import { checkedPageRow, type PageRow } from './page-row';
import { deletePages, insertPages, pageRows } from './page-table';
import type { LogTail } from './promise-record';
import { PinnedState } from './pinned-state';
import type { PageName, StorageFigures } from './replica-storage';
import type { RowIndex } from './row-index';
import type { ScrubbedDatabase } from './scrub/scrubbed-database';
import type { StorageOptions } from './storage-options';

/** What is deleted at once, so that a write which comes meanwhile waits for as long as for a small one. */
const PAGES_PER_TIDY = 32;

/** Writes batches into the database, one transaction at a time, and deletes what no start will need. */
export class DatabaseWriter {
  /** The newest row. */
  tail: LogTail;
  readonly written: { -readonly [K in keyof Written]: number } = {
    flushes: 0,
    entries: 0,
    bytes: 0,
    pages: 0,
    pageBytes: 0,
  };
  private readonly options: StorageOptions;
  private readonly hash: HashFunction;
  private file: DatabaseFile;
  private readonly chainStart: LogTail['checksum'];
  private readonly rows: RowIndex;
  private readonly pages: PageDirectory;
  private checkpointOp: OpNumber;
  /** Of the checkpoint in force, as it was written or found whole. */
  private record: CheckpointRecord | undefined;
  /** The one that the pages in force are: that of the record, once that is written. */
  private inForce: Checkpoint | undefined;
  /** What the newest row says; undefined while the log is lost. */
  private lastFlush: OpenedDatabase['lastFlush'];

  constructor(options: StorageOptions, database: OpenedDatabase, tail: LogTail) {
    this.options = options;
    this.hash = options.hash;
    this.tail = tail;
    this.chainStart = chainStart(options, tail.born, options.hash);
    this.file = database.file;
    this.rows = database.rows;
    this.pages = database.pages;
    this.checkpointOp = database.checkpointOp;
    this.record = database.record;
    this.inForce = database.record?.checkpoint;
    this.lastFlush = database.lastFlush;
    if (this.lastFlush !== undefined) this.rows.moveBase(this.lastFlush.base.opNumber);
  }

  /** One transaction: pages, the checkpoint that they make, and the row of the log that says so. */
  async write(batch: Batch): Promise<void> {
    const { pages, checkpoint } = batch;
    const rows = pages.flatMap((write) => this.pages.add(write));
    // As many go as come: so the file stays as it is, also when there is never a pause to tidy up in.
    const steps = [...insertPages(rows), ...this.deletions(rows.length)];
    if (checkpoint !== undefined) steps.push(...this.switchTo(checkpoint));
    const flush = this.flushOf(batch);
    if (flush === undefined) await this.file.write(steps);
    else await this.append(flush, steps);
    if (checkpoint !== undefined) {
      this.pages.switch();
      this.inForce = checkpoint;
    }
    this.countPages(rows);
  }

  /** Undefined while the log is lost. */
  get scrubbed(): ScrubbedDatabase | undefined {
    const { file, rows, pages, tail, chainStart: start, hash, record, lastFlush } = this;
    if (lastFlush === undefined) return undefined;
    return { file, rows, pages, tail, chainStart: start, hash, record };
  }

  async isRecordSound(): Promise<boolean> {
    return this.record === undefined || saysCheckpoint(this.file, this.record);
  }

  fold(): Promise<void> {
    return this.file.fold();
  }

  /** Writes the record of the checkpoint in force again. */
  async restoreRecord(): Promise<void> {
    if (this.record !== undefined) await this.file.write([putCheckpoint(this.record)]);
  }

  /** What was written stands in this file now. */
  moveTo(file: DatabaseFile): void {
    this.file = file;
  }

  get isUntidy(): boolean {
    return this.pages.hasGarbage || this.rows.hasGarbage;
  }

  /** Not while a batch is being written. */
  async tidy(): Promise<void> {
    const steps = this.deletions(PAGES_PER_TIDY);
    if (this.rows.hasGarbage) steps.push(dropFlushesBefore(this.rows.dropSome()));
    return this.file.write(steps);
  }

  async load(pages: readonly PageName[]): Promise<readonly (Uint8Array | undefined)[]> {
    const ids = pages.map(({ table, page }) => this.pages.rowOf(table, page));
    const wanted = ids.filter((id) => id !== undefined);
    const found = new Map<number, Uint8Array>();
    for (const row of await pageRows(this.file, wanted)) {
      const { id, bytes } = checkedPageRow(row) ?? { bytes: null };
      if (id !== undefined && bytes !== null) found.set(id, bytes);
    }
    if (found.size < wanted.length)
      this.options.onReport?.({
        level: 'warn',
        text: `${wanted.length - found.size} pages of the checkpoint are damaged on the disk`,
      });
    return ids.map((id) => (id === undefined ? undefined : found.get(id)));
  }

  pin(): PinnedState {
    return new PinnedState(this.file, this.pages, this.inForce);
  }

  close(): Promise<void> {
    return this.file.close();
  }

  private deletions(pagesMax: number): Step[] {
    const garbage = this.pages.takeGarbage(pagesMax);
    return garbage.length === 0 ? [] : [deletePages(garbage)];
  }

  /** Pages that were given up have rows below those of the new checkpoint: they go before they could be taken for its own. */
  private switchTo(checkpoint: Checkpoint): Step[] {
    const totals = this.pages.totalsToBe(checkpoint.opNumber);
    this.checkpointOp = checkpoint.opNumber;
    const givenUp = this.pages.takeGivenUp();
    this.record = { checkpoint, throughRow: this.pages.lastRow, ...totals };
    const put = putCheckpoint(this.record);
    return givenUp.length === 0 ? [put] : [put, deletePages(givenUp)];
  }

  /** The row to add, or none: a promise or pages alone need none, and while the log is lost only a log makes one. */
  private flushOf(batch: Batch): Flush | undefined {
    const { lastFlush, checkpointOp } = this;
    const { segments, lastNormalView, commitNumber, base, witnessBase, checkpoint } = batch;
    if (segments.length === 0) {
      if (lastFlush === undefined) return undefined;
      const isSame =
        compareViewstamps(lastNormalView, lastFlush.lastNormalView) === 0 &&
        commitNumber === lastFlush.commitNumber &&
        base.opNumber === lastFlush.base.opNumber &&
        witnessBase === lastFlush.witnessBase;
      if (isSame && checkpoint === undefined) return undefined;
    } else if (lastFlush === undefined && (segments[0]?.afterOp ?? 0) > base.opNumber)
      throw new Error('a lost log must come back whole, from its base');
    const headOp = headAfter(segments, lastFlush?.headOp ?? opNumber(0), base.opNumber);
    return { segments, lastNormalView, commitNumber, base, witnessBase, headOp, checkpointOp };
  }

  private async append(flush: Flush, steps: readonly Step[]): Promise<void> {
    const { born, rowId, checksum: parent } = this.tail;
    const place = { id: rowId + 1, chainStart: this.chainStart, parent };
    const { row, checksum } = flushRow(place, flush, this.hash);
    await this.file.write([...steps, insertFlush(row)]);
    this.tail = { born, rowId: row.id, checksum };
    this.rows.add(row.id, flush.segments, row.segments.length);
    this.rows.moveBase(flush.base.opNumber);
    this.lastFlush = flush;
    this.written.flushes += 1;
    this.written.bytes += byteLength(flush.segments);
    for (const { entries } of flush.segments) this.written.entries += entries.length;
  }

  private countPages(rows: readonly PageRow[]): void {
    this.written.pages += rows.length;
    for (const { bytes } of rows) this.written.pageBytes += bytes?.length ?? 0;
  }
}

type Written = Omit<StorageFigures, 'promises' | 'waiting' | 'scrub'>;

function headAfter(segments: Flush['segments'], before: OpNumber, base: OpNumber): OpNumber {
  const last = segments.at(-1);
  const head = last === undefined ? before : last.afterOp + last.entries.length;
  return opNumber(Math.max(head, base));
}
