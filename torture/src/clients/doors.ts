import { Agent, request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { pause } from '../clock';

/** An answer over HTTP. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Record<string, unknown>;
}

export interface DoorRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** The doors that clients are told of, in the order in which they are tried. */
export class Doors {
  readonly #urls: () => readonly string[];
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  #turn = 0;

  constructor(urls: () => readonly string[]) {
    this.#urls = urls;
  }

  get current(): string {
    const urls = this.#urls();
    const url = urls[this.#turn % Math.max(1, urls.length)];
    if (url === undefined) throw new Error('there is no door');
    return url;
  }

  next(): void {
    this.#turn += 1;
  }

  /** Rejects when the connection fails or the time is up. */
  ask(url: string, { method, path, body, headers, timeoutMs }: DoorRequest): Promise<Answer> {
    return new Promise((settle, reject) => {
      const sent = httpRequest(`${url}${path}`, {
        method,
        agent: this.#agent,
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        signal: AbortSignal.timeout(timeoutMs),
      });
      sent.once('error', reject);
      sent.once('response', (response) => {
        text(response).then((said) => {
          settle({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: said === '' ? {} : (JSON.parse(said) as Record<string, unknown>),
          });
        }, reject);
      });
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** Before the next attempt, so that a group that refuses is not stormed. */
  async rest(attempt: number): Promise<void> {
    await pause(Math.min(20 * 2 ** attempt, 500) * (0.5 + Math.random() / 2));
  }

  close(): void {
    this.#agent.destroy();
  }
}

export const headerOf = ({ headers }: Answer, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
};
