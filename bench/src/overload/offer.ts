/** What a generator is told to offer. */
export interface Offer {
  readonly door: 'channel' | 'rest';
  readonly urls: readonly string[];
  /** Requests a second, sent whether or not earlier ones are answered. */
  readonly rate: number;
  readonly seconds: number;
  /** With as many unanswered no more is sent: a generator has no endless memory either. */
  readonly unansweredMax: number;
}

/** What became of it. */
export interface Offered {
  readonly sent: number;
  /** Kept back because too much was unanswered. */
  readonly keptBack: number;
  readonly done: number;
  readonly doneMs: Spread;
  /** By code: answered at once or later, but not done. */
  readonly refused: Readonly<Record<string, number>>;
  readonly refusedMs: Spread;
}

export interface Spread {
  readonly p50: number;
  readonly p99: number;
}

/** Counts outcomes as they come in. */
export class Tally {
  private readonly done: number[] = [];
  private readonly refused: number[] = [];
  private readonly codes = new Map<string, number>();
  sent = 0;
  keptBack = 0;

  get unanswered(): number {
    return this.sent - this.done.length - this.refused.length;
  }

  /** `code` is undefined for what was done. */
  note(tookMs: number, code: string | undefined): void {
    if (code === undefined) this.done.push(tookMs);
    else {
      this.refused.push(tookMs);
      this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
    }
  }

  result(): Offered {
    return {
      sent: this.sent,
      keptBack: this.keptBack,
      done: this.done.length,
      doneMs: spreadOf(this.done),
      refused: Object.fromEntries(this.codes),
      refusedMs: spreadOf(this.refused),
    };
  }
}

function spreadOf(values: number[]): Spread {
  values.sort((a, b) => a - b);
  const at = (part: number): number => values[Math.floor(values.length * part)] ?? NaN;
  return { p50: at(0.5), p99: at(0.99) };
}
