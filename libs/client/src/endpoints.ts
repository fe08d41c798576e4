/**
 * Where the replicas are, as far as this client knows: what it was told, what the group said of itself, and which of
 * them failed lately.
 */
export class Endpoints {
  /** By URL, the time of the last failure; 0 for none. */
  readonly #failedAtMs = new Map<string, number>();
  #primary: string | undefined;

  constructor(urls: readonly string[]) {
    if (urls.length === 0) throw new TypeError('at least one endpoint is needed');
    this.learn(urls);
  }

  /** Adds what is not known yet. Nothing is forgotten: an old address that answers leads to the new ones. */
  learn(urls: readonly string[]): void {
    for (const url of urls) {
      const normal = normalUrl(url);
      if (!this.#failedAtMs.has(normal)) this.#failedAtMs.set(normal, 0);
    }
  }

  get urls(): readonly string[] {
    return [...this.#failedAtMs.keys()];
  }

  get primary(): string | undefined {
    return this.#primary;
  }

  primaryIs(url: string): void {
    this.learn([url]);
    this.#primary = normalUrl(url);
  }

  failed(url: string, atMs: number): void {
    this.#failedAtMs.set(url, atMs);
    // Whoever leads now, it will be told; to insist on one that is gone costs time when it matters most.
    if (this.#primary === url) this.#primary = undefined;
  }

  reached(url: string): void {
    this.#failedAtMs.set(url, 0);
  }

  /** The order to try them in: the primary, then whoever failed longest ago. */
  inOrder(): string[] {
    const byFailure = [...this.#failedAtMs].sort(([, a], [, b]) => a - b).map(([url]) => url);
    const primary = this.#primary;
    if (primary === undefined) return byFailure;
    return [primary, ...byFailure.filter((url) => url !== primary)];
  }
}

/** Throws TypeError for what is no http URL. */
export function normalUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:') {
    throw new TypeError(`'${url}' is no http or https URL`);
  }
  return parsed.origin;
}
