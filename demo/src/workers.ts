import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

/** What a worker process is told, as its argument. */
export interface WorkerOrders {
  readonly name: string;
  readonly endpoints: readonly string[];
  /** Directories of the group's tree; each is also the name of the lock that guards it. */
  readonly areas: readonly string[];
  readonly journal: string;
}

/** The worker processes of the demo. */
export class Workers {
  readonly journals: string[] = [];
  readonly #processes: ChildProcess[] = [];
  readonly #acknowledged: number[] = [];
  readonly #exits: Promise<number>[] = [];

  start(count: number, orders: Omit<WorkerOrders, 'name' | 'journal'>, folder: string): void {
    for (let n = 0; n < count; n++) {
      const name = `w${n + 1}`;
      const journal = join(folder, `${name}.journal`);
      const own: WorkerOrders = { ...orders, name, journal };
      const worker = fork(join(__dirname, 'worker.js'), [JSON.stringify(own)]);
      worker.on('message', (message: { acknowledged: number }) => {
        this.#acknowledged[n] = message.acknowledged;
      });
      this.#exits.push(new Promise((resolve) => worker.once('exit', (code) => resolve(code ?? 1))));
      this.#processes.push(worker);
      this.journals.push(journal);
    }
  }

  /** Operations acknowledged up to now, as far as the workers have told. */
  get acknowledged(): number {
    return this.#acknowledged.reduce((sum, count) => sum + count, 0);
  }

  /** Each ends what it does and exits; resolves with the number of workers that failed. */
  async stop(): Promise<number> {
    for (const worker of this.#processes) if (worker.connected) worker.send('stop');
    const codes = await Promise.all(this.#exits);
    return codes.filter((code) => code !== 0).length;
  }

  kill(): void {
    for (const worker of this.#processes) worker.kill('SIGKILL');
  }
}
