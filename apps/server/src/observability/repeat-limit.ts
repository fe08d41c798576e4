/** Lines of one kind in one period; what is more is only counted. */
const LINES_MAX = 10;
const PERIOD_MS = 10_000;
/** Kinds that are told apart; beyond them all are one. */
const KINDS_MAX = 256;

interface Period {
  sinceMs: number;
  lines: number;
  suppressed: number;
}

/**
 * Keeps a line that repeats from filling the log. Lines are of one kind when they differ only in their numbers. What was kept
 * back is told with the next line of the kind that is let through.
 */
export class RepeatLimit {
  suppressed = 0;
  private readonly periods = new Map<string, Period>();

  /** How many of its kind were kept back since the last; undefined when this one is kept back too. */
  admit(text: string, nowMs = performance.now()): number | undefined {
    const period = this.periodOf(text.replace(/\d+/g, '#'), nowMs);
    if (nowMs - period.sinceMs >= PERIOD_MS) {
      const { suppressed } = period;
      period.sinceMs = nowMs;
      period.lines = 1;
      period.suppressed = 0;
      return suppressed;
    }
    period.lines += 1;
    if (period.lines <= LINES_MAX) return 0;
    period.suppressed += 1;
    this.suppressed += 1;
    return undefined;
  }

  private periodOf(kind: string, nowMs: number): Period {
    if (!this.periods.has(kind) && this.periods.size >= KINDS_MAX) this.forget(nowMs);
    const name = this.periods.has(kind) || this.periods.size < KINDS_MAX ? kind : '';
    const found = this.periods.get(name);
    if (found !== undefined) return found;
    const period = { sinceMs: nowMs, lines: 0, suppressed: 0 };
    this.periods.set(name, period);
    return period;
  }

  private forget(nowMs: number): void {
    for (const [kind, { sinceMs }] of this.periods)
      if (nowMs - sinceMs >= PERIOD_MS) this.periods.delete(kind);
  }
}
