import {
  epochNumber,
  GENESIS,
  incarnation,
  opNumber,
  viewNumber,
  type ByteString,
  type Epoch,
  type Incarnation,
  type Life,
  type Promised,
  type ReplicaNumber,
  type Store,
  type StoredLog,
} from '@lockstep/vr-core';
import { FlushQueue, type Batch } from './flush-queue';
import type { Flush } from './flush-row';
import { LogFold } from './log-fold';
import { MemoryPages } from './memory-pages';
import { withOwnLife } from './own-life';
import {
  RefusedToStart,
  type DurabilityMode,
  type PageName,
  type ReplicaStorage,
  type RestorePages,
  type StoreDone,
} from './replica-storage';

/** A disk that outlives the storage on it, as a folder outlives a process. */
export class MemoryDisk {
  /** As the init token of a folder: the first start needs it. */
  mayStartFresh = true;
  promised: Promised | undefined;
  /** The promise before this one is gone, and the log is not back yet. */
  promiseLost = false;
  incarnation: Incarnation = incarnation(0);
  /** What was written; undefined while the log is lost. */
  flushes: Flush[] | undefined;
  pages = new MemoryPages();
  /** True between a start in mode `replicated` and its clean end. */
  mayLackItsEnd = false;

  /** As it is now: what is written to the one is not on the other. */
  copy(): MemoryDisk {
    const pages = Object.assign(new MemoryPages(), this.pages);
    return Object.assign(new MemoryDisk(), this, { pages, flushes: this.flushes?.slice() });
  }
}

interface MemoryStorageOptions {
  readonly disk: MemoryDisk;
  readonly self: ReplicaNumber;
  readonly epoch: Epoch;
  readonly mode: DurabilityMode;
  /** The disk may come back without its promise. (E1 b; decision 3) */
  readonly recover?: boolean;
}

/** The twin of `FileStorage` for tests and for groups inside one process. */
export class MemoryStorage implements ReplicaStorage {
  private readonly options: MemoryStorageOptions;
  private readonly disk: MemoryDisk;
  private readonly queue: FlushQueue;

  constructor(options: MemoryStorageOptions) {
    this.options = options;
    this.disk = options.disk;
    this.queue = new FlushQueue(
      {
        writePromise: (promised) => {
          this.disk.promised = promised;
          return Promise.resolve();
        },
        writeBatch: (batch) => {
          this.write(batch);
          return Promise.resolve();
        },
        isUntidy: false,
        tidy: () => Promise.resolve(),
      },
      options.mode,
      () => undefined,
    );
  }

  open(restore: RestorePages): Promise<Life> {
    const { disk, options } = this;
    const isForgotten = disk.promised === undefined && options.recover === true;
    const isFresh = disk.mayStartFresh && !isForgotten;
    if (disk.promised === undefined && !isFresh && !isForgotten)
      return Promise.reject(new RefusedToStart('This disk holds no promise.'));
    disk.mayStartFresh = false;
    disk.incarnation = incarnation(isForgotten ? Date.now() : disk.incarnation + 1);
    disk.promised = withOwnLife(
      disk.promised ?? neverPromised(options.epoch),
      options.self,
      disk.incarnation,
    );
    if (isFresh) disk.flushes = [FIRST_FLUSH];
    else if (isForgotten || disk.mayLackItsEnd) disk.flushes = undefined;
    if (disk.flushes === undefined) disk.pages = new MemoryPages();
    disk.promiseLost = (isForgotten || disk.promiseLost) && disk.flushes === undefined;
    disk.mayLackItsEnd = options.mode === 'replicated';
    return Promise.resolve({
      incarnation: disk.incarnation,
      nonce: `memory ${disk.incarnation}`.slice(-16).padEnd(16) as ByteString,
      promise: disk.promised,
      promiseLost: disk.promiseLost,
      log: isFresh ? { kind: 'fresh' } : this.storedLog(restore),
    });
  }

  store(store: Store, done: StoreDone): void {
    this.queue.add(store, done);
  }

  load(pages: readonly PageName[]): Promise<readonly (Uint8Array | undefined)[]> {
    return Promise.resolve(pages.map((page) => this.disk.pages.load(page)));
  }

  async close(): Promise<void> {
    await this.queue.drained();
    this.disk.mayLackItsEnd = false;
  }

  private storedLog(restore: RestorePages): StoredLog {
    const { flushes, pages } = this.disk;
    if (flushes === undefined) return { kind: 'lost' };
    const { checkpointOp: _, ...log } = foldOf(flushes).result();
    const restored = pages.restored();
    if (restored.length > 0) restore(restored);
    const stateWhole = pages.pending === undefined;
    const checkpoint = stateWhole ? pages.checkpoint : undefined;
    return { kind: 'intact', ...log, checkpoint, stateWhole };
  }

  private write({ pages, checkpoint, ...rest }: Batch): void {
    const { disk } = this;
    for (const write of pages) disk.pages.write(write);
    if (checkpoint !== undefined) disk.pages.switchTo(checkpoint);
    if (disk.flushes === undefined && rest.segments.length === 0) return;
    const before = disk.flushes?.at(-1);
    const last = rest.segments.at(-1);
    const headOp =
      last === undefined
        ? (before?.headOp ?? GENESIS.opNumber)
        : opNumber(last.afterOp + last.entries.length);
    const flush: Flush = {
      ...rest,
      headOp: opNumber(Math.max(headOp, rest.base.opNumber)),
      checkpointOp: disk.pages.checkpoint?.opNumber ?? opNumber(0),
    };
    disk.flushes ??= [];
    disk.flushes.push(flush);
    const isShorter = before !== undefined && before.base.opNumber < flush.base.opNumber;
    if (isShorter) disk.flushes = [asOne(disk.flushes)];
  }
}

/** The same log without what is below its base. */
function asOne(flushes: readonly Flush[]): Flush {
  const { entries, ...rest } = foldOf(flushes).result();
  const headOp = opNumber(rest.base.opNumber + entries.length);
  return { ...rest, headOp, segments: [{ afterOp: rest.base.opNumber, entries }] };
}

function foldOf(flushes: readonly Flush[]): LogFold {
  const fold = new LogFold();
  for (const flush of flushes) fold.take(flush);
  return fold;
}

const START = { epochNumber: epochNumber(0), viewNumber: viewNumber(0) };

const FIRST_FLUSH: Flush = {
  segments: [],
  lastNormalView: START,
  commitNumber: opNumber(0),
  headOp: GENESIS.opNumber,
  base: GENESIS,
  witnessBase: opNumber(0),
  checkpointOp: opNumber(0),
};

function neverPromised(epoch: Epoch): Promised {
  return { ...START, epochNumber: epoch.configuration.epochNumber, incarnations: [], epoch };
}
