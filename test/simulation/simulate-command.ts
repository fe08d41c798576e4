import { parseArgs } from 'node:util';
import { PROFILES, type Profile } from './faults/plan';
import { simulate, type Report } from './simulation';

const HELP = `npm run simulate -- [options]

Runs whole groups of replicas with their clients, network, disks and clocks in one process, on virtual time,
and checks every rule of the protocol after every step. One seed is one run, to the byte.

  --seed N        one run of this seed (default 1)
  --minutes K     fresh seeds for K minutes, until one fails
  --ticks M       how long the faults go on, in ticks of 10 ms (default 2000)
  --faults WORD   calm, rough or harsh (default rough)
  --replicas R    size of the group; drawn from the seed when it is not given
  --witnesses W   so many of them execute nothing; drawn from the seed when it is not given
  --verbose       a line for each step of the protocol
  --json          one line of JSON for machines, in place of words
  --help          this text

Exit code: 0 when nothing was found, 1 when a rule was broken, 2 for a wrong option.
`;

interface Options {
  readonly seed: number;
  readonly minutes: number | undefined;
  readonly ticks: number;
  readonly profile: Profile;
  readonly replicas: number | undefined;
  readonly witnesses: number | undefined;
  readonly verbose: boolean;
  readonly json: boolean;
}

const MS_PER_MINUTE = 60_000;
const MS_PER_HOUR = 3_600_000;

/** The command line of the simulator. Returns the exit code. */
export function main(words: string[]): number {
  if (words.includes('--help')) {
    process.stdout.write(HELP);
    return 0;
  }
  try {
    const options = optionsOf(words);
    return options.minutes === undefined ? runOne(options) : runMany(options, options.minutes);
  } catch (fault) {
    if (!(fault instanceof WrongOption)) throw fault;
    process.stderr.write(`${fault.message}\n`);
    return 2;
  }
}

class WrongOption extends Error {}

function optionsOf(words: string[]): Options {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const values = parsed(() =>
    parseArgs({
      args: words,
      options: {
        seed: text,
        minutes: text,
        ticks: text,
        faults: { ...text, default: 'rough' },
        replicas: text,
        witnesses: text,
        verbose: flag,
        json: flag,
      },
    }),
  ).values;
  const profile = PROFILES.find((one) => one === values.faults);
  if (profile === undefined) throw new WrongOption(`--faults must be ${PROFILES.join(', ')}`);
  return {
    seed: numberOf('--seed', values.seed, 0) ?? 1,
    minutes: numberOf('--minutes', values.minutes, 0),
    ticks: numberOf('--ticks', values.ticks, 1) ?? 2000,
    profile,
    replicas: numberOf('--replicas', values.replicas, 1),
    witnesses: numberOf('--witnesses', values.witnesses, 0),
    verbose: values.verbose,
    json: values.json,
  };
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (fault) {
    throw new WrongOption(fault instanceof Error ? fault.message : String(fault));
  }
}

function numberOf(name: string, word: string | undefined, min: number): number | undefined {
  if (word === undefined) return undefined;
  const value = Number(word);
  const whole = name === '--minutes' || Number.isSafeInteger(value);
  if (!(value >= min) || !whole || word === '') {
    throw new WrongOption(`${name} must be a number from ${min} on, not ${word}`);
  }
  return value;
}

function runOne(options: Options): number {
  const write = options.verbose ? printLine : undefined;
  const report = simulate({ ...options, write });
  if (options.json)
    printLine(JSON.stringify({ command: commandOf(options, options.seed), ...report }));
  else printLine(inWords(report, options));
  return report.verdict === 'passed' ? 0 : 1;
}

function runMany(options: Options, minutes: number): number {
  const startedMs = Date.now();
  const firstSeed = startedMs % 1_000_000_000;
  const sums = { seeds: 0, operations: 0, simulatedMs: 0, views: 0, faults: {} };
  let failed: Report | undefined;
  while (Date.now() - startedMs < minutes * MS_PER_MINUTE && failed === undefined) {
    const report = simulate({ ...options, seed: firstSeed + sums.seeds });
    addTo(sums, report);
    if (report.verdict === 'failed') failed = report;
  }
  const seconds = (Date.now() - startedMs) / 1000;
  if (options.json) {
    const { simulatedMs, ...rest } = sums;
    printLine(
      JSON.stringify({
        verdict: failed === undefined ? 'passed' : 'failed',
        command: failed && commandOf(options, failed.seed),
        violation: failed?.violation,
        firstSeed,
        ...rest,
        simulatedHours: round(simulatedMs / MS_PER_HOUR),
        seconds: round(seconds),
        operationsPerMinute: Math.round((sums.operations / seconds) * 60),
      }),
    );
    return failed === undefined ? 0 : 1;
  }
  if (failed !== undefined) printLine(inWords(failed, options));
  printLine(
    `${sums.seeds} seeds from ${firstSeed} on, ${sums.operations} operations of clients, ` +
      `${sums.views} views, ${round(sums.simulatedMs / MS_PER_HOUR)} simulated hours in ${Math.round(seconds)} s ` +
      `(${Math.round((sums.operations / seconds) * 60)} operations a minute)`,
  );
  printLine(`faults: ${faultsInWords(sums.faults)}`);
  return failed === undefined ? 0 : 1;
}

interface Sums {
  seeds: number;
  operations: number;
  simulatedMs: number;
  views: number;
  readonly faults: Record<string, number>;
}

function addTo(sums: Sums, report: Report): void {
  sums.seeds += 1;
  sums.operations += report.operations;
  sums.simulatedMs += report.simulatedMs;
  sums.views += report.views;
  for (const [kind, count] of Object.entries(report.faults)) {
    sums.faults[kind] = (sums.faults[kind] ?? 0) + count;
  }
}

function inWords(report: Report, options: Options): string {
  const { seed, violation, replicas, witnesses, mode, operations, committed, views, grants } =
    report;
  const figures =
    `seed ${seed}, ${report.profile}: ${replicas} replicas, ${witnesses} of them witnesses, ${mode}, ${operations} operations of clients, ` +
    `${committed} log entries, ${grants} grants, ${views} views, ${round(report.simulatedMs / 1000)} simulated seconds, ` +
    `fingerprint ${report.fingerprint}\nfaults: ${faultsInWords(report.faults)}`;
  if (violation === undefined) return `${figures}\npassed`;
  return `${commandOf(options, seed)}\n${figures}\nFAILED ${violation}`;
}

/** Repeats the run, with its event lines. */
function commandOf({ ticks, profile, replicas, witnesses }: Options, seed: number): string {
  const size = replicas === undefined ? '' : ` --replicas ${replicas}`;
  const roles = witnesses === undefined ? '' : ` --witnesses ${witnesses}`;
  return (
    `npm run simulate -- --seed ${seed} --ticks ${ticks} --faults ${profile}${size}${roles}` +
    ' --verbose'
  );
}

function faultsInWords(faults: Readonly<Record<string, number>>): string {
  const words = Object.entries(faults).map(([kind, count]) => `${kind} ${count}`);
  return words.length === 0 ? 'none' : words.join(', ');
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
