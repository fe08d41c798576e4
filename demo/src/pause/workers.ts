import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

/** What a worker process is told, as its argument. */
export interface PauseOrders {
  readonly name: string;
  readonly endpoints: readonly string[];
  readonly ttlMs: number;
  readonly lock: string;
  /** Of the counter. */
  readonly url: string;
}

/** Worker processes that can be stopped in their tracks, and let go on as if nothing had happened. */
export class PauseWorkers {
  readonly #processes = new Map<string, ChildProcess>();
  readonly #exits: Promise<number>[] = [];
  #acknowledged = 0;

  start(count: number, orders: Omit<PauseOrders, 'name'>): void {
    for (let n = 1; n <= count; n++) {
      const name = `w${n}`;
      const own: PauseOrders = { ...orders, name };
      const worker = fork(join(__dirname, 'worker.js'), [JSON.stringify(own)]);
      worker.on('message', () => (this.#acknowledged += 1));
      this.#exits.push(new Promise((resolve) => worker.once('exit', (code) => resolve(code ?? 1))));
      this.#processes.set(name, worker);
    }
  }

  /** Writes that workers were told have been taken. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Rejects when a worker ends before it was told to. */
  async failure(): Promise<never> {
    const code = await Promise.race(this.#exits);
    throw new Error(`a worker ended with ${code}`);
  }

  freeze(name: string): void {
    this.#processes.get(name)!.kill('SIGSTOP');
  }

  thaw(name: string): void {
    this.#processes.get(name)!.kill('SIGCONT');
  }

  /** Each ends its turn and exits; rejects when one has failed. */
  async stop(): Promise<void> {
    for (const worker of this.#processes.values()) if (worker.connected) worker.send('stop');
    const codes = await Promise.all(this.#exits);
    const failed = codes.filter((code) => code !== 0).length;
    if (failed > 0) throw new Error(`${failed} workers failed`);
  }

  /** Stopped ones too. */
  kill(): void {
    for (const worker of this.#processes.values()) worker.kill('SIGKILL');
  }
}
