import { randomBytes } from 'node:crypto';
import {
  compareViewstamps,
  toByteString,
  type Life,
  type Promised,
  type Store,
} from '@lockstep/vr-core';
import { DatabaseWriter } from './database-writer';
import { reasonOf } from './fault';
import { FlushQueue, type Batch } from './flush-queue';
import { FlushedMark } from './flushed-mark';
import { openFolder } from './opening';
import { PromiseFiles } from './promise-files';
import type { PromiseRecord } from './promise-record';
import {
  RefusedToStart,
  StorageFailure,
  type PageName,
  type ReplicaStorage,
  type RestorePages,
  type StorageFigures,
  type StoreDone,
} from './replica-storage';
import type { StorageOptions } from './storage-options';

/**
 * The files of a replica: `promise.a` and `promise.b`, `replica.sqlite` with its write-ahead log, and the mark `flushed`.
 * (decision 11)
 */
export class FileStorage implements ReplicaStorage {
  private readonly options: StorageOptions;
  private readonly promises: PromiseFiles;
  private readonly queue: FlushQueue;
  private opened: Opened | undefined;
  private promiseCount = 0;
  private failed = false;

  constructor(options: StorageOptions) {
    this.options = options;
    this.promises = new PromiseFiles(options.folder);
    const inUse = (): Opened => this.inUse();
    this.queue = new FlushQueue(
      {
        writePromise: (promised) => this.writePromise(promised),
        writeBatch: (batch) => this.writeBatch(batch),
        get isUntidy() {
          return inUse().writer.isUntidy;
        },
        tidy: () => inUse().writer.tidy(),
      },
      options.mode,
      (failure) => {
        this.fail(failure);
      },
    );
  }

  get figures(): StorageFigures {
    const { waiting } = this.queue;
    return { ...(this.opened?.writer.written ?? NOTHING), promises: this.promiseCount, waiting };
  }

  async open(restore: RestorePages): Promise<Life> {
    try {
      const { database, record, log } = await openFolder(this.options, this.promises, restore);
      const mark = FlushedMark.open(this.options.folder);
      mark.write(record.tail);
      const writer = new DatabaseWriter(this.options, database, record.tail);
      this.opened = { writer, mark, record };
      const { incarnation, promised, promiseLost } = record;
      const nonce = toByteString(randomBytes(16));
      return { incarnation, nonce, promise: promised, promiseLost, log };
    } catch (fault) {
      await this.promises.close();
      if (fault instanceof RefusedToStart || fault instanceof StorageFailure) throw fault;
      throw new StorageFailure(`${this.options.folder} cannot be opened: ${reasonOf(fault)}`);
    }
  }

  store(store: Store, done: StoreDone): void {
    this.queue.add(store, done);
  }

  async load(pages: readonly PageName[]): Promise<readonly (Uint8Array | undefined)[]> {
    try {
      return await this.inUse().writer.load(pages);
    } catch (fault) {
      const failure = new StorageFailure(`The disk failed: ${reasonOf(fault)}.`);
      this.fail(failure);
      throw failure;
    }
  }

  async close(): Promise<void> {
    await this.queue.drained();
    const { opened } = this;
    if (opened === undefined) return;
    this.opened = undefined;
    if (!this.failed) await this.promises.write({ ...nextRecord(opened), clean: true });
    await this.promises.close();
    opened.mark.close();
    await opened.writer.close();
  }

  private async writePromise(promised: Promised): Promise<void> {
    const opened = this.inUse();
    if (compareViewstamps(promised, opened.record.promised) < 0)
      throw new Error('a promise may not go back to an older view');
    opened.record = { ...nextRecord(opened), promised };
    const begun = performance.now();
    await this.promises.write(opened.record);
    this.promiseCount += 1;
    this.options.onSync?.({ what: 'promise', seconds: secondsSince(begun), entries: 0, bytes: 0 });
  }

  private async writeBatch(batch: Batch): Promise<void> {
    const { writer, mark } = this.inUse();
    const { rowId } = writer.tail;
    const { entries, bytes, pageBytes } = writer.written;
    const begun = performance.now();
    await writer.write(batch);
    const { written } = writer;
    this.options.onSync?.({
      what: 'log',
      seconds: secondsSince(begun),
      entries: written.entries - entries,
      bytes: written.bytes + written.pageBytes - bytes - pageBytes,
    });
    if (writer.tail.rowId > rowId) mark.write(writer.tail);
  }

  private fail(failure: StorageFailure): void {
    if (this.failed) return;
    this.failed = true;
    this.options.onFailure?.(failure);
  }

  private inUse(): Opened {
    if (this.opened === undefined) throw new Error('the storage is not open');
    return this.opened;
  }
}

interface Opened {
  readonly writer: DatabaseWriter;
  readonly mark: FlushedMark;
  record: PromiseRecord;
}

const secondsSince = (begunMs: number): number => (performance.now() - begunMs) / 1000;

const NOTHING = { flushes: 0, entries: 0, bytes: 0, pages: 0, pageBytes: 0 };

/** Once the log is back, the promise is this replica's own again. */
function nextRecord({ record, writer }: Opened): PromiseRecord {
  const promiseLost = record.promiseLost && writer.tail.rowId === 0;
  return { ...record, sequence: record.sequence + 1, promiseLost, tail: writer.tail };
}
