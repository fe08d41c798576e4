import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { helpText, parseFlags, UsageError, wholeNumber, type Flags } from '../flags';
import { soak, type SoakResult } from './soak';

const FLAGS: Flags = {
  minutes: { value: 'N', help: 'how long', fallback: '120' },
  rate: {
    value: 'half|N',
    help: 'half of what the group does, or so many calls a second',
    fallback: 'half',
  },
  seed: { value: 'N', help: 'draws the calls', fallback: '1' },
  output: {
    value: 'PATH',
    help: 'where PATH.csv and PATH.svg are written',
    fallback: join(homedir(), '.lockstep-torture', 'soak'),
  },
  json: { help: 'print nothing but the result, one line of JSON' },
  help: { help: 'print this' },
};

const ABOUT = `Runs a group of three replica processes at a steady rate on a fixed set of names, which locks, files and counters
share, and looks every ten seconds: memory, heap and files of every replica, latency at p50 and p99. After a first
part, in which caches fill, every one of these has to be level, by a slope that outliers do not move.

Exit code: 0 all is flat; 1 something rises, a call failed or a replica died; 2 a wrong flag; 3 it broke off.`;

async function main(args: readonly string[]): Promise<number> {
  const flags = parseFlags(FLAGS, args);
  if (flags['help'] === true) {
    process.stdout.write(helpText('npm run soak -- [flags]', FLAGS, ABOUT));
    return 0;
  }
  const minutes = Number(flags['minutes']);
  if (!(minutes > 0 && minutes <= 10_000)) throw new UsageError('--minutes must be above 0');
  const output = resolve(String(flags['output']));
  mkdirSync(dirname(output), { recursive: true });
  const json = flags['json'] === true;
  const rate =
    flags['rate'] === 'half' ? undefined : wholeNumber('rate', flags['rate'], [1, 100_000]);
  const seed = wholeNumber('seed', flags['seed'], [0, 2 ** 31]);
  const result = await soak({ minutes, seed, rate, output, json });
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : describe(result));
  return result.verdict === 'flat' ? 0 : 1;
}

function describe({ judged, csv, svg, calls, failures, deaths, verdict }: SoakResult): string {
  const rows = judged.map(({ name, rise, riseMax, isFlat }) => {
    const percent = `${rise >= 0 ? '+' : ''}${(100 * rise).toFixed(1)} %`;
    return `${name.padEnd(34)}${percent.padStart(9)}  ${isFlat ? 'flat' : `RISES by more than ${100 * riseMax} %`}`;
  });
  const closing = [
    `${calls} calls, ${failures} failed${deaths.map((death) => `, ${death}`).join('')}`,
    `${csv}  ${svg}`,
    `verdict  ${verdict}`,
  ];
  return `\n${[...rows, ...closing].join('\n')}\n`;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`soak: ${(error as Error).message}\n`);
    process.exit(error instanceof UsageError ? 2 : 3);
  },
);
