import { randomBytes } from 'node:crypto';
import {
  compareViewstamps,
  toByteString,
  type Life,
  type Promised,
  type Store,
  type Viewstamp,
} from '@lockstep/vr-core';
import { reasonOf } from './fault';
import { FlushQueue } from './flush-queue';
import {
  byteLength,
  checksumOf,
  encodeSegments,
  FLUSH_FORMAT_VERSION,
  type Flush,
} from './flush-row';
import type { FlushTable } from './flush-table';
import { FlushedMark } from './flushed-mark';
import { PromiseFiles } from './promise-files';
import type { LogTail, PromiseRecord } from './promise-record';
import {
  RefusedToStart,
  StorageFailure,
  type ReplicaStorage,
  type StorageFigures,
  type StoreDone,
} from './replica-storage';
import type { StorageOptions } from './storage-options';
import { openFolder } from './opening';

/**
 * The files of a replica: `promise.a` and `promise.b`, `replica.sqlite` with its write-ahead log, and the mark `flushed`.
 * (decision 11)
 */
export class FileStorage implements ReplicaStorage {
  private readonly options: StorageOptions;
  private readonly promises: PromiseFiles;
  private readonly queue: FlushQueue;
  private opened: Opened | undefined;
  private readonly count = { flushes: 0, entries: 0, bytes: 0, promises: 0 };
  private failed = false;

  constructor(options: StorageOptions) {
    this.options = options;
    this.promises = new PromiseFiles(options.folder);
    this.queue = new FlushQueue(
      {
        writePromise: (promised) => this.writePromise(promised),
        writeFlush: (flush) => this.writeFlush(flush),
      },
      options.mode,
      (failure) => {
        this.failed = true;
        options.onFailure?.(failure);
      },
    );
  }

  get figures(): StorageFigures {
    return { ...this.count, waiting: this.queue.waiting };
  }

  async open(): Promise<Life> {
    try {
      const { table, record, log, lastFlush } = await openFolder(this.options, this.promises);
      const mark = FlushedMark.open(this.options.folder);
      mark.write(record.tail);
      this.opened = { table, mark, record, tail: record.tail, lastFlush };
      const nonce = toByteString(randomBytes(16));
      return { incarnation: record.incarnation, nonce, promise: record.promised, log };
    } catch (fault) {
      await this.promises.close();
      if (fault instanceof RefusedToStart || fault instanceof StorageFailure) throw fault;
      throw new StorageFailure(`${this.options.folder} cannot be opened: ${reasonOf(fault)}`);
    }
  }

  store(store: Store, done: StoreDone): void {
    this.queue.add(store, done);
  }

  async close(): Promise<void> {
    await this.queue.drained();
    const { opened } = this;
    if (opened === undefined) return;
    this.opened = undefined;
    if (!this.failed) await this.promises.write({ ...this.nextRecord(opened), clean: true });
    await this.promises.close();
    opened.mark.close();
    await opened.table.close();
  }

  private async writePromise(promised: Promised): Promise<void> {
    const opened = this.inUse();
    if (compareViewstamps(promised, opened.record.promised) < 0)
      throw new Error('a promise may not go back to an older view');
    opened.record = { ...this.nextRecord(opened), promised };
    await this.promises.write(opened.record);
    this.count.promises += 1;
  }

  private nextRecord({ record, tail }: Opened): PromiseRecord {
    return { ...record, sequence: record.sequence + 1, tail };
  }

  private async writeFlush(flush: Flush): Promise<void> {
    const opened = this.inUse();
    if (changesNothing(flush, opened)) return;
    if (opened.tail.rowId === 0 && flush.segments[0]?.afterOp !== 0)
      throw new Error('a lost log must come back whole, from op 0');
    const { born } = opened.tail;
    const rowId = opened.tail.rowId + 1;
    const checksum = checksumOf(opened.tail.checksum, rowId, flush, this.options.hash);
    await opened.table.insert({
      id: rowId,
      formatVersion: FLUSH_FORMAT_VERSION,
      segments: encodeSegments(flush.segments),
      lastNormalEpoch: flush.lastNormalView.epochNumber,
      lastNormalView: flush.lastNormalView.viewNumber,
      commitNumber: flush.commitNumber,
      checksum: Buffer.from(checksum, 'latin1'),
    });
    opened.tail = { born, rowId, checksum };
    opened.lastFlush = flush;
    opened.mark.write(opened.tail);
    this.count.flushes += 1;
    this.count.bytes += byteLength(flush.segments);
    for (const { entries } of flush.segments) this.count.entries += entries.length;
  }

  private inUse(): Opened {
    if (this.opened === undefined) throw new Error('the storage is not open');
    return this.opened;
  }
}

interface Opened {
  readonly table: FlushTable;
  readonly mark: FlushedMark;
  record: PromiseRecord;
  tail: LogTail;
  /** What the newest row says; undefined while the log is lost. */
  lastFlush: Pick<Flush, 'lastNormalView' | 'commitNumber'> | undefined;
}

/** A promise alone needs no row; and while the log is lost only a log makes one. */
function changesNothing(flush: Flush, { lastFlush }: Opened): boolean {
  if (flush.segments.length > 0) return false;
  return (
    lastFlush === undefined ||
    (sameView(flush.lastNormalView, lastFlush.lastNormalView) &&
      flush.commitNumber === lastFlush.commitNumber)
  );
}

function sameView(a: Viewstamp, b: Viewstamp): boolean {
  return compareViewstamps(a, b) === 0;
}
