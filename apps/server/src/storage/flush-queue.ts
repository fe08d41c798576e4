import type {
  Checkpoint,
  LogEntry,
  LogPlace,
  OpNumber,
  PageWrite,
  Promised,
  Store,
  Viewstamp,
} from '@lockstep/vr-core';
import { reasonOf } from './fault';
import type { LogSegment } from './flush-row';
import { StorageFailure, type DurabilityMode, type StoreDone } from './replica-storage';

/** What the queue writes with; each resolves when it is synced. */
export interface FlushTarget {
  writePromise(promised: Promised): Promise<void>;
  /** Skips what would change nothing. */
  writeBatch(batch: Batch): Promise<void>;
  /** There is something to tidy up. */
  readonly isUntidy: boolean;
  /** Deletes a little of what is not needed any more: no later write waits for it longer than for a small one. */
  tidy(): Promise<void>;
}

/** Stores as one write: all of it becomes durable at once. */
export interface Batch {
  readonly segments: readonly LogSegment[];
  readonly lastNormalView: Viewstamp;
  readonly commitNumber: OpNumber;
  readonly base: LogPlace;
  readonly witnessBase: OpNumber;
  readonly pages: readonly PageWrite[];
  /** In force once the pages are there. */
  readonly checkpoint: Checkpoint | undefined;
}

interface Waiting {
  readonly store: Store;
  readonly done: StoreDone;
}

interface Aside {
  readonly run: () => Promise<void>;
  readonly giveUp: () => void;
}

/** The storage has failed, or is being closed. */
export class NothingIsWritten extends Error {
  override readonly name = 'NothingIsWritten';
}

/** A row is one write and one piece of memory at the next start. */
const FLUSH_BYTES_MAX = 8 << 20;
/** Pages are in no hurry; what shares their write is. */
const PAGE_BYTES_MAX = 512 << 10;
/** Under steady load there is never a pause to tidy up in. */
const WRITES_PER_TIDY = 16;

/**
 * Group commit: one write is under way, and everything that arrives meanwhile goes into the next. A store with a
 * promise starts a write of its own, so that what is on disk after a crash is always a beginning of what was asked, with at
 * most the promise of the next store before the rest of it. (E43)
 *
 * A store with a checkpoint is the last of its write, for what comes after it belongs to the next checkpoint.
 *
 * In mode `replicated` a store without a promise is done as soon as every promise before it is. (decision 32)
 */
export class FlushQueue {
  private readonly target: FlushTarget;
  private readonly awaitsLog: boolean;
  private readonly onFailure: (failure: StorageFailure) => void;
  private unwritten: Waiting[] = [];
  /** Not yet answered, in order. In mode `durable` also those of the write under way. */
  private unanswered: Waiting[] = [];
  private failure: StorageFailure | undefined;
  private running = false;
  private answering = false;
  private closing = false;
  private writesSinceTidy = 0;
  private idle: (() => void)[] = [];
  private asides: Aside[] = [];

  constructor(
    target: FlushTarget,
    mode: DurabilityMode,
    onFailure: (failure: StorageFailure) => void,
  ) {
    this.target = target;
    this.awaitsLog = mode === 'durable';
    this.onFailure = onFailure;
  }

  get waiting(): number {
    return this.unanswered.length;
  }

  add(store: Store, done: StoreDone): void {
    const waiting = { store, done };
    this.unwritten.push(waiting);
    this.unanswered.push(waiting);
    if (!this.awaitsLog || this.failure !== undefined) this.answerSoon();
    this.wake();
  }

