import { randomUUID } from 'node:crypto';
import { nowMs, pause } from './clock';
import { Doors } from './clients/doors';

const BETWEEN_MS = 25;
const ATTEMPT_MS = 1_000;

/** One client that writes all the time, one write after the other, and notes when it was answered. */
export class Prober {
  readonly #doors: Doors;
  readonly #work: Promise<void>;
  #isStopping = false;
  #waiting: { readonly sinceMs: number; readonly settle: (atMs: number) => void }[] = [];
  #lastMs = nowMs();
  longestGapMs = 0;
  writes = 0;

  constructor(urls: () => readonly string[]) {
    this.#doors = new Doors(urls);
    this.#work = this.#write();
  }

  /** How long it took, from now, until something was answered that was asked after now; undefined when too long. */
  async serves(withinMs: number): Promise<number | undefined> {
    const sinceMs = nowMs();
    const served = new Promise<number>((settle) => this.#waiting.push({ sinceMs, settle }));
    const at = await Promise.race([served, pause(withinMs, undefined, { ref: false })]);
    return at === undefined ? undefined : at - sinceMs;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#work;
    this.#doors.close();
  }

  async #write(): Promise<void> {
    let key = randomUUID();
    while (!this.#isStopping) {
      const askedMs = nowMs();
      if (await this.#attempt(key)) {
        this.#answered(askedMs);
        key = randomUUID();
      } else this.#doors.next();
      await pause(BETWEEN_MS);
    }
  }

  #answered(askedMs: number): void {
    const atMs = nowMs();
    this.writes += 1;
    this.longestGapMs = Math.max(this.longestGapMs, atMs - this.#lastMs);
    this.#lastMs = atMs;
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ sinceMs }) => sinceMs > askedMs);
    for (const { sinceMs, settle } of waiting) if (sinceMs <= askedMs) settle(atMs);
  }

  async #attempt(key: string): Promise<boolean> {
    try {
      const { status } = await this.#doors.ask(this.#doors.current, {
        method: 'POST',
        path: '/v1/counter/probe',
        body: { by: 1 },
        headers: { 'idempotency-key': key, prefer: 'wait=1' },
        timeoutMs: ATTEMPT_MS,
      });
      return status === 200;
    } catch {
      return false;
    }
  }
}
