import { parseArgs } from 'node:util';
import { GroupHarness } from '../server/group-harness';
import { fuzz, type FuzzReport } from './fuzz';

const HELP = `npm run fuzz -- [options]

Sends a real group of three replicas requests of every kind, most of them wrong in some way, and looks at each answer.

  --requests N   how many (default 100000)
  --seed S       of what is sent (default: of the clock)
  --clients N    how many at once (default 8)
  --json         one JSON object in place of text
  --help         this text

Exit code: 0 when nothing was found, 1 when something was, 2 for a wrong option. A finding comes with a command that
sends the smallest request that still shows it.
`;

/** Seeds are written in commands. */
const SEEDS = 2 ** 31;

interface Options {
  readonly requests: number;
  readonly seed: number;
  readonly clients: number;
  readonly json: boolean;
}

/** The command line of the fuzz. Returns the exit code. */
export async function main(words: string[]): Promise<number> {
  if (words.includes('--help')) {
    process.stdout.write(HELP);
    return 0;
  }
  const options = optionsOf(words);
  if (options === undefined) {
    process.stderr.write(`wrong option in "${words.join(' ')}"; see npm run fuzz -- --help\n`);
    return 2;
  }
  const { requests, seed, clients, json } = options;
  const onProgress = (line: string): void => void process.stderr.write(`${line}\n`);
  const group = await GroupHarness.start({ logLevel: 'warn' });
  try {
    const report = await fuzz(group, { requests, seed, clients, onProgress });
    print(json ? JSON.stringify({ verdict: verdictOf(report), ...report }) : inWords(report));
    return report.findings.length === 0 ? 0 : 1;
  } finally {
    await group.stop();
  }
}

function optionsOf(words: string[]): Options | undefined {
  try {
    const { values } = parseArgs({
      args: words,
      options: {
        requests: { type: 'string', default: '100000' },
        seed: { type: 'string', default: `${Date.now() % SEEDS}` },
        clients: { type: 'string', default: '8' },
        json: { type: 'boolean', default: false },
      },
    });
    const { json } = values;
    const [requests, seed, clients] = [values.requests, values.seed, values.clients].map(Number);
    if (
      ![requests, seed, clients].every((value) => Number.isSafeInteger(value) && Number(value) >= 0)
    )
      return undefined;
    return { requests: requests ?? 0, seed: seed ?? 0, clients: Math.max(1, clients ?? 1), json };
  } catch {
    return undefined;
  }
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const verdictOf = ({ findings }: FuzzReport): string =>
  findings.length === 0 ? 'passed' : 'failed';

function inWords(report: FuzzReport): string {
  const { findings, families, answers, refusals, memory, normalClient, requests, seed, seconds } =
    report;
  const most = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .sort(([, a], [, b]) => b - a)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  return [
    `npm run fuzz -- --requests ${requests} --seed ${seed}: ${verdictOf(report)}, ${seconds} s`,
    `families: ${most(families)}`,
    `answers: ${most(answers)}`,
    `refused: ${refusals.compared} batches with ${refusals.requests} requests changed nothing, ${refusals.inconclusive} had something done in them`,
    ...memory.map(
      ({ replica, rssMiB, bytesARequest, openFiles }) =>
        `replica ${replica}: ${rssMiB.warm} MiB warm, ${rssMiB.mixed} after the mixed part, ${rssMiB.end} at the end ` +
        `(${bytesARequest} bytes a refusal), ${openFiles.before} open files before, ${openFiles.after} after`,
    ),
    `a normal client: ${normalClient.requests} requests, p50 ${normalClient.p50Ms} ms, p99 ${normalClient.p99Ms} ms, max ${normalClient.maxMs} ms`,
    ...findings.map(
      ({ family, fault, count, command }) =>
        `\nFOUND (${count} times) ${family}: ${fault}\n${command}`,
    ),
  ].join('\n');
}
