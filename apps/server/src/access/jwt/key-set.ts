import { readFile, stat } from 'node:fs/promises';
import { createLocalJWKSet, type JSONWebKeySet } from 'jose';
import type { Logger } from '../../observability/logger';
import { reasonOf } from '../../storage/fault';

type FindKey = ReturnType<typeof createLocalJWKSet>;

/** How often keys are fetched without a cause: keys that were taken back are gone after this. */
const REFRESH_MS = 300_000;
/** How soon an unknown key may be asked for again: strangers make up as many as they like. */
const COOL_DOWN_MS = 10_000;
const FETCH_MS = 5_000;
const BYTES_MAX = 1 << 20;

/** The public keys of an issuer, from a URL or a file. The last good ones stay when new ones cannot be had. (RFC 7517) */
export class KeySet {
  private readonly source: string;
  private readonly logger: Pick<Logger, 'info' | 'warn'>;
  private readonly now: () => number;
  private keys: FindKey | undefined;
  private text = '';
  private fetchedAtMs = Number.NEGATIVE_INFINITY;
  private fetching: Promise<void> | undefined;
  private failed = '';
  /** Rises with every change: what was verified by former keys is worth nothing. */
  generation = 0;

  constructor(
    source: string,
    logger: Pick<Logger, 'info' | 'warn'>,
    now: () => number = () => performance.now(),
  ) {
    this.source = source;
    this.logger = logger;
    this.now = now;
  }

  /** Undefined while none could be fetched. */
  async current(): Promise<FindKey | undefined> {
    const age = this.now() - this.fetchedAtMs;
    if (this.keys === undefined && (this.fetching !== undefined || age >= COOL_DOWN_MS))
      await this.fetch();
    else if (age >= REFRESH_MS) void this.fetch();
    return this.keys;
  }

  /** The keys after another look for one that is not among them; undefined when that was done a moment ago. */
  async renewed(): Promise<FindKey | undefined> {
    if (this.fetching === undefined && this.now() - this.fetchedAtMs < COOL_DOWN_MS)
      return undefined;
    await this.fetch();
    return this.keys;
  }

  private fetch(): Promise<void> {
    this.fetching ??= this.load().finally(() => {
      this.fetching = undefined;
    });
    return this.fetching;
  }

  private async load(): Promise<void> {
    this.fetchedAtMs = this.now();
    try {
      const text = await textOf(this.source);
      if (text !== this.text) this.replace(text);
      if (this.failed !== '') this.logger.info({ jwks: this.source }, 'the keys are there again');
      this.failed = '';
    } catch (fault) {
      const reason = reasonOf(fault);
      if (reason !== this.failed)
        this.logger.warn(
          { jwks: this.source, reason, kept: this.keys !== undefined },
          'keys for tokens cannot be fetched: the last good ones stay',
        );
      this.failed = reason;
    }
  }

  private replace(text: string): void {
    const set = JSON.parse(text) as JSONWebKeySet;
    expectPublic(set);
    this.keys = createLocalJWKSet(set);
    this.text = text;
    this.generation += 1;
  }
}

/** A shared secret among the keys would let everybody who knows it issue tokens. */
function expectPublic({ keys }: JSONWebKeySet): void {
  if (!Array.isArray(keys) || keys.length === 0) throw new Error('it holds no keys');
  if (keys.some(({ kty, d }) => kty === 'oct' || d !== undefined))
    throw new Error('it holds a secret key: only public keys belong there');
}

const isUrl = (source: string): boolean => /^https?:\/\//.test(source);

async function textOf(source: string): Promise<string> {
  if (!isUrl(source)) {
    if ((await stat(source)).size > BYTES_MAX) throw new Error('the file is too long');
    return readFile(source, 'utf8');
  }
  const signal = AbortSignal.timeout(FETCH_MS);
  const response = await fetch(source, { redirect: 'error', signal });
  if (!response.ok) throw new Error(`it was answered with status ${response.status}`);
  return readBounded(response);
}

async function readBounded({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of (body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += part.length;
    if (bytes > BYTES_MAX) throw new Error('the answer is too long');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
