import { parseArgs } from 'node:util';
import { Exploration, type Report } from './exploration';
import { KNOWN_TRACES_FILE, recordTrace } from './known-traces';
import { traceLines, wordsOfTrace } from './trace-lines';
import type { World } from './world';
import { WORLDS } from './worlds';

const HELP = `npm run explore -- [options]

Goes through all that can happen in a small world: a group of real replicas, a few requests, crashes and timeouts,
every message late, lost, doubled or out of order.

  --world NAME    one world (see below), or all of them (default)
  --states N      give up after N states, whatever the world says
  --record        write the way to what was found to ${KNOWN_TRACES_FILE}; the tests go it again
  --json          a line of JSON for each world
  --help          this text

Exit code: 0 when each world was as it should be, 1 when one was not, 2 for a wrong option.

Worlds:
${WORLDS.map(({ name, says }) => `  ${name.padEnd(28)} ${says}`).join('\n')}
`;

interface Explored {
  readonly asExpected: boolean;
  readonly verdict: Report['verdict'];
  readonly states: number;
  readonly seconds: number;
}

interface Options {
  readonly worlds: readonly World[];
  readonly statesMax: number | undefined;
  readonly record: boolean;
  readonly json: boolean;
}

/** The command line of the explorer. Returns the exit code. */
export function main(words: string[], root: string): number {
  if (words.includes('--help')) {
    process.stdout.write(HELP);
    return 0;
  }
  const options = optionsOf(words);
  if (options === undefined) {
    process.stderr.write(`wrong option in "${words.join(' ')}"; see npm run explore -- --help\n`);
    return 2;
  }
  const explored = options.worlds.map((world) => explore(world, options, root));
  if (!options.json) printLine(sumOf(explored));
  return explored.every(({ asExpected }) => asExpected) ? 0 : 1;
}

function optionsOf(words: string[]): Options | undefined {
  try {
    const { values } = parseArgs({
      args: words,
      options: {
        world: { type: 'string', default: 'all' },
        states: { type: 'string' },
        record: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    const { world, states, record, json } = values;
    const statesMax = states === undefined ? undefined : Number(states);
    const worlds = WORLDS.filter(({ name }) => world === 'all' || name === world);
    const isCount = statesMax === undefined || (Number.isSafeInteger(statesMax) && statesMax > 0);
    return isCount && worlds.length > 0 ? { worlds, statesMax, record, json } : undefined;
  } catch {
    return undefined;
  }
}

function explore(world: World, options: Options, root: string): Explored {
  const { statesMax, record, json } = options;
  const startedMs = Date.now();
  const exploration = new Exploration(root, { ...world, statesMax: statesMax ?? world.statesMax });
  const report = exploration.run();
  const seconds = Math.round((Date.now() - startedMs) / 100) / 10;
  const asExpected = (report.verdict === 'violation') === (world.expects === 'violation');
  if (json) printLine(JSON.stringify(inFigures(world, report, seconds)));
  else printLine(inWords(world, report, seconds));
  if (record && report.violation !== undefined) {
    const { messages } = exploration.locals;
    recordTrace(root, world.name, wordsOfTrace(report.violation.trace, messages));
  }
  if (report.violation !== undefined && (!json || !asExpected)) {
    for (const line of traceLines(exploration.locals, report.violation.trace)) printLine(line);
  }
  return { asExpected, verdict: report.verdict, states: report.states, seconds };
}

function sumOf(explored: readonly Explored[]): string {
  const count = (verdict: Report['verdict']): number =>
    explored.filter((one) => one.verdict === verdict).length;
  const states = explored.reduce((sum, one) => sum + one.states, 0);
  const seconds = explored.reduce((sum, one) => sum + one.seconds, 0);
  const wrong = explored.filter((one) => !one.asExpected).length;
  return (
    `${explored.length} worlds, ${states} states, ${seconds.toFixed(1)} s: ` +
    `${count('exhausted')} exhausted, ${count('bounded')} not exhausted within their bound, ` +
    `${count('violation')} with a violation; ${wrong} not as expected`
  );
}

function inFigures({ name, expects }: World, report: Report, seconds: number) {
  const { verdict, states, depth, localStates, messages, violation } = report;
  const steps = violation?.trace.length;
  const rule = violation?.rule;
  return {
    world: name,
    expects,
    verdict,
    states,
    depth,
    seconds,
    localStates,
    messages,
    rule,
    steps,
  };
}

function inWords({ name, expects }: World, report: Report, seconds: number): string {
  const { verdict, states, depth, violation } = report;
  const found =
    violation === undefined
      ? `${verdict === 'bounded' ? 'NOT EXHAUSTED: all up to' : 'exhausted,'} depth ${depth}`
      : `${violation.trace.length} steps to ${violation.rule}`;
  const wrong = (violation === undefined) === (expects === 'safe') ? '' : '  NOT AS EXPECTED';
  return `${name.padEnd(28)} ${String(states).padStart(9)} states  ${seconds.toFixed(1).padStart(6)} s  ${found}${wrong}`;
}

function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
