import { parseArgs } from 'node:util';
import { cutPower, type CutReport } from './power-cuts';

const HELP = `npm run power-cuts -- [options]

Runs the storage of a replica through a life drawn from a seed, on a disk of which every write, sync and name is
written down, cuts the power at many points, and starts from what each leaves: of the unsynced changes none, all,
a beginning, torn sectors, or any of them. What was acknowledged must be there, and nothing that was not asked for.
Even seeds are of mode durable, odd ones of mode replicated. Linux with a C compiler only.

  --seed N        the first seed (default 1)
  --seeds N       so many seeds (default 4)
  --cuts K        states drawn for each seed, beside one right after each acknowledgement (default 500)
  --lying WORD    a disk that says it has synced and has not: all, or a part of a file's name, as promise
  --json          one line of JSON a seed, in place of words
  --help          this text

Exit code: 0 when every state was as it should be, 1 when one was not, 2 for a wrong option.
`;

/** The command line of the power cuts. Returns the exit code. */
export async function main(words: string[], root: string): Promise<number> {
  if (words.includes('--help')) {
    process.stdout.write(HELP);
    return 0;
  }
  let options: Options;
  try {
    options = optionsOf(words);
  } catch (fault) {
    process.stderr.write(`${(fault as Error).message}\n`);
    return 2;
  }
  const { lying } = options;
  const pattern = lying === 'all' ? '*' : `*${lying ?? ''}*`;
  const faults = lying === undefined ? [] : [`SWALLOW sync ${pattern}`];
  let lost = 0;
  for (let seed = options.seed; seed < options.seed + options.seeds; seed += 1) {
    const report = await cutPower({ root, seed, cuts: options.cuts, faults });
    lost += report.losses.length;
    process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : wordsOf(report));
  }
  return lost === 0 ? 0 : 1;
}

interface Options {
  readonly seed: number;
  readonly seeds: number;
  readonly cuts: number;
  readonly lying: string | undefined;
  readonly json: boolean;
}

function optionsOf(args: string[]): Options {
  const text = { type: 'string' } as const;
  const options = {
    seed: text,
    seeds: text,
    cuts: text,
    lying: text,
    json: { type: 'boolean' },
  } as const;
  const { values } = parseArgs({ args, options });
  return {
    seed: whole('seed', values.seed ?? '1'),
    seeds: whole('seeds', values.seeds ?? '4'),
    cuts: whole('cuts', values.cuts ?? '500'),
    lying: values.lying,
    json: values.json ?? false,
  };
}

function whole(name: string, value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new Error(`--${name} takes a whole number, not ${value}`);
  return Number(value);
}

/** Losses are many once there are any. */
const LOSSES_SHOWN = 3;

function wordsOf({ seed, mode, events, syncs, opened, losses }: CutReport): string {
  const lines = [
    `seed ${seed}, ${mode}: ${events} events with ${syncs} syncs, ${opened} states opened, ${losses.length} not as they should be`,
    ...losses
      .slice(0, LOSSES_SHOWN)
      .map(
        ({ at, steps, arrival, problem }) =>
          `  after event ${at} (${steps[0]} of ${steps[1]} steps acknowledged), ${arrival.kind} arrived: ${problem}`,
      ),
  ];
  return `${lines.join('\n')}\n`;
}
