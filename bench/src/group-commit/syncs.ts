/** What a replica did to its log in a while, by its own metrics. */
export interface Syncs {
  readonly syncsPerSecond: number;
  /** How long a write took with its sync, on average. */
  readonly syncMs: number;
  readonly entriesPerSync: number;
  /** The share of the time in which a write was under way. */
  readonly busy: number;
}

interface Counters {
  readonly atMs: number;
  readonly syncs: number;
  readonly seconds: number;
  readonly entries: number;
}

/** Of the primary, from now until the function that this gives is called. */
export async function syncsOf(urls: readonly string[]): Promise<() => Promise<Syncs>> {
  const url = await primaryOf(urls);
  const before = await countersOf(url);
  return async () => {
    const after = await countersOf(url);
    const seconds = (after.atMs - before.atMs) / 1000;
    const syncs = after.syncs - before.syncs;
    const syncSeconds = after.seconds - before.seconds;
    return {
      syncsPerSecond: syncs / seconds,
      syncMs: (1000 * syncSeconds) / syncs,
      entriesPerSync: (after.entries - before.entries) / syncs,
      busy: syncSeconds / seconds,
    };
  };
}

async function primaryOf(urls: readonly string[]): Promise<string> {
  for (const url of urls) if ((await metric(url, 'lockstep_serving')) === 1) return url;
  throw new Error('the group has no primary');
}

async function countersOf(url: string): Promise<Counters> {
  const text = await textOf(url);
  return {
    atMs: performance.now(),
    syncs: sampleOf(text, 'lockstep_storage_sync_seconds_count{what="log"}'),
    seconds: sampleOf(text, 'lockstep_storage_sync_seconds_sum{what="log"}'),
    entries: sampleOf(text, 'lockstep_storage_entries_total'),
  };
}

const metric = async (url: string, name: string): Promise<number> =>
  sampleOf(await textOf(url), name);

async function textOf(url: string): Promise<string> {
  return (await fetch(`${url}/metrics`)).text();
}

function sampleOf(text: string, name: string): number {
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  if (line === undefined) throw new Error(`there is no metric ${name}`);
  return Number(line.slice(name.length + 1));
}