  /** Done alone, between two writes, so it should be short. Rejects when nothing is written any more, or as `work` does. */
  between<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        reject(new NothingIsWritten('nothing is written any more'));
      };
      if (this.failure !== undefined || this.closing) return giveUp();
      const run = (): Promise<void> => {
        const doing = work();
        doing.then(resolve, reject);
        return doing.then(() => undefined, throwFailure);
      };
      this.asides.push({ run, giveUp });
      this.wake();
    });
  }

  /** Resolves when everything added so far is written, or will never be. Nothing may be added after it. */
  drained(): Promise<void> {
    this.closing = true;
    if (!this.running) return Promise.resolve();
    return new Promise((resolve) => this.idle.push(resolve));
  }

  private wake(): void {
    if (this.running) return;
    this.running = true;
    // After the current turn: what its other steps store shares the write.
    queueMicrotask(() => void this.run());
  }

  private async run(): Promise<void> {
    try {
      while (this.failure === undefined) {
        const aside = this.asides.shift();
        if (aside !== undefined) await aside.run();
        else if (this.isTimeToTidy) await this.tidy();
        else if (this.unwritten.length > 0) await this.writeNext();
        else break;
      }
    } catch (fault) {
      this.fail(fault);
    }
    this.running = false;
    for (const { giveUp } of this.asides.splice(0)) giveUp();
    for (const resolve of this.idle.splice(0)) resolve();
  }

  private get isTimeToTidy(): boolean {
    if (this.closing || !this.target.isUntidy) return false;
    return this.unwritten.length === 0 || this.writesSinceTidy >= WRITES_PER_TIDY;
  }

  private async tidy(): Promise<void> {
    this.writesSinceTidy = 0;
    await this.target.tidy();
  }

  private async writeNext(): Promise<void> {
    this.writesSinceTidy += 1;
    const batch = takeBatch(this.unwritten);
    const promised = batch[0]?.store.promise;
    if (promised !== undefined) await this.target.writePromise(promised);
    const head = batch[0];
    if (!this.awaitsLog && head !== undefined) this.answerThrough(head);
    await this.target.writeBatch(mergeStores(batch.map(({ store }) => store)));
    const last = batch.at(-1);
    if (this.awaitsLog && last !== undefined) this.answerThrough(last);
  }

  /** Answers everything up to `last`, and in mode `replicated` what follows without a promise of its own. */
  private answerThrough(last: Waiting): void {
    const index = this.unanswered.indexOf(last);
    for (const { done } of this.unanswered.splice(0, index + 1)) done();
    if (!this.awaitsLog) this.answerReady();
  }

  private answerSoon(): void {
    if (this.answering) return;
    this.answering = true;
    queueMicrotask(() => {
      this.answering = false;
      this.answerReady();
    });
  }

  private answerReady(): void {
    const { failure } = this;
    if (failure !== undefined) {
      for (const { done } of this.unanswered.splice(0)) done(failure);
      return;
    }
    let ready = 0;
    while (this.unanswered[ready]?.store.promise === undefined && ready < this.unanswered.length)
      ready += 1;
    for (const { done } of this.unanswered.splice(0, ready)) done();
  }

  private fail(fault: unknown): void {
    this.failure =
      fault instanceof StorageFailure
        ? fault
        : new StorageFailure(`The disk failed: ${reasonOf(fault)}. Nothing more is written.`);
    this.unwritten = [];
    this.onFailure(this.failure);
    this.answerReady();
  }
}

/** Of what was done between writes only a failure of the disk is the queue's own. */
function throwFailure(fault: unknown): void {
  if (fault instanceof StorageFailure) throw fault;
}

function takeBatch(unwritten: Waiting[]): Waiting[] {
  let count = 0;
  let bytes = 0;
  let pageBytes = 0;
  for (const { store } of unwritten) {
    if (count > 0 && store.promise !== undefined) break;
    if (bytes >= FLUSH_BYTES_MAX || pageBytes >= PAGE_BYTES_MAX) break;
    for (const entry of store.log?.entries ?? []) bytes += entry.encoded.length;
    for (const page of store.pages?.pages ?? []) pageBytes += page.bytes?.length ?? 0;
    count += 1;
    if (store.checkpoint !== undefined) break;
  }
  return unwritten.splice(0, count);
}

/** Stores in a row as one: a segment that starts where the last one ends continues it. */
export function mergeStores(stores: readonly Store[]): Batch {
  const last = stores.at(-1);
  if (last === undefined) throw new RangeError('nothing to merge');
  const segments: { afterOp: OpNumber; entries: LogEntry[] }[] = [];
  const pages: PageWrite[] = [];
  for (const { log, pages: write } of stores) {
    if (write !== undefined) pages.push(write);
    if (log === undefined) continue;
    const before = segments.at(-1);
    if (before !== undefined && before.afterOp + before.entries.length === log.afterOp)
      before.entries.push(...log.entries);
    else segments.push({ afterOp: log.afterOp, entries: [...log.entries] });
  }
  const { lastNormalView, commitNumber, base, witnessBase, checkpoint } = last;
  return { segments, pages, lastNormalView, commitNumber, base, witnessBase, checkpoint };
}
