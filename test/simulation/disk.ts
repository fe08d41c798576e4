import {
  decodeEntry,
  type Epoch,
  type EpochNumber,
  type HashFunction,
  type Incarnation,
  type Life,
  type OpNumber,
  type Promised,
  type Store,
  type StoredLog,
  type StoredPage,
  type ViewNumber,
  type Viewstamp,
} from '@lockstep/vr-core';
import type { Chance } from './chance';
import { LogImage } from './log-image';
import { PageImage } from './page-image';
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
  log: LogImage;
  pages: PageImage;
  lastNormalView: Viewstamp;
  commitNumber: OpNumber;
  witnessBase: OpNumber;
  /** `wiped`: nothing at all is left, the promise neither. */
  condition: 'fresh' | 'intact' | 'lost' | 'wiped';
}

/** Each loss of a whole disk begins counting lives anew, above all that were. (decision 3) */
const LIVES_A_DISK = 1_000_000;

/**
 * The disk of one host: stores become durable in their order, some time after they were asked for; a crash keeps a
 * prefix of those still under way, and a promise may be further than the log, because it is synced first.
 * (decision 11)
 */
export class SimulatedDisk {
  plan: DiskPlan;
  /** Everything asked for, durable or not: what the running replica believes its log to be. */
  asked = new LogImage();
  readonly durable: Image;
  incarnation = 0;
  private readonly time: VirtualTime;
  private readonly chance: Chance;
  private waiting: Store[] = [];
  private syncing: Store[] = [];
  private held = false;
  /** How often everything was lost. */
  wipes = 0;
  /** Counts crashes, so that a sync of an earlier life completes nothing. */
  private lives = 0;

  constructor(time: VirtualTime, chance: Chance, plan: DiskPlan, promise: Promised) {
    this.time = time;
    this.chance = chance;
    this.plan = plan;
    this.durable = {
      promise,
      log: new LogImage(),
      pages: new PageImage(),
      lastNormalView: { epochNumber: 0 as EpochNumber, viewNumber: 0 as ViewNumber },
      commitNumber: 0 as OpNumber,
      witnessBase: 0 as OpNumber,
      condition: 'fresh',
    };
  }

  store(store: Store, done: (storeNumber: number) => void): void {
    this.asked.take(store);
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
    this.durable.log = new LogImage();
    this.durable.pages = new PageImage();
  }

  /** Nothing is left; the operator knows the group of this epoch, and starts the replica with `--recover`. */
  wipe(epoch: Epoch): void {
    this.loseLog();
    this.durable.condition = 'wiped';
    this.wipes += 1;
    this.incarnation = this.wipes * LIVES_A_DISK;
    const { epochNumber } = epoch.configuration;
    this.durable.promise = { epochNumber, viewNumber: 0 as never, incarnations: [], epoch };
  }

  /** Entry `op` cannot be read any more. */
  damageEntry(op: number): void {
    this.durable.log.damage(op);
  }

  /** Pages as they are on the disk now, some time later. */
  load(
    wanted: readonly Pick<StoredPage, 'table' | 'page'>[],
    done: (pages: (Uint8Array | undefined)[]) => void,
  ): void {
    const { lives } = this;
    this.time.after(this.chance.exponential(this.plan.syncMeanMs), () => {
      if (lives === this.lives) done(wanted.map((page) => this.durable.pages.read(page)));
    });
  }

  /** What a starting process finds, its entries read back from their bytes. Counts its incarnation. */
  open(hash: HashFunction): { life: Omit<Life, 'nonce'>; pages: readonly StoredPage[] } {
    this.incarnation += 1;
    const { durable } = this;
    const { promise } = durable;
    const promiseLost = durable.condition === 'wiped';
    if (promiseLost) durable.condition = 'lost';
    this.asked = durable.log.copy();
    const { pages, stateWhole } = durable.pages.open();
    const log = this.logFound(hash, stateWhole);
    // Whose first life has begun is never fresh again.
    if (durable.condition === 'fresh') durable.condition = 'intact';
    return {
      life: { incarnation: this.incarnation as Incarnation, promise, promiseLost, log },
      pages: log.kind === 'intact' ? pages : [],
    };
  }

  private logFound(hash: HashFunction, stateWhole: boolean): StoredLog {
    const { condition, lastNormalView, commitNumber, witnessBase, log, pages } = this.durable;
    if (condition !== 'intact') return { kind: condition === 'fresh' ? 'fresh' : 'lost' };
    const readable = log.readable().map((entry) => decodeEntry(entry.encoded, hash));
    const whole = readable.findIndex((entry, at) => entry.opNumber !== log.base.opNumber + at + 1);
    return {
      kind: 'intact',
      lastNormalView,
      commitNumber,
      base: log.base,
      witnessBase,
      entries: whole < 0 ? readable : readable.slice(0, whole),
      beyond: whole < 0 ? [] : readable.slice(whole),
      checkpoint: pages.checkpoint,
      stateWhole,
    };
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
    durable.lastNormalView = store.lastNormalView;
    durable.commitNumber = store.commitNumber;
    durable.witnessBase = store.witnessBase;
    if (store.pages) durable.pages.write(store.pages);
    if (store.checkpoint) durable.pages.putInForce(store.checkpoint);
    if (durable.condition === 'lost' && !store.log) return;
    durable.log.take(store);
    durable.condition = 'intact';
  }
}
