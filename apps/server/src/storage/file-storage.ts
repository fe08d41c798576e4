import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  compareViewstamps,
  toByteString,
  type Life,
  type Promised,
  type Store,
} from '@lockstep/vr-core';
import { DatabaseWriter } from './database-writer';
import { diskFailure } from './disk-failure';
import { codeOf, pathOf } from './fault';
import { FlushQueue, type Batch } from './flush-queue';
import { FlushedMark } from './flushed-mark';
import { openFolder } from './opening';
import { PromiseFiles } from './promise-files';
import type { PinnedState } from './pinned-state';
import type { PromiseRecord } from './promise-record';
import { rebuildDatabase, wholeLogIn } from './rebuilt-database';
import {
  RefusedToStart,
  StorageFailure,
  type PageName,
  type ReplicaStorage,
  type RestorePages,
  type StorageFigures,
  type StoreDone,
} from './replica-storage';
import type { ScrubbedReplica } from './scrub/damage';
import { isMalformed } from './scrub/structural';
import { NOT_SCRUBBED } from './scrub/scrub-figures';
import type { ScrubbedFolder } from './scrub/scrubbed-folder';
import { Scrubber } from './scrub/scrubber';
import { within } from '../within';
import { DATABASE, type StorageOptions } from './storage-options';

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
  private scrubber: Scrubber | undefined;
  /** The next write with the whole log makes a new database file. */
  private isRebuildDue = false;
  private onWholeLog: (() => void) | undefined;
  private readonly loads = new Set<Promise<unknown>>();
  private rebuilding: Promise<void> = Promise.resolve();

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
        tidy: () => this.onDisk(() => inUse().writer.tidy()),
      },
      options.mode,
      (failure) => {
        this.fail(failure);
      },
    );
  }

  get figures(): StorageFigures {
    const { waiting } = this.queue;
    const scrub = this.scrubber?.figures ?? NOT_SCRUBBED;
    const written = this.opened?.writer.written ?? NOTHING;
    return { ...written, promises: this.promiseCount, waiting, scrub };
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
      throw await diskFailure(pathOf(fault) ?? this.database, 'opened', fault);
    }
  }

  store(store: Store, done: StoreDone): void {
    this.queue.add(store, done);
    if (store.log !== undefined && store.log.afterOp <= store.base.opNumber) this.onWholeLog?.();
  }

  /** Once open: reads all of it again from now on, at the pace of the options, and has `replica` mend what is damaged. */
  scrub(replica: ScrubbedReplica): void {
    const { scrub: pace, onReport } = this.options;
    if (pace === undefined || pace.bytesPerSecond === 0 || this.scrubber !== undefined) return;
    const folder = this.scrubbedFolder();
    this.scrubber = new Scrubber(folder, pace, replica, (report) => onReport?.(report));
  }

  async load(pages: readonly PageName[]): Promise<readonly (Uint8Array | undefined)[]> {
    try {
      await this.rebuilding;
      const loading = this.inUse().writer.load(pages);
      this.loads.add(loading);
      return await loading.finally(() => this.loads.delete(loading));
    } catch (fault) {
      const failure = await diskFailure(this.database, 'read', fault);
      this.fail(failure);
      throw failure;
    }
  }

  /** The state on the disk, to be read while this goes on; the caller lets it go. */
  pin(): PinnedState {
    return this.inUse().writer.pin();
  }

  async close(): Promise<void> {
    await this.scrubber?.stop();
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
    const opened = this.inUse();
    const { rowId } = opened.writer.tail;
    const { entries, bytes, pageBytes } = opened.writer.written;
    const begun = performance.now();
    const isRebuilt = this.isRebuildDue && wholeLogIn(batch) >= 0;
    await this.onDisk(() => (isRebuilt ? this.rebuild(opened, batch) : opened.writer.write(batch)));
    const { written, tail } = opened.writer;
    this.options.onSync?.({
      what: 'log',
      seconds: secondsSince(begun),
      entries: written.entries - entries,
      bytes: written.bytes + written.pageBytes - bytes - pageBytes,
    });
    if (tail.rowId > rowId) opened.mark.write(tail);
  }

  /** Nobody is given pages of one file by the row numbers of the other. */
  private async rebuild(opened: Opened, batch: Batch): Promise<void> {
    this.isRebuildDue = false;
    let end: () => void = () => undefined;
    this.rebuilding = new Promise((resolve) => {
      end = resolve;
    });
    try {
      await Promise.allSettled(this.loads);
      opened.writer = await rebuildDatabase(this.options, opened.writer, batch);
    } finally {
      end();
    }
  }

  private scrubbedFolder(): ScrubbedFolder {
    const { queue, promises, options } = this;
    const inUse = (): Opened => this.inUse();
    return {
      between: (work) => queue.between(work),
      get database() {
        return inUse().writer.scrubbed;
      },
      damagedPromises: () => promises.damaged(inUse().record),
      restorePromises: () => this.orFail(promises.restore(inUse().record)),
      isMarkSound: () => FlushedMark.says(options.folder, inUse().writer.tail),
      restoreMark: () => this.restoreMark(),
      isRecordSound: () => inUse().writer.isRecordSound(),
      restoreRecord: () => this.orFail(inUse().writer.restoreRecord()),
      fold: () => this.orFail(inUse().writer.fold()),
      awaitWholeLog: (ask) => this.awaitWholeLog(ask),
    };
  }

  private restoreMark(): void {
    const opened = this.inUse();
    opened.mark.close();
    opened.mark = FlushedMark.open(this.options.folder);
    opened.mark.write(opened.writer.tail);
  }

  private async awaitWholeLog(ask: () => void): Promise<void> {
    let hasCome = false;
    const come = new Promise<void>((resolve) => {
      this.onWholeLog = () => {
        hasCome = true;
        resolve();
      };
    });
    ask();
    await within(WHOLE_LOG_MS, come);
    this.onWholeLog = undefined;
    this.isRebuildDue = hasCome;
  }

  /** What the system or SQLite refuses is told with its file and what to do; a broken invariant stays what it is. */
  private async onDisk(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (fault) {
      if (codeOf(fault) === undefined) throw fault;
      throw await diskFailure(this.database, 'written', fault);
    }
  }

  /** A write or a sync that fails is the disk's failure, whoever asked for it; that the file is damaged is not. */
  private async orFail(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (fault) {
      if (fault instanceof StorageFailure || isMalformed(fault)) throw fault;
      throw await diskFailure(this.database, 'written', fault);
    }
  }

  private get database(): string {
    return join(this.options.folder, DATABASE);
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

/** A replica answers in its next turn, or has nothing to answer. */
const WHOLE_LOG_MS = 1_000;

interface Opened {
  writer: DatabaseWriter;
  mark: FlushedMark;
  record: PromiseRecord;
}

const secondsSince = (begunMs: number): number => (performance.now() - begunMs) / 1000;

const NOTHING = { flushes: 0, entries: 0, bytes: 0, pages: 0, pageBytes: 0 };

/** Once the log is back, the promise is this replica's own again. */
function nextRecord({ record, writer }: Opened): PromiseRecord {
  const promiseLost = record.promiseLost && writer.tail.rowId === 0;
  return { ...record, sequence: record.sequence + 1, promiseLost, tail: writer.tail };
}
