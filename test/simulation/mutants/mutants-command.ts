import { hunt, SEEDS_MAX, type Finding } from './hunt';
import { MUTANTS, type Mutant } from './mutants';

const HELP = `npm run mutants -- [options]

Puts known errors back into the protocol, one at a time, and lets the simulator look for each.

  --seeds N   give up after N seeds (default ${SEEDS_MAX})
  --json      a line of JSON for each mutant
  --help      this text

Exit code: 0 when every mutant was found, 1 when one survived, 2 for a wrong option.
`;

/** The command line of the mutants. Returns the exit code. */
export function main(words: string[], root: string): number {
  if (words.includes('--help')) {
    process.stdout.write(HELP);
    return 0;
  }
  const at = words.indexOf('--seeds');
  const seedsMax = at < 0 ? SEEDS_MAX : Number(words[at + 1]);
  const known = words.filter((word, place) => word === '--json' || place === at || place === at + 1);
  if (!(seedsMax >= 1) || (at < 0 ? words.some((w) => w !== '--json') : known.length < words.length)) {
    process.stderr.write(`unknown option in "${words.join(' ')}"; see npm run mutants -- --help\n`);
    return 2;
  }
  let survived = 0;
  for (const mutant of MUTANTS) {
    const startedMs = Date.now();
    const finding = hunt(root, mutant, seedsMax);
    if (finding === undefined) survived += 1;
    const seconds = Math.round((Date.now() - startedMs) / 100) / 10;
    const line = words.includes('--json')
      ? JSON.stringify({ mutant: mutant.name, found: finding !== undefined, ...finding, seconds })
      : inWords(mutant, finding, seconds);
    process.stdout.write(`${line}\n`);
  }
  return survived === 0 ? 0 : 1;
}

function inWords(mutant: Mutant, finding: Finding | undefined, seconds: number): string {
  const name = mutant.name.padEnd(26);
  if (finding === undefined) return `${name} SURVIVED, ${seconds} s`;
  const { engine, seed, steps, violation } = finding;
  return `${name} ${engine}  seed ${String(seed).padEnd(4)} ${String(steps).padEnd(7)} steps  ${violation}`;
}
