import {
  GENESIS,
  opNumber,
  requestNumber,
  sealRequest,
  toByteString,
  type LogEntry,
  type Store,
} from '@lockstep/vr-core';
import type { DurabilityMode } from '../../../apps/server/src/storage/replica-storage';
import {
  chain,
  checkpointAt,
  pagesOf,
  pagesStore,
  placeOf,
  promise,
  random,
  storeOf,
  view,
} from '../../server/storage-fixture';

/** What one process does with its storage. */
export interface ScriptedLife {
  readonly bursts: readonly (readonly Store[])[];
  /** Else it is killed. */
  readonly closes: boolean;
}

export interface Script {
  readonly mode: DurabilityMode;
  /** The disk is empty, and the operator says that the replica shall come back all the same. (ADR 10) */
  readonly recover: boolean;
  readonly lives: readonly ScriptedLife[];
}

const BURSTS_A_LIFE = 14;
/** One write of so many bytes fills the write-ahead log, so that SQLite moves it into the database. */
const LARGE_ENTRIES = 18;
const LARGE_BYTES = 260_000;

/** A life of a replica's disk, drawn from the seed: entries, promises, logs cut at both ends, checkpoints, transfers. */
export function scriptOf(seed: number): Script {
  const next = random(seed + 0x5eed);
  for (let warm = 0; warm < 8; warm += 1) next(2);
  const mode = seed % 2 === 0 ? 'durable' : 'replicated';
  const recover = seed % 5 === 4;
  const writer = new ScriptWriter(next);
  if (recover) writer.isLost = true;
  const lives: ScriptedLife[] = [];
  for (const closes of [false, true, false]) {
    const bursts: Store[][] = [];
    while (bursts.length < BURSTS_A_LIFE) bursts.push(writer.burst(closes));
    lives.push({ bursts, closes });
    writer.restart(mode === 'replicated' && !closes);
  }
  return { mode, recover, lives };
}

/** Knows what the log and the pages have come to, so that what it asks next is something a replica could ask. */
class ScriptWriter {
  isLost = false;
  private readonly next: (below: number) => number;
  private entries: LogEntry[] = [];
  private commit = 0;
  private base = 0;
  private checkpoint = 0;
  private viewNumber = 0;
  private needsTransfer = false;
  private rounds = 0;
  private hasLarge = false;

  constructor(next: (below: number) => number) {
    this.next = next;
  }

  /** Stores that are asked for in one turn. */
  burst(mayBeLarge: boolean): Store[] {
    if (this.isLost) return [this.wholeLog()];
    const draw = this.next(10);
    if (draw < 5) return Array.from({ length: 1 + this.next(3) }, () => this.append());
    if (draw === 5) return [this.store(undefined)];
    if (draw < 8) return this.viewChange();
    if (mayBeLarge && draw === 8 && !this.hasLarge) {
      this.hasLarge = true;
      return [this.append(LARGE_ENTRIES, LARGE_BYTES)];
    }
    return this.newCheckpoint();
  }

  restart(isLost: boolean): void {
    this.isLost ||= isLost;
    if (!isLost) return;
    this.checkpoint = 0;
    this.needsTransfer = this.base > 0;
  }

  private wholeLog(): Store {
    this.isLost = false;
    const entries = this.entries.slice(this.base);
    return this.store({ afterOp: opNumber(this.base), entries });
  }

  private append(count = 1 + this.next(4), bytes = 0): Store {
    this.commit += this.next(this.entries.length - this.commit + 1);
    const afterOp = opNumber(this.entries.length);
    const entries = chain(this.entries, count, this.viewNumber, requestsOf(bytes));
    this.entries.push(...entries);
    return this.store({ afterOp, entries });
  }

  /** The promise alone, and then the log of the new view: of the old one a committed beginning stays. */
  private viewChange(): Store[] {
    const before = this.viewNumber;
    this.viewNumber += 1 + this.next(2);
    const promised = promise(this.viewNumber, { 0: this.viewNumber + 1, 2: this.rounds + 1 });
    const alone = this.store(undefined, { promise: promised, lastNormalView: view(before) });
    const kept = this.commit + this.next(this.entries.length - this.commit + 1);
    this.entries = this.entries.slice(0, Math.max(kept, this.base));
    return this.next(2) === 0 ? [alone] : [alone, this.append()];
  }

  private newCheckpoint(): Store[] {
    this.commit = this.entries.length;
    const op = this.commit;
    if (op === this.checkpoint) return [this.append()];
    this.rounds += 1;
    const isTransfer = this.needsTransfer || this.next(3) === 0;
    const pages = pagesOf(this.changedPages());
    const pieces = [pages.slice(0, 5), pages.slice(5, 12), pages.slice(12)];
    const stores = pieces.flatMap((piece) => [
      { ...this.store(undefined), ...pick(pagesStore(op, piece, isTransfer)) },
      this.append(1),
    ]);
    this.checkpoint = op;
    this.needsTransfer = false;
    stores.push(this.store(undefined, { checkpoint: checkpointAt(op) }));
    this.base = Math.max(this.base, op - this.next(3) - 1);
    return [...stores, this.store(undefined)];
  }

  private changedPages(): Record<number, string | undefined> {
    const text = (page: number) => `${this.rounds} `.repeat(60 + 9 * page);
    const changed = Array.from({ length: 20 }, (_, page) => page).filter(
      () => this.rounds === 1 || this.next(2) === 0,
    );
    return Object.fromEntries(
      changed.map((page) => [page, this.next(7) === 0 ? undefined : text(page)]),
    );
  }

  private store(log: Store['log'], more: Partial<Omit<Store, 'log'>> = {}): Store {
    const last = this.entries[this.base - 1];
    return storeOf(log, {
      base: last === undefined ? GENESIS : placeOf(last),
      commitNumber: opNumber(this.commit),
      lastNormalView: view(this.viewNumber),
      ...more,
    });
  }
}

function requestsOf(bytes: number): readonly Uint8Array[] {
  if (bytes === 0) return [];
  const hash = toByteString(Buffer.alloc(16));
  const { encoded } = sealRequest({
    name: { kind: 'keyed', keyHash: hash },
    principal: 'ann',
    service: 'counter',
    operation: new Uint8Array(bytes),
    requestHash: hash,
    ackedBelow: requestNumber(0),
  });
  return [encoded];
}

const pick = ({ pages }: Store): Pick<Store, 'pages'> => ({ pages });
