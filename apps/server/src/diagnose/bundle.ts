import { isObject, type JsonObject } from '../contract/json';
import { redacted } from '../observability/redacted';
import { VERSION } from '../version';
import type { TarEntry } from './tar';

/** How a replica is asked: the answer, or an error with a reason for people. */
export type Ask = (url: string, path: string, signal: AbortSignal) => Promise<Response>;

export interface Bundle {
  readonly entries: readonly TarEntry[];
  readonly replicas: readonly ReplicaPart[];
}

/** What came from one replica. */
export interface ReplicaPart {
  readonly url: string;
  readonly isReachable: boolean;
  readonly isServing: boolean;
  /** What is missing, and why. */
  readonly missing: Readonly<Record<string, string>>;
}

const PATIENCE_MS = 5_000;

/** What each replica is asked. Nothing here needs a primary but the epochs. */
const QUESTIONS: readonly (readonly [file: string, path: string])[] = [
  ['replica.json', '/v1/debug/replica'],
  ['process.json', '/v1/debug/process'],
  ['settings.json', '/v1/debug/settings'],
  ['ignored.json', '/v1/debug/ignored'],
  ['slow.json', '/v1/debug/slow'],
  ['events.json', '/v1/debug/events'],
  ['log.json', '/v1/debug/log'],
  ['cluster.json', '/v1/cluster'],
  ['status.json', '/v1/cluster/replica'],
  ['views.json', '/v1/cluster/views'],
  ['check-epoch.json', '/v1/cluster/check-epoch'],
  ['epochs.json', '/v1/cluster/epochs?consistency=stale'],
  ['metrics.txt', '/metrics'],
];

/** Asks every replica that is named, and those that they name, all at once. */
export async function makeBundle(urls: readonly string[], ask: Ask): Promise<Bundle> {
  const given = await Promise.all(urls.map((url) => partOf(url, ask)));
  const named = new Set(given.flatMap(({ others }) => others));
  for (const url of urls) named.delete(url);
  const found = await Promise.all([...named].map((url) => partOf(url, ask)));
  const parts = [...given, ...found];
  const replicas = parts.map(({ part }) => part);
  return { replicas, entries: [summaryOf(replicas), ...parts.flatMap(({ entries }) => entries)] };
}

interface Collected {
  readonly part: ReplicaPart;
  readonly entries: readonly TarEntry[];
  readonly others: readonly string[];
}

async function partOf(url: string, ask: Ask): Promise<Collected> {
  const { host } = new URL(url);
  const folder = host.replace(/[^\w.-]/g, '_');
  const missing: Record<string, string> = {};
  const entries: TarEntry[] = [];
  const answers = new Map<string, JsonObject>();
  await Promise.all(
    QUESTIONS.map(async ([file, path]) => {
      try {
        const response = await ask(url, path, AbortSignal.timeout(PATIENCE_MS));
        const text = file.endsWith('.json')
          ? await jsonOf(response, file, answers)
          : await response.text();
        entries.push({ name: `${folder}/${file}`, content: Buffer.from(text) });
      } catch (fault) {
        missing[file] = reasonOf(fault);
      }
    }),
  );
  const isServing = answers.get('status.json')?.['serving'] === true;
  const part = { url, isReachable: entries.length > 0, isServing, missing };
  return { part, entries: entries.sort(byName), others: membersIn(answers.get('cluster.json')) };
}

/** Servers leave their secrets out; what one that is older or younger than this program does not know to be one is caught here. */
async function jsonOf(
  response: Response,
  file: string,
  answers: Map<string, JsonObject>,
): Promise<string> {
  const json = redacted(await response.json());
  if (isObject(json)) answers.set(file, json);
  return `${JSON.stringify(json, null, 2)}\n`;
}

function membersIn(cluster: JsonObject | undefined): string[] {
  const replicas = cluster?.['replicas'];
  if (!Array.isArray(replicas)) return [];
  return replicas.flatMap((replica) => {
    const url = isObject(replica) ? replica['clientUrl'] : undefined;
    return typeof url === 'string' && URL.canParse(url) ? [new URL(url).origin] : [];
  });
}

function summaryOf(replicas: readonly ReplicaPart[]): TarEntry {
  const hasPrimary = replicas.some(({ isServing }) => isServing);
  const summary = { takenAt: new Date().toISOString(), program: VERSION, hasPrimary, replicas };
  return { name: 'summary.json', content: Buffer.from(`${JSON.stringify(summary, null, 2)}\n`) };
}

/** What `fetch` says of the network is in its cause. */
function reasonOf(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault);
  return fault.cause instanceof Error ? fault.cause.message || fault.message : fault.message;
}

const byName = (a: TarEntry, b: TarEntry): number => (a.name < b.name ? -1 : 1);
