import {
  epochNumber,
  incarnation,
  opNumber,
  viewNumber,
  type ByteString,
  type Incarnation,
  type Life,
  type LogEntry,
  type OpNumber,
  type Promised,
  type ReplicaNumber,
  type Store,
  type Viewstamp,
} from '@lockstep/vr-core';
import { FlushQueue } from './flush-queue';
import { appendSegment, type Flush } from './flush-row';
import {
  RefusedToStart,
  type DurabilityMode,
  type ReplicaStorage,
  type StoreDone,
} from './replica-storage';

/** A disk that outlives the storage on it, as a folder outlives a process. */
export class MemoryDisk {
  /** As the init token of a folder: the first start needs it. */
  mayStartFresh = true;
  promised: Promised | undefined;
  incarnation: Incarnation = incarnation(0);
  log: MemoryLog | undefined;
  /** True between a start in mode `replicated` and its clean end. */
  mayLackItsEnd = false;
}

interface MemoryLog {
  readonly entries: LogEntry[];
  lastNormalView: Viewstamp;
  commitNumber: OpNumber;
}

interface MemoryStorageOptions {
  readonly disk: MemoryDisk;
  readonly self: ReplicaNumber;
  readonly groupSize: number;
  readonly mode: DurabilityMode;
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
        writeFlush: (flush) => {
          this.write(flush);
          return Promise.resolve();
        },
      },
      options.mode,
      () => undefined,
    );
  }

  open(): Promise<Life> {
    const { disk } = this;
    const isFresh = disk.mayStartFresh;
    if (disk.promised === undefined && !isFresh)
      return Promise.reject(new RefusedToStart('This disk holds no promise.'));
    disk.mayStartFresh = false;
    disk.incarnation = incarnation(disk.incarnation + 1);
    disk.promised = this.withOwnLife(disk.promised);
    if (isFresh) disk.log = { entries: [], ...START };
    else if (disk.mayLackItsEnd) disk.log = undefined;
    disk.mayLackItsEnd = this.options.mode === 'replicated';
    return Promise.resolve({
      incarnation: disk.incarnation,
      nonce: `memory ${disk.incarnation}`.padEnd(16) as ByteString,
      promise: disk.promised,
      log: isFresh ? { kind: 'fresh' } : storedLogOf(disk.log),
    });
  }

  store(store: Store, done: StoreDone): void {
    this.queue.add(store, done);
  }

  async close(): Promise<void> {
    await this.queue.drained();
    this.disk.mayLackItsEnd = false;
  }

  private withOwnLife(promised: Promised | undefined): Promised {
    const incarnations = Array.from(
      { length: this.options.groupSize },
      (_, place) => promised?.incarnations[place] ?? incarnation(0),
    );
    incarnations[this.options.self] = this.disk.incarnation;
    return { ...(promised ?? START.lastNormalView), incarnations };
  }

  private write({ segments, lastNormalView, commitNumber }: Flush): void {
    const { disk } = this;
    if (disk.log === undefined) {
      if (segments.length === 0) return;
      disk.log = { entries: [], ...START };
    }
    for (const segment of segments) appendSegment(disk.log.entries, segment);
    disk.log.lastNormalView = lastNormalView;
    disk.log.commitNumber = commitNumber;
  }
}

const START = {
  lastNormalView: { epochNumber: epochNumber(0), viewNumber: viewNumber(0) },
  commitNumber: opNumber(0),
};

function storedLogOf(log: MemoryLog | undefined): Life['log'] {
  return log === undefined
    ? { kind: 'lost' }
    : { kind: 'intact', ...log, entries: [...log.entries] };
}
