import {
  connect,
  LockstepError,
  OutcomeUnknownError,
  type Client,
  type Session,
} from '@lockstep/client';
import { machineMs } from '../journal';

const TIMEOUT_MS = 120_000;

export interface Answered {
  readonly atMs: number;
  readonly latencyMs: number;
}

/** Clients that write all the time, each one write after the other, and remember every one that was acknowledged. */
export class Load {
  readonly answered: Answered[] = [];
  /** What went wrong beyond what the client repairs by itself. */
  readonly faults: string[] = [];
  #stopping = false;
  readonly #workers: readonly Promise<number>[];
  readonly #endpoints: readonly string[];

  constructor(endpoints: readonly string[], clients: number) {
    this.#endpoints = endpoints;
    this.#workers = Array.from({ length: clients }, (_, worker) => this.#work(worker));
  }

  get acknowledged(): number {
    return this.answered.length;
  }

  /** 99th percentile of what was answered between two times of the machine's clock, in milliseconds. */
  p99(fromMs: number, toMs: number): number {
    const latencies = this.answered
      .filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
      .map(({ latencyMs }) => latencyMs)
      .sort((a, b) => a - b);
    return latencies[Math.ceil(latencies.length * 0.99) - 1] ?? Number.NaN;
  }

  /** The longest time without any answer that ended or began within these. */
  longestPause(fromMs: number, toMs: number): number {
    let longest = 0;
    for (let n = 1; n < this.answered.length; n++) {
      const [before, after] = [this.answered[n - 1]!.atMs, this.answered[n]!.atMs];
      if (after > fromMs && before < toMs) longest = Math.max(longest, after - before);
    }
    return longest;
  }

  /** Stops them all and counts, from what the group has: how many acknowledged writes are not there. */
  async stop(
    endpoints: readonly string[],
  ): Promise<{ readonly lost: number; readonly doubled: number }> {
    this.#stopping = true;
    const counts = await Promise.all(this.#workers);
    await using client = await connect({ endpoints, timeoutMs: TIMEOUT_MS });
    let [lost, doubled] = [0, 0];
    for (const [worker, count] of counts.entries()) {
      const names = new Set<string>();
      for await (const { name } of client.files.entries(folderOf(worker))) names.add(String(name));
      for (let n = 0; n < count; n++) if (!names.has(String(n))) lost++;
      const counted = await client.counters.get(counterOf(worker));
      lost += Math.max(0, count - counted);
      doubled += Math.max(0, counted - count);
    }
    return { lost, doubled };
  }

  /** Each round makes a file and counts; how many rounds were acknowledged. */
  async #work(worker: number): Promise<number> {
    const client = await connect({ endpoints: this.#endpoints, timeoutMs: TIMEOUT_MS });
    let rounds = 0;
    try {
      const session = await client.openSession({ ttlMs: 60_000, name: `load ${worker}` });
      await session.files.mkdir(folderOf(worker));
      while (!this.#stopping) {
        await this.#timed(() => session.files.create(`${folderOf(worker)}/${rounds}`));
        await this.#timed(() => session.counters.add(counterOf(worker)));
        rounds++;
      }
    } catch (error) {
      if (!(error instanceof LockstepError)) throw error;
      this.faults.push(`client ${worker} after ${rounds} rounds: ${error.code}: ${error.message}`);
    } finally {
      client.abandon();
    }
    return rounds;
  }

  async #timed(write: () => Promise<unknown>): Promise<void> {
    const startMs = machineMs();
    try {
      await write();
    } catch (error) {
      if (!(error instanceof OutcomeUnknownError)) throw error;
      await error.retry();
    }
    const atMs = machineMs();
    this.answered.push({ atMs, latencyMs: atMs - startMs });
  }
}

const folderOf = (worker: number): string => `/load-${worker}`;
const counterOf = (worker: number): string => `load-${worker}`;

/** For what is done beside the load. */
export async function withSession<T>(
  endpoints: readonly string[],
  work: (session: Session, client: Client) => Promise<T>,
): Promise<T> {
  await using client = await connect({ endpoints, timeoutMs: TIMEOUT_MS });
  return await work(await client.openSession({ ttlMs: 60_000 }), client);
}
