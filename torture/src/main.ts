import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CATALOGUE } from './faults/catalogue';
import { helpText, parseFlags, UsageError, wholeNumber, type Flags } from './flags';
import { DEFAULT_RESULTS } from './places';
import { describe } from './summary';
import type { TortureResult } from './result';
import { torture, type TortureOptions } from './torture';

const FLAGS: Flags = {
  minutes: { value: 'N', help: 'how long faults go on; a part of one is fine', fallback: '5' },
  seed: { value: 'N', help: 'draws faults and operations (default: another each time)' },
  replicas: { value: '3|2+1|5', help: 'active, or active and witnesses (default: by the seed)' },
  faults: { value: 'LIST', help: 'only these kinds, with commas; or all but: -wipe,-corrupt' },
  'bound-seconds': {
    value: 'N',
    help: 'to serve again after a fault, or 4 times what its start took',
    fallback: '30',
  },
  results: {
    value: 'FILE',
    help: 'where the result is appended, for torture:sum',
    fallback: DEFAULT_RESULTS,
  },
  keep: { help: 'keep the folder although all is well' },
  json: { help: 'print nothing but the result, one line of JSON' },
  help: { help: 'print this' },
};

const kinds = CATALOGUE.map(({ name, help }) => `  ${name.padEnd(16)}${help}`).join('\n');

const ABOUT = `Tortures a real group: replica processes on loopback, clients that take locks, change files and count over
REST and the client channel, and meanwhile one fault after the other, drawn by the seed:

${kinds}

Checked: every answer is one that some order of all calls allows (a search that trusts no answer, and the order that
the answers tell themselves); that order is the one of real time; each request is executed once; locks are never held
in conflict and fences rise; reads of the past are never older than asked; no lease ends early; no replica dies by
itself; the group serves again after each fault, and is whole; in the end everything that was ever written is read
once more, and all replicas are equal.

Exit code: 0 all is well; 1 a finding: the folder with logs and findings.json stays, and what repeats it is printed;
2 a wrong flag; 3 the run broke off. A seed repeats what is done, not when: the same fault may need several runs.`;

async function main(args: readonly string[]): Promise<number> {
  const flags = parseFlags(FLAGS, args);
  if (flags['help'] === true) {
    process.stdout.write(helpText('npm run torture -- [flags]', FLAGS, ABOUT));
    return 0;
  }
  const options = optionsOf(flags);
  const result = await torture(options);
  append(resolve(String(flags['results'])), result);
  process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : describe(result));
  return result.verdict === 'sound' ? 0 : 1;
}

function optionsOf(flags: Record<string, string | boolean>): TortureOptions {
  const minutes = Number(flags['minutes']);
  if (!(minutes > 0 && minutes <= 10_000)) throw new UsageError('--minutes must be above 0');
  return {
    minutes,
    seed: wholeNumber('seed', flags['seed'] ?? randomSeed(), [0, 2 ** 31]),
    ...sizeOf(flags['replicas']),
    faults: faultsOf(flags['faults']),
    boundSeconds: wholeNumber('bound-seconds', flags['bound-seconds'], [1, 3_600]),
    keep: flags['keep'] === true,
    json: flags['json'] === true,
  };
}

const randomSeed = (): string => String(Math.floor(Math.random() * 2 ** 31));

function sizeOf(value: string | boolean | undefined) {
  if (value === undefined) return { replicas: undefined, witnesses: undefined };
  const [, actives, witnesses = '0'] = /^(\d)(?:\+(\d))?$/.exec(String(value)) ?? [];
  if (actives === undefined) throw new UsageError('--replicas must be like 3, 5 or 2+1');
  return { replicas: Number(actives) + Number(witnesses), witnesses: Number(witnesses) };
}

function faultsOf(value: string | boolean | undefined): readonly string[] {
  const all = CATALOGUE.map(({ name }) => name);
  if (value === undefined) return all;
  const listed = String(value).split(',');
  const unknown = listed.find((name) => !all.includes(name.replace(/^-/, '')));
  if (unknown !== undefined) throw new UsageError(`--faults: ${unknown} is none of ${all.join()}`);
  const wanted = listed.filter((name) => !name.startsWith('-'));
  return (wanted.length === 0 ? all : wanted).filter((name) => !listed.includes(`-${name}`));
}

/** A row of results outlives the run that it tells of. */
function append(path: string, result: TortureResult): void {
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, `${JSON.stringify({ at: new Date().toISOString(), ...result })}\n`);
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`torture: ${(error as Error).message}\n`);
    process.exit(error instanceof UsageError ? 2 : 3);
  },
);
