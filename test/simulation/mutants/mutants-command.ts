import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { KNOWN_SEEDS_FILE, readKnownSeeds } from '../known-seeds';
import { hunt, SEEDS_MAX, type Finding } from './hunt';
import { MUTANTS, type Mutant } from './mutants';

const HELP = `npm run mutants -- [options]

Puts known errors back into the protocol, one at a time, and lets the simulator look for each.

  --only WORD only mutants with this word in their name; the others stay recorded as they are
  --seeds N   give up after N seeds (default ${SEEDS_MAX})
  --record    write where each was found to ${KNOWN_SEEDS_FILE}; the tests replay that
  --json      a line of JSON for each mutant
  --help      this text

Exit code: 0 when every mutant was found, 1 when one survived, 2 for a wrong option.
`;

interface Options {
  readonly only: string;
  readonly seedsMax: number;
  readonly record: boolean;
  readonly json: boolean;
}

/** The command line of the mutants. Returns the exit code. */
export function main(words: string[], root: string): number {
  if (words.includes('--help')) {
    process.stdout.write(HELP);
    return 0;
  }
  const options = optionsOf(words);
  if (options === undefined) {
    process.stderr.write(`wrong option in "${words.join(' ')}"; see npm run mutants -- --help\n`);
    return 2;
  }
  const findings: Finding[] = [];
  const wanted = MUTANTS.filter(({ name }) => name.includes(options.only));
  for (const mutant of wanted) {
    const startedMs = Date.now();
    const finding = hunt(root, mutant, options.seedsMax);
    if (finding !== undefined) findings.push(finding);
    const seconds = Math.round((Date.now() - startedMs) / 100) / 10;
    const line = options.json
      ? JSON.stringify({ mutant: mutant.name, found: finding !== undefined, ...finding, seconds })
      : inWords(mutant, finding, seconds);
    process.stdout.write(`${line}\n`);
  }
  if (options.record) record(root, findings);
  return findings.length === wanted.length ? 0 : 1;
}

function optionsOf(words: string[]): Options | undefined {
  const flag = { type: 'boolean', default: false } as const;
  try {
    const { values } = parseArgs({
      args: words,
      options: {
        only: { type: 'string', default: '' },
        seeds: { type: 'string', default: String(SEEDS_MAX) },
        record: flag,
        json: flag,
      },
    });
    const seedsMax = Number(values.seeds);
    if (!Number.isSafeInteger(seedsMax) || seedsMax < 1) return undefined;
    return { only: values.only, seedsMax, record: values.record, json: values.json };
  } catch {
    return undefined;
  }
}

function inWords(mutant: Mutant, finding: Finding | undefined, seconds: number): string {
  const name = mutant.name.padEnd(32);
  if (finding === undefined) return `${name} SURVIVED, ${seconds} s`;
  const { engine, seed, steps, rule } = finding;
  const where = `${engine}  seed ${String(seed).padEnd(4)} ${String(steps).padEnd(7)} steps`;
  return `${name} ${where}  ${rule}`;
}

/** Findings replace earlier ones of the same mutants, in the order of the list. */
function record(root: string, findings: readonly Finding[]): void {
  const before = readKnownSeeds(root);
  const mutants = MUTANTS.map(
    ({ name }) =>
      findings.find((one) => one.mutant === name) ??
      before.mutants.find((one) => one.mutant === name),
  ).filter((one) => one !== undefined);
  const known = { ...before, mutants };
  writeFileSync(join(root, KNOWN_SEEDS_FILE), `${JSON.stringify(known, undefined, 2)}\n`);
}
