import { request } from 'node:https';
import { Readable } from 'node:stream';

/** Whom to trust at `https` endpoints, and who one is there. Everything in PEM. For Node. */
export interface TrustOptions {
  /** Who signs the certificates of the replicas. Without it: whom Node trusts. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[];
  /** A certificate to show, with its `key`. Lockstep does not ask clients for one; a proxy before it may. */
  readonly certificate?: string | Buffer;
  readonly key?: string | Buffer;
}

/** As the sockets of Node spell it. */
export interface SocketTrust {
  readonly ca?: string | Buffer | (string | Buffer)[];
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
}

export function socketTrust({ ca, certificate, key }: TrustOptions): SocketTrust {
  return {
    ...(ca !== undefined && { ca: isList(ca) ? [...ca] : ca }),
    ...(certificate !== undefined && { cert: certificate }),
    ...(key !== undefined && { key }),
  };
}

const isList = <T>(value: T | readonly T[]): value is readonly T[] => Array.isArray(value);

export interface FetchOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** What is needed of `fetch`. */
export type Fetch = (url: string, options?: FetchOptions) => Promise<Response>;

/**
 * `fetch`, to those one trusts: that of Node takes whom to trust from a package that does not come with Node. Connections
 * are not kept.
 */
export function fetchTrusting(trust: TrustOptions | undefined): Fetch {
  if (trust === undefined) return fetch;
  const tls = socketTrust(trust);
  return (url, options = {}) =>
    url.startsWith('https:') ? fetchSecurely(url, options, tls) : fetch(url, options);
}

function fetchSecurely(url: string, options: FetchOptions, tls: SocketTrust): Promise<Response> {
  const { method = 'GET', headers = {}, body, signal } = options;
  return new Promise((resolve, reject) => {
    const asked = request(url, { ...tls, method, headers, agent: false, signal }, (incoming) => {
      const { statusCode: status = 500, headers: found } = incoming;
      const fields = Object.entries(found).flatMap(([name, value]) =>
        [value ?? []].flat().map((one): [string, string] => [name, one]),
      );
      const isEmpty = status === 204 || status === 304;
      if (isEmpty) incoming.resume();
      const content = isEmpty ? null : (Readable.toWeb(incoming) as BodyInit);
      resolve(new Response(content, { status, headers: fields }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
