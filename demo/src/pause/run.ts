import { once, EventEmitter } from 'node:events';
import { join } from 'node:path';
import type { Group } from '../group';
import type { Terminal } from '../terminal';
import { CounterFile, type Guard } from './counter-file';
import { Resource, type AnnouncedWrite, type ResourceListener } from './resource';
import type { Tally } from './verdict';
import { PauseWorkers } from './workers';

/** The least a session may have, so that nobody waits long for its end. */
const TTL_MS = 2_000;
/** Writes before the first pause, and between two. */
const WRITES_BETWEEN = 10;
/** Writes of others while one is stopped. */
const WRITES_MEANWHILE = 3;
const PATIENCE_MS = 60_000;

export interface RunPlan {
  /** Where the counter's file is made. */
  readonly folder: string;
  readonly guard: Guard;
  readonly workers: number;
  readonly pauses: number;
}

/** Workers count under one lock, and one of them after the other is stopped between its last look and its write. */
export async function runUnderPauses(
  plan: RunPlan,
  group: Group,
  terminal: Terminal,
): Promise<Tally> {
  const { guard, folder } = plan;
  const lock = `counter-${guard}`;
  const counter = new CounterFile(join(folder, lock), guard);
  const workers = new PauseWorkers();
  const pauses = new Pauses(plan.pauses, workers, terminal);
  const resource = await Resource.open(counter, pauses);
  try {
    workers.start(plan.workers, { endpoints: group.urls, ttlMs: TTL_MS, lock, url: resource.url });
    await Promise.race([pauses.over(), workers.failure()]);
    await workers.stop();
    const { acknowledged } = workers;
    const { value, refused } = counter;
    return { guard, pauses: plan.pauses, acknowledged, counter: value, refused };
  } finally {
    workers.kill();
    resource.close();
  }
}

/** Sees every write before its value, and lets some of them come late. */
class Pauses implements ResourceListener {
  readonly #workers: PauseWorkers;
  readonly #terminal: Terminal;
  readonly #writes = new EventEmitter();
  #left: number;
  #writesUntilNext = WRITES_BETWEEN;
  #late: AnnouncedWrite | undefined;
  #writesMeanwhile = 0;

  constructor(pauses: number, workers: PauseWorkers, terminal: Terminal) {
    this.#left = pauses;
    this.#workers = workers;
    this.#terminal = terminal;
  }

  /** All pauses have been, and others have gone on writing. */
  async over(): Promise<void> {
    await once(this.#writes, 'over', { signal: AbortSignal.timeout(PATIENCE_MS) });
  }

  async announced(write: AnnouncedWrite): Promise<void> {
    if (this.#late !== undefined || this.#left === 0 || this.#writesUntilNext > 0) return;
    this.#late = write;
    this.#writesMeanwhile = 0;
    this.#left -= 1;
    this.#workers.freeze(write.worker);
    this.#terminal.line(`${write.worker} is stopped before its write under fence ${write.fence}`);
    // For as long as it takes the group to end its session and give the lock to somebody else.
    await once(this.#writes, 'overtaken');
    this.#workers.thaw(write.worker);
  }

  done(write: AnnouncedWrite, value: number, accepted: boolean): void {
    this.#writesUntilNext -= 1;
    if (write === this.#late) this.#lateWriteDone(write, value, accepted);
    else if (this.#late !== undefined) this.#overtaken(write, value);
    else if (this.#left === 0 && this.#writesUntilNext <= 0) this.#writes.emit('over');
  }

  #overtaken({ worker, fence }: AnnouncedWrite, value: number): void {
    this.#writesMeanwhile += 1;
    if (this.#writesMeanwhile <= WRITES_MEANWHILE)
      this.#terminal.line(`${worker} is given the lock, and writes ${value} under ${fence}`);
    if (this.#writesMeanwhile === WRITES_MEANWHILE) this.#writes.emit('overtaken');
  }

  #lateWriteDone({ worker, fence }: AnnouncedWrite, value: number, accepted: boolean): void {
    const fate = accepted ? 'is taken' : 'is refused';
    this.#terminal.line(`${worker} goes on: its write of ${value} under ${fence} ${fate}`);
    this.#late = undefined;
    this.#writesUntilNext = WRITES_BETWEEN;
  }
}
