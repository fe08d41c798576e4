const DAY_MS = 86_400_000;
/** Days before the end of a certificate at which somebody is told. */
const DAYS = [30, 7, 1, 0] as const;

/** Says of a certificate, once at each step, that its end is near. */
export class ExpiryWarning {
  private expiresAtMs = Number.NaN;
  private toldDays = Number.POSITIVE_INFINITY;

  /** Undefined when there is nothing new to say. */
  of(
    expiresAtMs: number,
    nowMs: number,
  ): { readonly level: 'warn' | 'error'; readonly text: string } | undefined {
    if (expiresAtMs !== this.expiresAtMs) this.toldDays = Number.POSITIVE_INFINITY;
    this.expiresAtMs = expiresAtMs;
    const step = DAYS.findLast((days) => expiresAtMs - nowMs <= days * DAY_MS);
    if (step === undefined || step >= this.toldDays) return undefined;
    this.toldDays = step;
    const at = new Date(expiresAtMs).toISOString();
    return step === 0
      ? { level: 'error', text: `the certificate has EXPIRED at ${at}: nobody new can connect` }
      : { level: step === 1 ? 'error' : 'warn', text: `the certificate expires at ${at}` };
  }
}
