import type { Fetch } from '@lockstep/client';
import { readEpoch } from '../config/epoch-json';
import type { GroupSecret } from '../config/group-secret';
import { JsonReader } from '../config/json-reader';
import { ConfigError } from '../config/replica-config';
import { isObject, textOf, type JsonObject } from '../contract/json';
import { isSigned, type Rendezvous } from '../replica-host/rendezvous';
import type { DurabilityMode } from '../storage/replica-storage';

const PATIENCE_MS = 10_000;

/** What the group has refused, in its own words. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** The REST door of a running group: whichever of its replicas answers. */
export class GroupDoor {
  private readonly urls: readonly string[];
  private readonly fetch: Fetch;

  constructor(urls: readonly string[], fetch: Fetch) {
    this.urls = urls;
    this.fetch = fetch;
  }

  get(path: string): Promise<JsonObject> {
    return this.ask('GET', path);
  }

  post(path: string, body: JsonObject): Promise<JsonObject> {
    return this.ask('POST', path, body);
  }

  /** Which group it is, said by somebody who holds its secret. Throws `ConfigError` when it is another. */
  async rendezvous(secret: GroupSecret): Promise<Rendezvous & { readonly mode: DurabilityMode }> {
    const json = await this.get('/.well-known/lockstep');
    const read = new JsonReader(
      (name) => new ConfigError('--from', `the answer of ${this.urls.join(', ')} has no ${name}`),
    );
    const rendezvous = {
      groupId: read.text(json['groupId'], 'groupId'),
      generation: read.counter(json['incarnation'], 'incarnation'),
      mode: read.word(json['mode'], 'mode', ['durable', 'replicated']),
      epoch: readEpoch(json['configuration'], read),
    };
    if (!isSigned(secret, rendezvous, read.hex(json['signature'], 'signature')))
      throw new ConfigError(
        '--secret',
        `the group at ${this.urls.join(', ')} has another secret: give the file of its own`,
      );
    return rendezvous;
  }

  /** One replica after the other, until one answers or has a reason to refuse. */
  private async ask(method: 'GET' | 'POST', path: string, body?: JsonObject): Promise<JsonObject> {
    let reason = 'nobody answers';
    for (const url of this.urls) {
      try {
        const response = await this.fetch(`${url}${path}`, {
          method,
          headers: { 'content-type': 'application/json' },
          signal: AbortSignal.timeout(PATIENCE_MS),
          ...(body !== undefined && { body: JSON.stringify(body) }),
        });
        const json: unknown = await response.json();
        if (!isObject(json)) continue;
        if (response.ok) return json;
        reason = textOf(json['detail']);
        // Of another replica the same question may have an answer.
        if (response.status < 500 && response.status !== 410) throw new Refusal(reason);
      } catch (fault) {
        if (fault instanceof Refusal) throw fault;
      }
    }
    throw new ConfigError('--from', `${this.urls.join(', ')}: ${reason}`);
  }
}
