import { parseArgs } from 'node:util';
import { DIFFERENCES } from './differences';
import { examine, type Examined } from './examination';
import { FAMILIES } from './families';
import { Machine, whyNoOracle } from './oracle/machine';
import { runRandomSequences } from './random-sequences';

/** Seeds of fast-check have 32 bits. */
const SEEDS = 2 ** 31;

const HELP = `npm run conformance -- [options]

Puts every case of the table of rules (test/conformance/cases) to the state machine of the file service.

  --oracle          and to the file system of this machine; root is needed to act as other users
  --below FOLDER    where the oracle makes its directories, and so on which file system (default: temporary files)
  --random N        instead of the table, N random sequences of operations on both (--oracle goes without saying)
  --seed S          of the random sequences (default: of the clock); a failure is shrunk and told with its seed
  --filter PATTERN  only cases whose "family: name" the regular expression fits
  --differences     print each explained difference too, not only how many there are
  --help            this text

Exit code: 0 when every case passed and every difference is explained, 1 when not, 2 for a wrong option.
`;

interface Options {
  readonly oracle: boolean;
  readonly below: string | undefined;
  readonly filter: RegExp;
  readonly differences: boolean;
  readonly random: number;
  readonly seed: number;
}

/** The command line of the conformance suite. Returns the exit code. */
export async function main(words: string[], root: string): Promise<number> {
  if (words.includes('--help')) {
    process.stdout.write(HELP);
    return 0;
  }
  const options = optionsOf(words);
  if (options === undefined) {
    process.stderr.write(
      `wrong option in "${words.join(' ')}"; see npm run conformance -- --help\n`,
    );
    return 2;
  }
  const missing = options.oracle ? whyNoOracle() : undefined;
  if (missing !== undefined) print(`The machine is not asked: ${missing}.`);
  const machine =
    options.oracle && missing === undefined ? await Machine.start(root, options.below) : undefined;
  try {
    if (machine !== undefined) print(machineLine(machine));
    if (options.random === 0) return await report(options, machine);
    return machine === undefined ? 2 : await wander(options, machine);
  } finally {
    await machine?.stop();
  }
}

function optionsOf(words: string[]): Options | undefined {
  try {
    const { values } = parseArgs({
      args: words,
      options: {
        oracle: { type: 'boolean', default: false },
        below: { type: 'string' },
        filter: { type: 'string', default: '' },
        differences: { type: 'boolean', default: false },
        random: { type: 'string', default: '0' },
        seed: { type: 'string', default: `${Date.now() % SEEDS}` },
      },
    });
    const { below, filter, differences } = values;
    const [random, seed] = [Number(values.random), Number(values.seed)];
    if (!Number.isSafeInteger(random) || random < 0 || !Number.isSafeInteger(seed))
      return undefined;
    const oracle = values.oracle || random > 0;
    return { oracle, below, filter: new RegExp(filter, 'i'), differences, random, seed };
  } catch {
    return undefined;
  }
}

/** Sequences of operations in a tree of few names. */
async function wander({ random, seed }: Options, machine: Machine): Promise<number> {
  const startedMs = Date.now();
  print(`npm run conformance -- --random ${random} --seed ${seed}`);
  try {
    await runRandomSequences(machine, { sequences: random, seed, lengthMax: 80 });
  } catch (fault) {
    if (!(fault instanceof Error)) throw fault;
    print(`${fault.message}\n${fault.cause instanceof Error ? fault.cause.message : ''}`);
    return 1;
  }
  print(`${random} sequences ended the same on both, in ${secondsSince(startedMs)} s.`);
  return 0;
}

const secondsSince = (startedMs: number): string => ((Date.now() - startedMs) / 1000).toFixed(1);

function machineLine({ facts }: Machine): string {
  const { kernel, fileSystem, root, sysctl, abilities } = facts;
  const settings = Object.entries(sysctl).map(([name, value]) => `fs.${name}=${value}`);
  return `Linux ${kernel}, ${fileSystem}, ${root ? 'as root' : 'without root'}, ${settings.join(', ')}, can: ${abilities.join(', ')}\n`;
}

async function report(options: Options, machine: Machine | undefined): Promise<number> {
  const startedMs = Date.now();
  const all: Examined[] = [];
  print(
    row('family', [
      'cases',
      'passed',
      'failed',
      'unknown',
      'same',
      'explained',
      'unexplained',
      'left out',
    ]),
  );
  for (const family of FAMILIES) {
    const examined = await examine(family, machine, options.filter);
    all.push(...examined);
    if (examined.length > 0) print(row(family.name, countsOf(examined, machine !== undefined)));
  }
  print(row('all', countsOf(all, machine !== undefined)));
  print(`\n${secondsSince(startedMs)} s`);
  printLeftOut(all);
  if (machine !== undefined) printExplained(all, options.differences);
  return printBad(all);
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const row = (name: string, counts: readonly (string | number)[]): string =>
  name.padEnd(26) + counts.map((count) => `${count}`.padStart(12)).join('');

function countsOf(examined: readonly Examined[], hasMachine: boolean): (string | number)[] {
  const count = (fits: (each: Examined) => boolean): number => examined.filter(fits).length;
  const asked = (word: Examined['machine']): string | number =>
    hasMachine ? count(({ machine }) => machine === word) : '-';
  return [
    examined.length,
    count(({ unknown, faults }) => unknown === undefined && faults.length === 0),
    count(({ faults }) => faults.length > 0),
    count(({ unknown }) => unknown !== undefined),
    asked('the same'),
    asked('explained'),
    asked('unexplained'),
    asked('left out'),
  ];
}

function printLeftOut(all: readonly Examined[]): void {
  const kinds = new Set(all.flatMap(({ unknown }) => (unknown === undefined ? [] : [unknown])));
  for (const kind of [...kinds].sort()) {
    const cases = all.filter(({ unknown }) => unknown === kind).length;
    print(`${cases} cases were not put to the state machine: it does not know ${kind}.`);
  }
  const reasons = new Set(all.flatMap(({ leftOut }) => (leftOut === undefined ? [] : [leftOut])));
  for (const reason of reasons) {
    const cases = all.filter(({ leftOut }) => leftOut === reason).length;
    print(`${cases} cases were not put to the machine: ${reason}.`);
  }
}

function printExplained(all: readonly Examined[], inFull: boolean): void {
  for (const known of DIFFERENCES) {
    const cases = all.filter(({ explanation }) => explanation === known);
    if (cases.length === 0) continue;
    print(`\n${known.rule} (${cases.length} cases; ${known.right}): ${known.why}`);
    if (inFull)
      for (const { each, differences } of cases) print(`  ${each.name}: ${differences.join('; ')}`);
  }
}

function printBad(all: readonly Examined[]): number {
  const failed = all.filter(({ faults }) => faults.length > 0);
  for (const { each, faults, knownFault } of failed)
    print(
      `\n${knownFault === undefined ? 'FAILED' : 'known fault'}: ${each.name}: ${faults.join('; ')}`,
    );
  const unexplained = all.filter(({ machine }) => machine === 'unexplained');
  for (const { each, differences } of unexplained)
    print(`\nUNEXPLAINED: ${each.name}: ${differences.join('; ')}\n  ${JSON.stringify(each)}`);
  const isBad = failed.some(({ knownFault }) => knownFault === undefined) || unexplained.length > 0;
  return isBad ? 1 : 0;
}
