const BAR = 28;

/** What the demo tells while it runs. With `quiet`, nothing: standard output belongs to the result. */
export class Terminal {
  readonly #quiet: boolean;
  readonly #startMs = performance.now();
  #barShown = false;
  #lastPercent = -1;

  constructor(quiet: boolean) {
    this.#quiet = quiet;
  }

  line(text: string): void {
    if (this.#quiet) return;
    this.#endBar();
    const seconds = (performance.now() - this.#startMs) / 1000;
    process.stdout.write(`${seconds.toFixed(1).padStart(6)} s  ${text}\n`);
  }

  /** A bar where there is a terminal; where not, nothing until `line` says what came of it. */
  progress(what: string, done: number, of: number): void {
    if (this.#quiet || !process.stdout.isTTY) return;
    const percent = of === 0 ? 100 : Math.floor((100 * done) / of);
    if (percent === this.#lastPercent) return;
    this.#lastPercent = percent;
    const filled = Math.round((BAR * percent) / 100);
    const bar = '█'.repeat(filled) + '░'.repeat(BAR - filled);
    process.stdout.write(`\r\x1b[K          ${what} ${bar} ${percent} % (${done} of ${of})`);
    this.#barShown = true;
  }

  /** A count without an end to compare it with. */
  counting(what: string, count: number): void {
    if (this.#quiet || !process.stdout.isTTY) return;
    process.stdout.write(`\r\x1b[K          ${what} ${count}`);
    this.#barShown = true;
  }

  #endBar(): void {
    if (this.#barShown) process.stdout.write('\r\x1b[K');
    this.#barShown = false;
    this.#lastPercent = -1;
  }
}
