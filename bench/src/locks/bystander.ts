import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { latenciesOf, type Latencies } from './latencies';

/** One operation of the bystander: when it was answered, by the machine's clock, and how long that took. */
export interface Answered {
  readonly atMs: number;
  readonly tookMs: number;
}

/** Clients of other locks, or of other files, in a process of their own: what they feel of what happens to others. */
export class Bystander {
  readonly #process: ChildProcess;
  readonly #answered: Answered[] = [];
  readonly #exit: Promise<unknown>;
  #failure: Error | undefined;

  /** `folder`: where the process is that stands by. */
  constructor(endpoints: readonly string[], folder = __dirname) {
    this.#process = fork(join(folder, 'bystander-process.js'), [...endpoints]);
    this.#process.on('message', (answered: Answered[]) => this.#answered.push(...answered));
    this.#exit = new Promise((resolve) =>
      this.#process.once('exit', (code) => {
        if (code !== 0) this.#failure = new Error(`the bystander ended with ${code}`);
        resolve(code);
      }),
    );
  }

  /** Of what was under way at any moment of this time. Everything has been told after `stop`. */
  between(fromMs: number, untilMs: number): Latencies {
    const inside = this.#answered.filter(
      ({ atMs, tookMs }) => atMs > fromMs && atMs - tookMs < untilMs,
    );
    return latenciesOf(inside.map(({ tookMs }) => tookMs));
  }

  async stop(): Promise<void> {
    if (this.#process.connected) this.#process.send('stop');
    await this.#exit;
    if (this.#failure !== undefined) throw this.#failure;
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }
}
