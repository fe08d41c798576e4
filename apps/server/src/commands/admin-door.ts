import { readFile } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import { fetchTrusting, type Fetch } from '@lockstep/client';
import { ConfigError } from '../config/replica-config';
import { isObject, textOf, type JsonObject } from '../contract/json';
import { reasonOf } from '../storage/fault';
import { Refused, Unavailable } from './exit-codes';

/** How a running group is reached, and who asks. */
export interface DoorFlags {
  readonly url: string;
  readonly tokenFile?: string;
  readonly ca?: string;
}

const PATIENCE_MS = 10_000;

/** What every command takes that asks a running group. */
export const addDoorOptions = (command: Command): Command =>
  command
    .addOption(
      new Option('--url <urls>', 'replicas of the group, with commas between').env('LOCKSTEP_URL'),
    )
    .addOption(
      new Option('--token-file <file>', 'file with the bearer token of an admin').env(
        'LOCKSTEP_TOKEN_FILE',
      ),
    )
    .addOption(
      new Option('--ca <file>', 'who signs the certificates of the replicas, in PEM').env(
        'LOCKSTEP_CA',
      ),
    );

/** The REST doors of a group, for one who may administer it. (RFC 6750) */
export class AdminDoor {
  readonly urls: readonly string[];
  /** To replicas alone: it shows the token. */
  readonly fetch: Fetch;

  private constructor(urls: readonly string[], fetch: Fetch) {
    this.urls = urls;
    this.fetch = fetch;
  }

  /** Throws `ConfigError` that names the flag. */
  static async open({ url, tokenFile, ca }: Partial<DoorFlags>): Promise<AdminDoor> {
    const urls = (url ?? '').split(',').filter((each) => each !== '');
    if (urls.length === 0)
      throw new ConfigError('--url', 'give a replica of the group, as --url http://127.0.0.1:7400');
    for (const each of urls)
      if (!URL.canParse(each)) throw new ConfigError('--url', `${each} is no URL`);
    const origins = urls.map((each) => new URL(each).origin);
    const trusting = fetchTrusting(ca === undefined ? undefined : { ca: await textIn('--ca', ca) });
    if (tokenFile === undefined) return new AdminDoor(origins, trusting);
    const authorization = `Bearer ${await tokenIn(tokenFile)}`;
    return new AdminDoor(origins, (to, options) =>
      trusting(to, { ...options, headers: { ...options?.headers, authorization } }),
    );
  }

  /** From whichever answers first. Throws `Unavailable` when none does, `Refused` when one says no. */
  async get(path: string): Promise<JsonObject> {
    const reasons: string[] = [];
    for (const url of this.urls) {
      try {
        const response = await this.ask(url, path, AbortSignal.timeout(PATIENCE_MS));
        const json: unknown = await response.json();
        if (isObject(json)) return json;
        reasons.push(`${url}: the answer is not JSON`);
      } catch (fault) {
        if (fault instanceof Refused) throw fault;
        reasons.push(`${url}: ${causeOf(fault)}`);
      }
    }
    throw new Unavailable(reasons.join('; '));
  }

  /** The answer of one replica, its body unread. Throws `Refused` for what will not change, anything else may. */
  async ask(url: string, path: string, signal: AbortSignal): Promise<Response> {
    const response = await this.fetch(`${url}${path}`, { signal });
    if (response.ok) return response;
    const said: unknown = await response.json().catch(() => undefined);
    const problem = isObject(said) ? said : {};
    const reason = `${textOf(problem['detail']) || response.statusText} (${textOf(problem['code']) || response.status})`;
    throw response.status < 500 ? new Refused(reason) : new Unavailable(reason);
  }
}

/** What `fetch` says of the network is in its cause. */
export function causeOf(fault: unknown): string {
  const cause = fault instanceof Error ? fault.cause : undefined;
  return reasonOf(cause ?? fault) || 'it does not answer';
}

async function tokenIn(file: string): Promise<string> {
  const token = (await textIn('--token-file', file)).trim();
  // The message never quotes the file. (RFC 6750 §2.1: b64token)
  if (!/^[\w.~+/-]+=*$/.test(token))
    throw new ConfigError('--token-file', `${file} does not hold one token`);
  return token;
}

function textIn(flag: string, file: string): Promise<string> {
  return readFile(file, 'utf8').catch((fault: unknown) => {
    throw new ConfigError(flag, reasonOf(fault));
  });
}
