import type { IncomingMessage } from 'node:http';

/** Whether the page that a browser speaks for may use this server. Programs say of no page. (RFC 6454; WHATWG Fetch §3.1) */
export class Origins {
  private readonly allowed: ReadonlySet<string>;

  constructor(allowed: readonly string[]) {
    this.allowed = new Set(allowed);
  }

  /** One that was allowed by name: it is told so. */
  isNamed(origin: string): boolean {
    return this.allowed.has(origin);
  }

  /** From no page, from a page of this server, or from one that was allowed by name. */
  mayAsk({ headers }: IncomingMessage): boolean {
    const { origin, host } = headers;
    if (origin === undefined || this.isNamed(origin)) return true;
    return URL.canParse(origin) && new URL(origin).host === host;
  }
}
