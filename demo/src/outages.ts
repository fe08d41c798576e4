import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

export interface SeenView {
  readonly atMs: number;
  readonly epoch: number;
  readonly view: number;
  readonly url: string;
}

/** What the prober process tells, ten times a second. Times of the machine's monotonic clock. */
export interface ProberReport {
  readonly answeredAtMs: number[];
  readonly views: SeenView[];
  readonly failures: { readonly atMs: number; readonly code: string }[];
}

/** The prober's answers, and what they say about the time around a kill. */
export class Prober {
  readonly answeredAtMs: number[] = [];
  readonly views: SeenView[] = [];
  readonly failures: ProberReport['failures'] = [];
  readonly #process: ChildProcess;
  readonly #exit: Promise<unknown>;

  constructor(endpoints: readonly string[]) {
    this.#process = fork(join(__dirname, 'prober.js'), [...endpoints]);
    this.#process.on('message', (report: ProberReport) => {
      this.answeredAtMs.push(...report.answeredAtMs);
      this.views.push(...report.views);
      this.failures.push(...report.failures);
    });
    this.#exit = new Promise((resolve) => this.#process.once('exit', resolve));
  }

  /** The newest view that was pushed. */
  get view(): SeenView | undefined {
    return this.views.at(-1);
  }

  get lastAnswerMs(): number {
    return this.answeredAtMs.at(-1) ?? 0;
  }

  async stop(): Promise<void> {
    if (this.#process.connected) this.#process.send('stop');
    await this.#exit;
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }
}

/**
 * The outage that a kill caused: the longest time between two answers in a row, of those that end after the kill and
 * begin before `untilMs`. Undefined while nothing has been answered since.
 */
export function outageOf(
  answeredAtMs: readonly number[],
  killedAtMs: number,
  untilMs: number,
): number | undefined {
  let longest: number | undefined;
  for (let n = 1; n < answeredAtMs.length; n++) {
    const [from, to] = [answeredAtMs[n - 1]!, answeredAtMs[n]!];
    if (to > killedAtMs && from < untilMs) longest = Math.max(longest ?? 0, to - from);
  }
  return longest;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = NaN, high = NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}
