import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type Client } from '@lockstep/client';
import { digestsOf } from './digests';
import { Group } from './group';
import { expectImport, IMPORT_ROOT, importedPath, importTree } from './import';
import { machineMs, readJournal } from './journal';
import { killPrimaries, type Kill } from './kills';
import { Prober } from './outages';
import { primariesOf, type Report } from './report';
import { readSourceTree, type SourceEntry } from './source-tree';
import type { Terminal } from './terminal';
import { ExpectedTree } from './tree';
import { replay } from './verify-journals';
import { verifyLocks } from './verify-locks';
import { compareTree } from './verify-tree';
import { Workers } from './workers';

export interface DemoOptions {
  readonly tree: string;
  readonly workers: number;
  readonly kills: number;
  readonly mode: string;
  readonly keep: boolean;
}

/** Few enough that the workers meet, and so many that they don't only wait. */
const AREAS_MAX = 12;

/** What is to be ended, whatever happens. */
interface Running {
  group?: Group;
  client?: Client;
  prober?: Prober;
  readonly workers: Workers;
}

/** One run: import, work and kills, verification. Throws when it could not be carried through. */
export async function runDemo(options: DemoOptions, terminal: Terminal): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-demo-'));
  const running: Running = { workers: new Workers() };
  const destroy = (): void => {
    running.workers.kill();
    running.prober?.kill();
    running.client?.abandon();
    running.group?.destroy();
  };
  const interrupted = (): void => {
    destroy();
    process.exit(130);
  };
  process.once('SIGINT', interrupted);
  try {
    const report = await run(options, folder, running, terminal);
    if (options.keep) terminal.line(`the group's data and the journals are in ${folder}`);
    else await rm(folder, { recursive: true, force: true });
    return report;
  } catch (error) {
    destroy();
    terminal.line(`the group's data, logs and the journals are in ${folder}`);
    throw error;
  } finally {
    process.removeListener('SIGINT', interrupted);
  }
}

async function run(
  options: DemoOptions,
  folder: string,
  running: Running,
  terminal: Terminal,
): Promise<Report> {
  const startMs = machineMs();
  const source = await readSource(options.tree, terminal);
  terminal.line('starting a group of three replicas');
  const args = ['--mode', options.mode];
  const group = (running.group = await Group.start(join(folder, 'group'), args));
  terminal.line(`the group listens at ${group.urls.join(', ')}`);
  const client = await connect({ endpoints: group.urls, timeoutMs: 60_000 });
  running.client = client;
  const imported = await importSource(client, source, terminal);

  const prober = (running.prober = new Prober(group.urls));
  const journals = join(folder, 'journals');
  await mkdir(journals);
  const areas = areasOf(source);
  running.workers.start(options.workers, { endpoints: group.urls, areas }, journals);
  terminal.line(`${options.workers} workers share ${areas.length} directories and their locks`);
  const counting = setInterval(() => {
    terminal.counting('acknowledged', running.workers.acknowledged);
  }, 500);
  const kills = await killPrimaries(group, prober, options.kills, (kill) =>
    tellKill(kill, terminal),
  ).finally(() => clearInterval(counting));
  const workersFailed = await running.workers.stop();
  await prober.stop();
  terminal.line(`the workers stop after ${running.workers.acknowledged} operations; comparing`);

  const nameOf = (url: string): string => group.replicaAt(url).name;
  const primaries = primariesOf(prober.views, startMs, nameOf);
  const checked = await verify(client, source, running.workers.journals, terminal);
  const digests = await digestsOf(group.replicas);
  await client.close();
  const exitCode = await group.stop();
  const equal = new Set(Object.values(digests)).size === 1;
  const faults = [
    ...(workersFailed === 0 ? [] : [`${workersFailed} workers ended before they were told to`]),
    ...(exitCode === 0 ? [] : [`the supervisor ended with exit code ${exitCode}`]),
    ...(equal ? [] : ['the replicas are not equal']),
    ...checked.work.faults,
    ...checked.locks.faults,
    ...checked.differences,
  ];
  return {
    verdict: faults.length === 0 ? 'nothing lost' : 'failed',
    faults,
    tree: options.tree,
    imported,
    ...checked,
    lost: checked.differences.length,
    digests,
    kills: kills.map((kill) => ({ ...kill, atMs: kill.atMs - startMs })),
    primaries,
  };
}

/** The group's tree against the source and the journals, and the journals against each other. */
async function verify(
  client: Client,
  source: readonly SourceEntry[],
  journalPaths: readonly string[],
  terminal: Terminal,
): Promise<Pick<Report, 'work' | 'locks' | 'compared' | 'differences'>> {
  const journals = journalPaths.map(readJournal);
  const expected = new ExpectedTree();
  expectImport(expected, source);
  const work = replay(journals, expected);
  const locks = verifyLocks(journals);
  const found = await compareTree(client.files, IMPORT_ROOT, expected, (count) =>
    terminal.counting('entries read', count),
  );
  return { work, locks, ...found };
}

async function readSource(tree: string, terminal: Terminal): Promise<SourceEntry[]> {
  const source = await readSourceTree(tree, (count) => terminal.counting('entries read', count));
  terminal.line(`${tree} has ${source.length} entries`);
  return source;
}

async function importSource(
  client: Client,
  source: readonly SourceEntry[],
  terminal: Terminal,
): Promise<Report['imported']> {
  const startMs = machineMs();
  const session = await client.openSession({ name: 'import' });
  const operations = await importTree(session, source, (done, of) =>
    terminal.progress('importing', done, of),
  );
  await session.close();
  const seconds = Math.round(machineMs() - startMs) / 1000;
  const byType: Record<string, number> = {};
  for (const { type } of source) byType[type] = (byType[type] ?? 0) + 1;
  const rate = Math.round(operations / seconds);
  terminal.line(`imported by ${operations} operations in ${seconds} s (${rate} a second)`);
  return { entries: source.length, byType, operations, seconds };
}

/** Directories right below the root with the most in them; the root itself if there are none. */
function areasOf(source: readonly SourceEntry[]): string[] {
  const sizes = new Map<string, number>();
  for (const { path, type } of source) {
    const [, top = '', below] = path.split('/');
    if (below !== undefined || type === 'dir') sizes.set(top, (sizes.get(top) ?? 0) + 1);
  }
  sizes.delete('');
  const largest = [...sizes].sort(([, a], [, b]) => b - a).slice(0, AREAS_MAX);
  // Lock names are text; a directory whose name is none is left alone.
  const names = largest.map(([name]) => name).filter((name) => /^[\x20-\x7e]+$/.test(name));
  return names.length === 0 ? [IMPORT_ROOT] : names.map((name) => importedPath(`/${name}`));
}

function tellKill(kill: Kill, terminal: Terminal): void {
  terminal.line(
    `kill -9 of ${kill.replica}, primary of view ${kill.view}: ${kill.outageMs.toFixed(0)} ms without an answer, ` +
      `then ${kill.nextPrimary} in view ${kill.nextView}; back after ${(kill.backAfterMs / 1000).toFixed(1)} s`,
  );
}
