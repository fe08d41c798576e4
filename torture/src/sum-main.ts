import { existsSync, readFileSync } from 'node:fs';
import { helpText, parseFlags, UsageError, type Flags } from './flags';
import { DEFAULT_RESULTS } from './places';
import { seconds } from './report';
import type { TortureResult } from './result';
import { shown } from './summary';

const FLAGS: Flags = {
  json: { help: 'print the sum as one line of JSON' },
  help: { help: 'print this' },
};

const ABOUT = `Adds up runs of npm run torture: the files of results that are named, or the one that runs append to by
default (${DEFAULT_RESULTS}).

Exit code: 0 every run was sound; 1 one was not; 2 a wrong flag or file.`;

/** Of several runs: counts are added, the worst is the worst of all. */
interface Sum {
  readonly runs: number;
  readonly failed: number;
  readonly seeds: readonly number[];
  readonly minutes: number;
  readonly operations: number;
  readonly grants: number;
  readonly histories: number;
  readonly lastLooks: number;
  readonly faults: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly byKind: Readonly<Record<string, number>>;
  readonly worstServedMs: number;
  readonly worstOutageMs: number;
  readonly findings: readonly string[];
}

function sumOf(results: readonly TortureResult[]): Sum {
  const add = (of: (result: TortureResult) => number): number =>
    results.reduce((sum, result) => sum + of(result), 0);
  const worst = (of: (result: TortureResult) => number): number => Math.max(0, ...results.map(of));
  return {
    runs: results.length,
    failed: results.filter(({ verdict }) => verdict !== 'sound').length,
    seeds: results.map(({ seed }) => seed),
    minutes: Math.round(10 * add(({ minutes }) => minutes)) / 10,
    operations: add(({ operations }) => operations),
    grants: add(({ grants }) => grants),
    histories: add(({ histories }) => histories),
    lastLooks: add(({ lastLooks }) => lastLooks),
    faults: add(({ faults }) => faults),
    counts: added(results.map(({ counts }) => counts)),
    byKind: added(results.map(({ byKind }) => byKind)),
    worstServedMs: worst(({ worstServedMs }) => worstServedMs),
    worstOutageMs: worst(({ worstOutageMs }) => worstOutageMs),
    findings: results.flatMap(({ seed, findings }) =>
      findings.map(({ check, what }) => `seed ${seed}: ${check}: ${what}`),
    ),
  };
}

function added(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum = new Map<string, number>();
  for (const counts of all)
    for (const [name, count] of Object.entries(counts)) sum.set(name, (sum.get(name) ?? 0) + count);
  return Object.fromEntries([...sum].sort());
}

function describe(sum: Sum): string {
  const rows: [string, string][] = [
    ['runs', `${sum.runs} of ${sum.minutes} minutes in all, ${sum.failed} failed`],
    ['operations', `${sum.operations}: ${shown(sum.byKind)}`],
    ['checked', `${sum.histories} histories, ${sum.grants} grants, ${sum.lastLooks} last looks`],
    ['faults', `${sum.faults}: ${shown(sum.counts)}`],
    ['served again', `at the latest after ${seconds(sum.worstServedMs)}`],
    ['worst outage', `${seconds(sum.worstOutageMs)}, the faults included`],
    ['seeds', sum.seeds.join(' ')],
    ...sum.findings.map((finding): [string, string] => ['FINDING', finding]),
  ];
  return `${rows.map(([name, text]) => `${name.padEnd(14)}${text}`).join('\n')}\n`;
}

function readResults(path: string): TortureResult[] {
  if (!existsSync(path)) throw new UsageError(`${path} is not there`);
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as TortureResult);
}

function main(args: readonly string[]): number {
  const named = args.filter((arg) => !arg.startsWith('-'));
  const flags = parseFlags(
    FLAGS,
    args.filter((arg) => arg.startsWith('-')),
  );
  if (flags['help'] === true) {
    process.stdout.write(helpText('npm run torture:sum -- [FILES...] [flags]', FLAGS, ABOUT));
    return 0;
  }
  const sum = sumOf((named.length === 0 ? [DEFAULT_RESULTS] : named).flatMap(readResults));
  process.stdout.write(flags['json'] === true ? `${JSON.stringify(sum)}\n` : describe(sum));
  return sum.failed === 0 ? 0 : 1;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`torture:sum: ${(error as Error).message}\n`);
  process.exitCode = 2;
}
