import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { helpText, parseFlags, UsageError, wholeNumber, type Flags } from '../../demo/dist/options';
import { median } from '../../demo/dist/outages';
import { runRound, type Round } from './load';
import { startLockstep } from './lockstep-subject';
import { startSkeleton } from './skeleton-subject';
import type { Subject } from './subject';

const FLAGS: Flags = {
  rounds: { type: 'string', value: 'N', help: 'rounds of each, in turn', fallback: '3' },
  seconds: { type: 'string', value: 'N', help: 'length of a round', fallback: '2' },
  connections: { type: 'string', value: 'LIST', help: 'of the load', fallback: '8,1' },
  concurrency: { type: 'string', value: 'LIST', help: 'of the load', fallback: '1,16,64,256' },
  json: { type: 'boolean', help: 'print nothing but the result, as JSON' },
  help: { type: 'boolean', help: 'print this' },
};

const ABOUT = `Writes a second of a group of three replicas (durable, default settings, everything on this
machine) beside a bare skeleton that does nothing but send, sync and answer, in alternating
rounds, so that the ratio means something on a busy machine. Medians of the rounds; latencies
in milliseconds; CPU is that of all three servers for one write.

Exit code: 0 when at 64 loops over 8 connections a file is made at no less than half the rate
of the skeleton, 1 when not (or not measured), 2 a wrong flag.`;

/** The first seconds of a process are spent compiling. */
const WARM_UP_SECONDS = 4;

/** One line of the table: a subject under a load. */
interface Row extends Round {
  readonly connections: number;
  readonly concurrency: number;
  readonly subject: string;
  /** Of the skeleton's rate under the same load. */
  readonly ratio: number;
}

async function main(args: readonly string[]): Promise<number> {
  const flags = parseFlags(FLAGS, args);
  if (flags['help'] === true) {
    process.stdout.write(helpText('npm run bench:thin-path -- [flags]', FLAGS, ABOUT));
    return 0;
  }
  const rounds = wholeNumber('rounds', flags['rounds'], [1, 100]);
  const seconds = wholeNumber('seconds', flags['seconds'], [1, 600]);
  const json = flags['json'] === true;
  const rows: Row[] = [];
  if (!json) process.stdout.write(`${heading}\n`);
  for (const connections of listOf('connections', flags['connections'])) {
    const concurrencies = listOf('concurrency', flags['concurrency']);
    await measure({ connections, concurrencies, rounds, seconds }, (row) => {
      rows.push(row);
      if (!json) process.stdout.write(`${lineOf(row)}\n`);
    });
  }
  if (json) process.stdout.write(`${JSON.stringify(rows)}\n`);
  const bar = rows.find(
    ({ connections, concurrency, subject }) =>
      connections === 8 && concurrency === 64 && subject === 'lockstep, create',
  );
  return bar !== undefined && bar.ratio >= 0.5 ? 0 : 1;
}

interface Plan {
  readonly connections: number;
  readonly concurrencies: readonly number[];
  readonly rounds: number;
  readonly seconds: number;
}

async function measure(plan: Plan, onRow: (row: Row) => void): Promise<void> {
  const { connections, concurrencies, rounds, seconds } = plan;
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-bench-'));
  const subjects: Subject[] = [];
  try {
    subjects.push(await startSkeleton(folder, connections));
    subjects.push(...(await startLockstep(folder, connections)));
    for (const subject of subjects) {
      await runRound(subject, { connections, concurrency: 64, seconds: WARM_UP_SECONDS });
    }
    for (const concurrency of concurrencies) {
      const measured = subjects.map((): Round[] => []);
      for (let round = 0; round < rounds; round++) {
        for (const [n, subject] of subjects.entries()) {
          measured[n]!.push(await runRound(subject, { connections, concurrency, seconds }));
        }
      }
      const [skeleton] = measured.map(medianRound);
      for (const [n, subject] of subjects.entries()) {
        const round = medianRound(measured[n]!);
        const ratio = round.perSecond / skeleton!.perSecond;
        onRow({ connections, concurrency, subject: subject.name, ratio, ...round });
      }
    }
  } finally {
    for (const subject of subjects) await subject.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function medianRound(rounds: readonly Round[]): Round {
  return {
    perSecond: median(rounds.map(({ perSecond }) => perSecond)),
    p50Ms: median(rounds.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(rounds.map(({ p99Ms }) => p99Ms)),
    cpuMicros: median(rounds.map(({ cpuMicros }) => cpuMicros)),
  };
}

const heading =
  'connections  loops  subject             writes/s  ratio    p50 ms    p99 ms  CPU µs/write';

const lineOf = (row: Row): string =>
  [
    String(row.connections).padStart(11),
    String(row.concurrency).padStart(5),
    row.subject.padEnd(18),
    row.perSecond.toFixed(0).padStart(9),
    row.ratio.toFixed(2).padStart(5),
    row.p50Ms.toFixed(2).padStart(8),
    row.p99Ms.toFixed(2).padStart(8),
    row.cpuMicros.toFixed(0).padStart(12),
  ].join('  ');

function listOf(name: string, value: unknown): number[] {
  const parts = String(value).split(',');
  return parts.map((part) => wholeNumber(name, part, [1, 10_000]));
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`bench: ${(error as Error).message}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
