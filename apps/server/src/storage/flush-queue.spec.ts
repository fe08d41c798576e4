import {
  epochNumber,
  firstEpoch,
  GENESIS,
  opNumber,
  viewNumber,
  type LogEntry,
  type Promised,
  type Store,
} from '@lockstep/vr-core';
import { FlushQueue, mergeStores, type Batch, type FlushTarget } from './flush-queue';
import type { StorageFailure } from './replica-storage';

const view = (number: number) => ({
  epochNumber: epochNumber(0),
  viewNumber: viewNumber(number),
});

const epoch = firstEpoch({ epochNumber: epochNumber(0), members: [] });

const promised = (number: number): Promised => ({ ...view(number), incarnations: [], epoch });

/** Store n with its own commit-number, so that a flush tells which was the last in it. */
const storeOf = (storeNumber: number, more: Partial<Store> = {}): Store => ({
  storeNumber,
  promise: undefined,
  log: undefined,
  pages: undefined,
  checkpoint: undefined,
  base: GENESIS,
  witnessBase: opNumber(0),
  lastNormalView: view(0),
  commitNumber: opNumber(storeNumber),
  ...more,
});

/** A disk that finishes a write when the test says so. */
class SlowDisk implements FlushTarget {
  readonly asked: string[] = [];
  /** Pieces to tidy up. */
  untidy = 0;
  private readonly pending: { resolve(): void; reject(fault: Error): void }[] = [];
  private readonly waits: { readonly length: number; readonly resolve: () => void }[] = [];

  writePromise(promise: Promised): Promise<void> {
    return this.ask(`promise ${promise.viewNumber}`);
  }

  writeBatch(batch: Batch): Promise<void> {
    return this.ask(`row ${batch.commitNumber}`);
  }

  get isUntidy(): boolean {
    return this.untidy > 0;
  }

  tidy(): Promise<void> {
    this.untidy -= 1;
    return this.ask('tidy');
  }

  /** Resolves when so many writes have been asked for. */
  until(length: number): Promise<void> {
    return new Promise((resolve) => {
      this.waits.push({ length, resolve });
      this.check();
    });
  }

  finish(): void {
    this.pending.shift()?.resolve();
  }

  break(): void {
    this.pending.shift()?.reject(new Error('EIO: i/o error, write'));
  }

  private ask(what: string): Promise<void> {
    this.asked.push(what);
    this.check();
    return new Promise((resolve, reject) => {
      this.pending.push({ resolve, reject });
    });
  }

  private check(): void {
    for (const wait of this.waits.splice(0)) {
      if (this.asked.length >= wait.length) wait.resolve();
      else this.waits.push(wait);
    }
  }
}

