import { BackupFailed } from '../backup/read-backup';
import { CutBackup } from '../backup/damaged-backup';
import { isObject, textOf, type JsonObject } from '../contract/json';
import { causeOf, type AdminDoor } from './admin-door';
import { Refused, Unavailable } from './exit-codes';
import { tell } from './output';

/** A replica that sends nothing for so long is given up. */
const SILENCE_MS = 60_000;

type Chunks = AsyncIterable<Uint8Array>;

/** The replicas that a backup can be had from, in order: those that are not the primary first. */
export class BackupSources {
  private readonly door: AdminDoor;
  private readonly only: string | undefined;

  constructor(door: AdminDoor, only: string | undefined) {
    this.door = door;
    this.only = only;
  }

  /**
   * From the first replica that gives all of it: one that dies in the middle has the next asked from the beginning. Throws
   * `Unavailable` with what each has said.
   */
  async first<T>(query: string, take: (chunks: Chunks) => Promise<T>): Promise<T> {
    const reasons: string[] = [];
    for (const url of await this.urls()) {
      try {
        return await this.from(url, query, take);
      } catch (fault) {
        if (!mayBeHadElsewhere(fault)) throw fault;
        const reason = `${url}: ${causeOf(fault)}`;
        tell(reason);
        reasons.push(reason);
      }
    }
    throw new Unavailable(reasons.join('; '));
  }

  private async from<T>(url: string, query: string, take: (chunks: Chunks) => Promise<T>) {
    const patience = new AbortController();
    const { body } = await this.door.ask(url, `/v1/cluster/backup${query}`, patience.signal);
    if (body === null) throw new Unavailable('an empty answer');
    tell(`from ${url}`);
    return take(patiently(body, patience));
  }

  private async urls(): Promise<readonly string[]> {
    const { replicas, primary } = await this.door.get('/v1/cluster');
    const active = (Array.isArray(replicas) ? replicas : []).filter(
      (one): one is JsonObject => isObject(one) && one['role'] === 'active',
    );
    const only = this.only === 'primary' ? textOf(primary) : this.only;
    if (only !== undefined) {
      const found = active.find((one) => one['id'] === only);
      if (found === undefined)
        throw new Refused(`there is no active replica ${only} in the group: see GET /v1/cluster`);
      return [textOf(found['url'])];
    }
    const backups = active.filter((one) => one['id'] !== primary && one['status'] === 'normal');
    const others = active.filter((one) => one['id'] === primary);
    const urls = [...backups, ...others].map((one) => textOf(one['url']));
    // Where replicas are reached by other names than their own.
    return [...new Set([...urls, ...this.door.urls])];
  }
}

/** What is wrong with one replica, its disk or the way to it. */
function mayBeHadElsewhere(fault: unknown): boolean {
  if (fault instanceof Refused) return fault.message.includes('(log-trimmed)');
  const isOfReplica = fault instanceof Unavailable || fault instanceof BackupFailed;
  return isOfReplica || fault instanceof CutBackup || isNetwork(fault);
}

/** `fetch` rejects with a TypeError, its body with the same, or with the abort. (WHATWG Fetch, 5.6) */
const isNetwork = (fault: unknown): boolean =>
  fault instanceof TypeError || (fault instanceof Error && fault.name === 'AbortError');

async function* patiently(body: Chunks, patience: AbortController): AsyncGenerator<Uint8Array> {
  let timer = setTimeout(() => patience.abort(), SILENCE_MS);
  try {
    for await (const chunk of body) {
      clearTimeout(timer);
      yield chunk;
      timer = setTimeout(() => patience.abort(), SILENCE_MS);
    }
  } finally {
    clearTimeout(timer);
  }
}
