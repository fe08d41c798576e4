import { setTimeout as pause } from 'node:timers/promises';
import type { Group } from '../../../demo/dist/group';
import { machineMs } from '../../../demo/dist/journal';
import { primaryOf, withGroup } from '../locks/bench-group';
import { Bystander } from '../locks/bystander';
import { Channel, pipelined, type Result } from '../locks/channel';
import type { Latencies } from '../locks/latencies';

/** Operations in one batch: a directory and the files in it. */
const BATCH = 1_000;
const BATCHES_AT_ONCE = 2;
const QUIET_MS = 3_000;
const POLL_MS = 10;
/** How often each operation that can be repeated is done. */
const TIMES = 9;

export interface Subtree {
  readonly entries: number;
  readonly loadSeconds: number;
  /** From the death of a backup with all of it until that replica may serve again. */
  readonly restartMs: number;
  /** The middle of several, each as its client saw it. */
  readonly summaryMs: number;
  readonly renameMs: number;
  /** Removed with all that is below, once. */
  readonly removeMs: number;
  /** From the answer to the removal until nothing of it is left. */
  readonly purgeMs: number;
  /** What clients with files of their own felt: in quiet, while the tree was renamed and removed, while it was purged. */
  readonly quiet: Latencies;
  readonly meanwhile: Latencies;
  readonly purging: Latencies;
}

/** Each size in a group of its own. */
export async function measureSubtrees(sizes: readonly number[]): Promise<readonly Subtree[]> {
  const measured: Subtree[] = [];
  for (const entries of sizes)
    measured.push(await withGroup((group) => measureSubtree(group, entries)));
  return measured;
}

async function measureSubtree(group: Group, entries: number): Promise<Subtree> {
  const client = await FileClient.open(primaryOf(group).url);
  // States of the past keep what they show: here nothing is to wait for them.
  await client.change({ kind: 'definevolume', historyOps: 0 });
  const startMs = performance.now();
  await build(client, entries);
  const loadSeconds = (performance.now() - startMs) / 1000;
  const restartMs = await restart(group);
  const bystander = new Bystander(group.urls, __dirname);
  try {
    return { entries, loadSeconds, restartMs, ...(await disturb(client, bystander)) };
  } finally {
    bystander.kill();
    client.close();
  }
}

/** As the machine would do it, and the supervisor mends it: the time that it waits before it does is in it. */
async function restart(group: Group): Promise<number> {
  const backup = group.replicas.find(({ id }) => id !== group.primary);
  if (backup === undefined) throw new Error('the group has no backup');
  return timed(async () => {
    group.kill(backup);
    while (group.replicas.find(({ id }) => id === backup.id)?.pid === backup.pid)
      await pause(POLL_MS);
    await group.healthy();
  });
}

async function build(client: FileClient, entries: number): Promise<void> {
  await client.change({ kind: 'mkdir', path: '/tree-0' });
  await pipelined(Math.ceil(entries / BATCH), BATCHES_AT_ONCE, async (n) => {
    const directory = `/tree-0/directory-${n}`;
    const files = Math.min(BATCH, entries - n * BATCH) - 1;
    const creates = Array.from({ length: files }, (_, at) => ({
      kind: 'create',
      path: `${directory}/some-file-${at}`,
    }));
    const ops = [{ kind: 'mkdir', path: directory }, ...creates];
    await client.change({ kind: 'batch', ops, atomic: true });
  });
}

async function disturb(
  client: FileClient,
  bystander: Bystander,
): Promise<Omit<Subtree, 'entries' | 'loadSeconds' | 'restartMs'>> {
  await pause(QUIET_MS);
  const fromMs = machineMs();
  const summaryMs = await middleOf(() => client.query({ kind: 'summary', path: '/tree-0' }));
  const renameMs = await middleOf((n) =>
    client.change({ kind: 'rename', from: `/tree-${n}`, to: `/tree-${n + 1}` }),
  );
  const path = `/tree-${TIMES}`;
  const removeMs = await timed(() => client.change({ kind: 'remove', path, recursive: true }));
  const removedMs = machineMs();
  while (Number((await client.query({ kind: 'statfs' }))['purging']) > 0) await pause(POLL_MS);
  const purgedMs = machineMs();
  await bystander.stop();
  return {
    summaryMs,
    renameMs,
    removeMs,
    purgeMs: purgedMs - removedMs,
    quiet: bystander.between(fromMs - QUIET_MS / 2, fromMs),
    meanwhile: bystander.between(fromMs, removedMs),
    purging: bystander.between(removedMs, purgedMs),
  };
}

async function middleOf(work: (n: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < TIMES; n += 1) times.push(await timed(() => work(n)));
  return times.sort((a, b) => a - b)[Math.floor(TIMES / 2)]!;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = machineMs();
  await work();
  return machineMs() - startMs;
}

/** One socket that asks the file service. */
class FileClient {
  readonly #channel: Channel;

  private constructor(channel: Channel) {
    this.#channel = channel;
  }

  static async open(url: string): Promise<FileClient> {
    return new FileClient(await Channel.open(url));
  }

  change(op: Readonly<Record<string, unknown>>): Promise<Result> {
    return this.#channel.ask({ service: 'files', op, key: crypto.randomUUID() });
  }

  query(query: Readonly<Record<string, unknown>>): Promise<Result> {
    return this.#channel.ask({ service: 'files', query });
  }

  close(): void {
    this.#channel.close();
  }
}
