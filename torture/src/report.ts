import { nowMs } from './clock';

export interface FaultLine {
  readonly kind: string;
  readonly what: string;
  readonly startMs: number;
  /** From the end of the trouble until the group served. */
  readonly servedMs: number | undefined;
  readonly said: string | undefined;
}

/** What is told while it runs, a line a fault. With `quiet`, nothing: standard output belongs to the result. */
export class Report {
  readonly counts = new Map<string, number>();
  readonly #quiet: boolean;
  faults = 0;
  worstServedMs = 0;
  worstServedAfter = '';
  worstHealedMs = 0;

  constructor(quiet: boolean) {
    this.#quiet = quiet;
  }

  readonly count = (what: string): void => {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  };

  line(kind: string, text: string): void {
    if (this.#quiet) return;
    const seconds = (nowMs() / 1000).toFixed(1).padStart(8);
    process.stdout.write(`${seconds} s  ${kind.padEnd(15)} ${text}\n`);
  }

  fault({ kind, what, servedMs, said }: FaultLine): void {
    this.faults += 1;
    if (servedMs !== undefined && servedMs > this.worstServedMs) {
      this.worstServedMs = servedMs;
      this.worstServedAfter = `${kind} (${what})`;
    }
    const served = servedMs === undefined ? 'NOTHING SERVED' : `served after ${seconds(servedMs)}`;
    this.line(kind, `${what.padEnd(44)} ${served}${said === undefined ? '' : `, ${said}`}`);
  }

  healed(ms: number): void {
    this.worstHealedMs = Math.max(this.worstHealedMs, ms);
  }
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