describe('the queue of flushes', () => {
  let disk: SlowDisk;
  let done: string[];
  let failures: StorageFailure[];

  beforeEach(() => {
    disk = new SlowDisk();
    done = [];
    failures = [];
  });

  const queueIn = (mode: 'durable' | 'replicated') =>
    new FlushQueue(disk, mode, (failure) => failures.push(failure));

  const add = (queue: FlushQueue, ...stores: readonly Store[]) => {
    for (const store of stores)
      queue.add(store, (failure) =>
        done.push(failure === undefined ? `${store.storeNumber}` : `${store.storeNumber} failed`),
      );
  };

  it('writes what one turn stores at once, and what comes meanwhile in the next write', async () => {
    const queue = queueIn('durable');
    add(queue, storeOf(1), storeOf(2));
    await disk.until(1);
    add(queue, storeOf(3), storeOf(4), storeOf(5));
    disk.finish();
    await disk.until(2);
    expect(disk.asked).toEqual(['row 2', 'row 5']);
    expect(done).toEqual(['1', '2']);
    disk.finish();
    await queue.drained();
    expect(done).toEqual(['1', '2', '3', '4', '5']);
  });

  it('syncs a promise before its row, and never before an earlier row (E43)', async () => {
    const queue = queueIn('durable');
    add(queue, storeOf(1), storeOf(2, { promise: promised(7) }), storeOf(3));
    await disk.until(1);
    disk.finish();
    await disk.until(2);
    expect(disk.asked).toEqual(['row 1', 'promise 7']);
    disk.finish();
    await disk.until(3);
    expect(disk.asked).toEqual(['row 1', 'promise 7', 'row 3']);
    expect(done).toEqual(['1']);
    disk.finish();
    await queue.drained();
    expect(done).toEqual(['1', '2', '3']);
  });

  it('in mode replicated waits for promises alone', async () => {
    const queue = queueIn('replicated');
    add(queue, storeOf(1), storeOf(2, { promise: promised(7) }), storeOf(3));
    await disk.until(1);
    expect(done).toEqual(['1']);
    disk.finish();
    await disk.until(2);
    expect([disk.asked, done]).toEqual([['row 1', 'promise 7'], ['1']]);
    disk.finish();
    await disk.until(3);
    expect(done).toEqual(['1', '2', '3']);
  });

  it('hands a failure to every store that waits, in order, and never writes again', async () => {
    const queue = queueIn('durable');
    add(queue, storeOf(1));
    await disk.until(1);
    add(queue, storeOf(2), storeOf(3));
    disk.break();
    await queue.drained();
    add(queue, storeOf(4));
    await queue.drained();
    expect(done).toEqual(['1 failed', '2 failed', '3 failed', '4 failed']);
    expect(disk.asked).toEqual(['row 1']);
    expect(failures).toHaveLength(1);
    expect(failures[0]?.message).toMatch(/disk failed: EIO/);
  });

  it('tells a failure behind stores that were done already, in mode replicated', async () => {
    const queue = queueIn('replicated');
    add(queue, storeOf(1));
    await disk.until(1);
    disk.break();
    await queue.drained();
    expect(done).toEqual(['1']);
    expect(failures).toHaveLength(1);
  });

  it('writes no promise after a failed row', async () => {
    const queue = queueIn('durable');
    add(queue, storeOf(1), storeOf(2, { promise: promised(3) }));
    await disk.until(1);
    disk.break();
    await queue.drained();
    expect(disk.asked).toEqual(['row 1']);
  });

  it('continues a segment with entries that follow it, and begins another where the log is cut', () => {
    const log = (afterOp: number, count: number): Partial<Store> => ({
      log: { afterOp: opNumber(afterOp), entries: new Array<LogEntry>(count) },
    });
    const { segments } = mergeStores([
      storeOf(1, log(4, 2)),
      storeOf(2),
      storeOf(3, log(6, 1)),
      storeOf(4, log(5, 3)),
    ]);
    expect(segments.map(({ afterOp, entries }) => [afterOp, entries.length])).toEqual([
      [4, 3],
      [5, 3],
    ]);
  });

  it('lets nothing share the write of a checkpoint that came after it', async () => {
    const queue = queueIn('durable');
    const opOf = (op: number) => opNumber(op);
    const checkpoint = {
      opNumber: opOf(8),
      headHash: GENESIS.hash,
      stateRoot: GENESIS.hash,
      id: GENESIS.hash,
    };
    const pages = { forOp: opOf(16), pages: [], isTransfer: false };
    add(queue, storeOf(1), storeOf(2, { checkpoint }), storeOf(3, { pages }), storeOf(4));
    await disk.until(1);
    disk.finish();
    await disk.until(2);
    expect(disk.asked).toEqual(['row 2', 'row 4']);
    disk.finish();
    await queue.drained();
  });

  it('lets a write wait for few pages, however many have come', async () => {
    const queue = queueIn('durable');
    const piece = (storeNumber: number) =>
      storeOf(storeNumber, {
        pages: {
          forOp: opNumber(8),
          pages: [{ table: 't', page: storeNumber, bytes: new Uint8Array(300 << 10) }],
          isTransfer: false,
        },
      });
    add(queue, piece(1), piece(2), piece(3), storeOf(4));
    await disk.until(1);
    disk.finish();
    await disk.until(2);
    expect(disk.asked).toEqual(['row 2', 'row 4']);
    disk.finish();
    await queue.drained();
  });

  it('tidies up when nothing waits, one piece after the other, until a store comes', async () => {
    const queue = queueIn('durable');
    disk.untidy = 3;
    add(queue, storeOf(1));
    await disk.until(1);
    disk.finish();
    await disk.until(2);
    disk.finish();
    await disk.until(3);
    add(queue, storeOf(2));
    disk.finish();
    await disk.until(4);
    disk.finish();
    await disk.until(5);
    disk.finish();
    await queue.drained();
    expect(disk.asked).toEqual(['row 1', 'tidy', 'tidy', 'row 2', 'tidy']);
  });

  it('tidies up now and then when there is never a pause', async () => {
    const queue = queueIn('durable');
    disk.untidy = 2;
    for (let storeNumber = 1; storeNumber <= 40; storeNumber += 1)
      add(queue, storeOf(storeNumber, { promise: promised(storeNumber) }));
    for (let asked = 1; asked <= 82; asked += 1) {
      await disk.until(asked);
      disk.finish();
    }
    await queue.drained();
    const places = disk.asked.flatMap((what, at) => (what === 'tidy' ? [at] : []));
    expect(places).toEqual([32, 65]);
  });

  it('leaves the rest untidy when it is to end', async () => {
    const queue = queueIn('durable');
    disk.untidy = 1_000;
    add(queue, storeOf(1));
    await disk.until(1);
    const drained = queue.drained();
    disk.finish();
    await drained;
    expect(disk.asked).toEqual(['row 1']);
  });
});
