import { setTimeout as pause } from 'node:timers/promises';
import { rest } from './plain-request';

const BETWEEN_MS = 100;
const PATIENCE_MS = 60_000;

/** Somebody who does ordinary things all the while: the group works for others whatever one of them sends. */
export class NormalClient {
  readonly latenciesMs: number[] = [];
  readonly faults: string[] = [];
  private readonly urls: readonly string[];
  private readonly name = `normal-${Math.random().toString(36).slice(2)}`;
  private stopped = false;
  private counted = 0;
  private readonly working: Promise<void>;

  constructor(urls: readonly string[]) {
    this.urls = urls;
    this.working = this.work();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.working;
  }

  private async work(): Promise<void> {
    while (!this.stopped) {
      await this.count();
      await pause(BETWEEN_MS);
    }
  }

  /** Adds one, as often as it takes, under one name: then the counter says how often it was done. */
  private async count(): Promise<void> {
    const startedMs = performance.now();
    const key = `${this.name}-${this.counted}`;
    for (let attempt = 0; ; attempt += 1) {
      const url = this.urls[(this.counted + attempt) % this.urls.length] ?? '';
      const value = await this.add(url, key);
      if (value !== undefined) {
        this.counted += 1;
        if (value !== this.counted)
          this.faults.push(`counted ${JSON.stringify(value)}, not ${this.counted}`);
        break;
      }
      if (performance.now() - startedMs > PATIENCE_MS) {
        this.faults.push('the group did not answer a normal client');
        break;
      }
    }
    this.latenciesMs.push(performance.now() - startedMs);
  }

  private async add(url: string, key: string): Promise<unknown> {
    try {
      const { status, body } = await rest(
        `${url}/v1/counter/${this.name}`,
        'POST',
        { by: 1 },
        { 'idempotency-key': key },
      );
      return status === 200 ? body['value'] : undefined;
    } catch {
      return undefined;
    }
  }
}
