import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@lockstep/client';
import { Group } from '../../demo/dist/group';
import { helpText, parseFlags, UsageError, wholeNumber, type Flags } from '../../demo/dist/options';
import { median } from '../../demo/dist/outages';
import { syncsOf, type Syncs } from './group-commit/syncs';
import { runRound, type Round } from './load';
import type { Subject } from './subject';

const FLAGS: Flags = {
  rounds: {
    type: 'string',
    value: 'N',
    help: 'rounds of each concurrency, in turn',
    fallback: '3',
  },
  seconds: { type: 'string', value: 'N', help: 'length of a round', fallback: '3' },
  connections: { type: 'string', value: 'N', help: 'of the load', fallback: '8' },
  concurrency: { type: 'string', value: 'LIST', help: 'of the load', fallback: '1,16,64,256' },
  json: { type: 'boolean', help: 'print nothing but the result, as JSON' },
  help: { type: 'boolean', help: 'print this' },
};

const ABOUT = `What group commit makes of the syncs of a disk: a group of three replicas (durable, default settings,
everything on this machine, one disk) makes files under closed loops. Of its primary, by its own
metrics: writes of the log a second, operations and entries that one write makes durable, what it
takes (SQLite's transaction with its sync), and the share of the time that a write is under way.
Beside it what clients see. Medians of the rounds.

Exit code: 0 measured, 1 not, 2 a wrong flag.`;

/** The first seconds of a process are spent compiling. */
const WARM_UP_SECONDS = 4;

interface Measured extends Round, Syncs {}

interface Row extends Measured {
  readonly concurrency: number;
  /** Operations that one sync makes durable. */
  readonly operationsPerSync: number;
}

async function main(args: readonly string[]): Promise<number> {
  const flags = parseFlags(FLAGS, args);
  if (flags['help'] === true) {
    process.stdout.write(helpText('npm run bench:group-commit -- [flags]', FLAGS, ABOUT));
    return 0;
  }
  const plan = {
    rounds: wholeNumber('rounds', flags['rounds'], [1, 100]),
    seconds: wholeNumber('seconds', flags['seconds'], [1, 600]),
    connections: wholeNumber('connections', flags['connections'], [1, 1_000]),
    concurrencies: String(flags['concurrency'])
      .split(',')
      .map((part) => wholeNumber('concurrency', part, [1, 10_000])),
  };
  const rows = await measure(plan);
  const text =
    flags['json'] === true ? JSON.stringify(rows) : [HEADING, ...rows.map(lineOf)].join('\n');
  process.stdout.write(`${text}\n`);
  return 0;
}

interface Plan {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  readonly concurrencies: readonly number[];
}

async function measure({ rounds, seconds, connections, concurrencies }: Plan): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-bench-'));
  const group = await Group.start(join(folder, 'group'));
  try {
    const subject = await filesOf(group, connections);
    await runRound(subject, { connections, concurrency: 64, seconds: WARM_UP_SECONDS });
    const measured = concurrencies.map((): Measured[] => []);
    for (let round = 0; round < rounds; round++)
      for (const [n, concurrency] of concurrencies.entries())
        measured[n]!.push(
          await measureRound(subject, { connections, concurrency, seconds }, group),
        );
    await subject.stop();
    return concurrencies.map((concurrency, n) => rowOf(concurrency, measured[n]!));
  } finally {
    await group.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function filesOf(group: Group, connections: number): Promise<Subject> {
  const endpoints = group.urls;
  const clients = await Promise.all(
    Array.from({ length: connections }, () => connect({ endpoints, timeoutMs: 60_000 })),
  );
  const sessions = await Promise.all(clients.map((client) => client.openSession()));
  await sessions[0]!.files.mkdir('/bench');
  return {
    name: 'files',
    pids: group.replicas.map(({ pid }) => pid!),
    write: (client, n) => sessions[client]!.files.create(`/bench/${client}-${n}`),
    stop: () => Promise.all(clients.map((client) => client.close())),
  };
}

async function measureRound(
  subject: Subject,
  load: Parameters<typeof runRound>[1],
  group: Group,
): Promise<Measured> {
  const read = await syncsOf(group.urls);
  const round = await runRound(subject, load);
  return { ...round, ...(await read()) };
}

function rowOf(concurrency: number, measured: readonly Measured[]): Row {
  const middle = (name: keyof Measured): number => median(measured.map((each) => each[name]));
  return {
    concurrency,
    perSecond: middle('perSecond'),
    p50Ms: middle('p50Ms'),
    p99Ms: middle('p99Ms'),
    cpuMicros: middle('cpuMicros'),
    syncsPerSecond: middle('syncsPerSecond'),
    syncMs: middle('syncMs'),
    entriesPerSync: middle('entriesPerSync'),
    busy: middle('busy'),
    operationsPerSync: median(measured.map((each) => each.perSecond / each.syncsPerSecond)),
  };
}

const HEADING = 'loops  writes/s  p50 ms  p99 ms  syncs/s  ops/sync  entries/sync  sync ms  busy';

const lineOf = (row: Row): string =>
  [
    String(row.concurrency).padStart(5),
    row.perSecond.toFixed(0).padStart(8),
    row.p50Ms.toFixed(2).padStart(6),
    row.p99Ms.toFixed(2).padStart(6),
    row.syncsPerSecond.toFixed(0).padStart(7),
    row.operationsPerSync.toFixed(1).padStart(8),
    row.entriesPerSync.toFixed(1).padStart(12),
    row.syncMs.toFixed(2).padStart(7),
    `${(100 * row.busy).toFixed(0)}%`.padStart(4),
  ].join('  ');

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`bench: ${(error as Error).message}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
