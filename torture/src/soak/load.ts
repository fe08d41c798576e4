import { connect, type Client, type Session } from '@lockstep/client';
import { Chance } from '../chance';
import { nowMs, pause } from '../clock';
import { quantile } from './slope';

/** All names there will ever be: what the group holds does not grow. */
const NAMES = 64;
const CLIENTS = 8;
const TTL_MS = 30_000;
const TIMEOUT_MS = 30_000;

/** How fast calls are begun, and how they were answered since the last look. */
export interface Window {
  readonly calls: number;
  readonly failures: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * Clients that use the same few names for ever: locks taken and released, files made and removed, counters. At a rate, begun by
 * the clock and not by the answers, or as fast as answers come.
 */
export class Load {
  readonly #clients: Client[] = [];
  readonly #sessions: Session[] = [];
  readonly #chance: Chance;
  #latencies: number[] = [];
  #failures = 0;
  #isStopping = false;
  #work: Promise<void>[] = [];

  constructor(seed: number) {
    this.#chance = new Chance(seed, 'soak');
  }

  async open(urls: readonly string[]): Promise<void> {
    for (let n = 0; n < CLIENTS; n += 1) {
      const client = await connect({ endpoints: urls, timeoutMs: TIMEOUT_MS });
      this.#clients.push(client);
      this.#sessions.push(await client.openSession({ ttlMs: TTL_MS, name: `soak ${n}` }));
    }
    await this.#sessions[0]?.files.mkdir('/soak');
  }

  /** As fast as the group answers so many at a time: calls a second. */
  async most(atOnce: number, forMs: number): Promise<number> {
    const untilMs = nowMs() + forMs;
    const work = async (worker: number): Promise<void> => {
      while (nowMs() < untilMs) await this.#call(worker);
    };
    this.look();
    const fromMs = nowMs();
    await Promise.all(Array.from({ length: atOnce }, (_, n) => work(n)));
    return (this.look().calls * 1000) / (nowMs() - fromMs);
  }

  /** From now on, until `stop`. */
  run(callsPerSecond: number): void {
    this.#work = [this.#keepPace(callsPerSecond)];
  }

  look(): Window {
    const [latencies, failures] = [this.#latencies, this.#failures];
    this.#latencies = [];
    this.#failures = 0;
    return {
      calls: latencies.length,
      failures,
      p50Ms: quantile(latencies, 0.5),
      p99Ms: quantile(latencies, 0.99),
    };
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#work);
    await Promise.allSettled(this.#clients.map((client) => client.close()));
  }

  /** Behind by more than a second, it begins the missing calls no more: an outage is no reason for a storm. */
  async #keepPace(callsPerSecond: number): Promise<void> {
    const under = new Set<Promise<void>>();
    let dueMs = nowMs();
    for (let worker = 0; !this.#isStopping; worker += 1) {
      dueMs = Math.max(dueMs + 1000 / callsPerSecond, nowMs() - 1000);
      if (dueMs > nowMs()) await pause(dueMs - nowMs());
      const call = this.#call(worker).finally(() => under.delete(call));
      under.add(call);
    }
    await Promise.all(under);
  }

  async #call(worker: number): Promise<void> {
    const session = this.#sessions[worker % this.#sessions.length];
    if (session === undefined) throw new RangeError('nobody has opened a session');
    const fromMs = nowMs();
    try {
      await this.#use(session, worker);
      this.#latencies.push(nowMs() - fromMs);
    } catch {
      this.#failures += 1;
      await pause(10);
    }
  }

  async #use(session: Session, worker: number): Promise<void> {
    const name = `${this.#chance.whole(0, NAMES - 1)}`;
    switch (this.#chance.whole(0, 3)) {
      case 0: {
        const owner = `${worker}`;
        const lock = await session.locks.tryAcquire(`soak-${name}`, { owner });
        await lock?.release();
        return;
      }
      case 1:
        return this.#toggle(session, `/soak/${name}`);
      case 2:
        await session.counters.add(`soak-${name}`);
        return;
      default:
        await session.counters.get(`soak-${name}`);
    }
  }

  /** There is a file, and then there is none. */
  async #toggle(session: Session, path: string): Promise<void> {
    try {
      await session.files.create(path, { exclusive: true });
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'EEXIST') throw error;
      await this.#remove(session, path);
    }
  }

  async #remove(session: Session, path: string): Promise<void> {
    try {
      await session.files.unlink(path);
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ENOENT') throw error;
    }
  }
}
