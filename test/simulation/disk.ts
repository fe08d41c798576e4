import {
  decodeEntry,
  GENESIS,
  type HashFunction,
  type Incarnation,
  type LogEntry,
  type OpNumber,
  type Promised,
  type Store,
  type StoredLog,
  type Viewstamp,
} from '@lockstep/vr-core';
import type { Chance } from './chance';
import type { VirtualTime } from './virtual-time';

export interface DiskPlan {
  /** How long one sync takes, on average. */
  readonly syncMeanMs: number;
  /** One sync for everything that waits, or one for each store. */
  readonly groupCommit: boolean;
  /** Mode `replicated`: a store without a promise counts as done at once. (architecture: durability is a choice) */
  readonly mode: Mode;
}

export type Mode = 'durable' | 'replicated';

/** What has reached the platter, and what a process that starts will find. */
interface Image {
  promise: Promised;
  log: LogEntry[];
  lastNormalView: Viewstamp;
  commitNumber: OpNumber;
  condition: 'fresh' | 'intact' | 'lost';
}

/**
 * The disk of one host: stores become durable in their order, some time after they were asked for; a crash keeps a
 * prefix of those still under way, and a promise may be further than the log, because it is synced first.
 * (decision 11)
 */
export class SimulatedDisk {
  plan: DiskPlan;
  /** Everything asked for, durable or not: what the running replica believes its log to be. */
  readonly asked: LogEntry[] = [];
  readonly durable: Image;
  incarnation = 0;
  private readonly time: VirtualTime;
  private readonly chance: Chance;
  private waiting: Store[] = [];
  private syncing: Store[] = [];
  private held = false;
  /** Counts crashes, so that a sync of an earlier life completes nothing. */
  private lives = 0;

  constructor(time: VirtualTime, chance: Chance, plan: DiskPlan, promise: Promised) {
    this.time = time;
    this.chance = chance;
    this.plan = plan;
    const { epochNumber, viewNumber } = promise;
    this.durable = {
      promise,
      log: [],
      lastNormalView: { epochNumber, viewNumber },
      commitNumber: 0 as OpNumber,
      condition: 'fresh',
    };
  }

  store(store: Store, done: (storeNumber: number) => void): void {
    if (store.log) replaceAfter(this.asked, store.log.afterOp, store.log.entries);
    this.waiting.push(store);
    if (this.syncing.length === 0) this.sync(done);
  }

  /** Nothing becomes durable until `letGo`. */
  hold(): void {
    this.held = true;
  }

  letGo(done: (storeNumber: number) => void): void {
    this.held = false;
    if (this.syncing.length === 0) this.sync(done);
  }

  /** The process is gone: what was under way may or may not have reached the disk, in order. */
  crash(): void {
    const underWay = [...this.syncing, ...this.waiting];
    const reached = this.chance.below(underWay.length + 1);
    const promised = reached + this.chance.below(underWay.length - reached + 1);
    underWay.slice(0, reached).forEach((store) => this.write(store));
    for (const { promise } of underWay.slice(reached, promised)) {
      if (promise) this.durable.promise = promise;
    }
    this.waiting = [];
    this.syncing = [];
    this.lives += 1;
    // Without a clean stop nobody knows whether the log on the disk is whole. (decision 16)
    if (this.plan.mode === 'replicated') this.loseLog();
  }

  /** The log is unreadable from now on; the promise is not. */
  loseLog(): void {
    this.durable.condition = 'lost';
    this.durable.log = [];
  }

  /** What a starting process finds, its entries read back from their bytes. Counts its incarnation. */
  open(hash: HashFunction): { incarnation: Incarnation; promise: Promised; log: StoredLog } {
    this.incarnation += 1;
    const { promise, condition, lastNormalView, commitNumber } = this.durable;
    const entries = this.durable.log.map((entry) => decodeEntry(entry.encoded, hash));
    this.asked.splice(0, this.asked.length, ...entries);
    this.durable.log = [...entries];
    const log: StoredLog =
      condition === 'intact'
        ? {
            kind: 'intact',
            lastNormalView,
            commitNumber,
            base: GENESIS,
            entries,
            beyond: [],
            checkpoint: undefined,
            stateWhole: true,
          }
        : { kind: condition };
    return { incarnation: this.incarnation as Incarnation, promise, log };
  }

  private sync(done: (storeNumber: number) => void): void {
    if (this.held || this.waiting.length === 0) return;
    this.syncing = this.waiting.splice(0, this.plan.groupCommit ? this.waiting.length : 1);
    const { lives } = this;
    this.time.after(this.syncMs(), () => {
      if (lives !== this.lives) return;
      const written = this.syncing;
      this.syncing = [];
      for (const store of written) this.write(store);
      this.sync(done);
      const last = written.at(-1);
      if (last) done(last.storeNumber);
    });
  }

  private syncMs(): number {
    const inMemory = this.plan.mode === 'replicated' && this.syncing.every((s) => !s.promise);
    return inMemory ? 0 : this.chance.exponential(this.plan.syncMeanMs);
  }

  private write(store: Store): void {
    const { durable } = this;
    if (store.promise) durable.promise = store.promise;
    if (store.log) replaceAfter(durable.log, store.log.afterOp, store.log.entries);
    durable.lastNormalView = store.lastNormalView;
    durable.commitNumber = store.commitNumber;
    if (durable.condition !== 'lost' || store.log) durable.condition = 'intact';
  }
}

function replaceAfter(log: LogEntry[], afterOp: OpNumber, entries: readonly LogEntry[]): void {
  if (afterOp > log.length) throw new RangeError(`a store leaves a gap: ${log.length}..${afterOp}`);
  log.length = afterOp;
  for (const entry of entries) log.push(entry);
}
