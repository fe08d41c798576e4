import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Group } from './group';
import { killPrimaries, type Kill } from './kills';
import { helpText, parseFlags, UsageError, wholeNumber, type Flags } from './options';
import { median, Prober } from './outages';
import { Terminal } from './terminal';

const FLAGS: Flags = {
  kills: { type: 'string', value: 'N', help: 'how often the primary is killed', fallback: '10' },
  mode: { type: 'string', value: 'MODE', help: 'durable or replicated', fallback: 'durable' },
  json: { type: 'boolean', help: 'print nothing but the result, as JSON' },
  help: { type: 'boolean', help: 'print this' },
};

const ABOUT = `Measures how long clients wait when the primary is killed with kill -9: the longest time
between two answers to a client that writes all the time. Default settings, three replicas on
this machine. Exit code: 0 when the median is below 500 ms, 1 when it is not, 2 a wrong flag.`;

const MEDIAN_MS_MAX = 500;

async function main(args: readonly string[]): Promise<number> {
  const flags = parseFlags(FLAGS, args);
  if (flags['help'] === true) {
    process.stdout.write(helpText('npm run outage -- [flags]', FLAGS, ABOUT));
    return 0;
  }
  const count = wholeNumber('kills', flags['kills'], [1, 1000]);
  const json = flags['json'] === true;
  const kills = await measure(count, String(flags['mode']), new Terminal(json));
  const outages = kills.map(({ outageMs }) => Math.round(outageMs));
  const result = { medianMs: median(outages), worstMs: Math.max(...outages), outagesMs: outages };
  process.stdout.write(
    json
      ? `${JSON.stringify(result)}\n`
      : `\n${count} kills: median ${result.medianMs} ms, worst ${result.worstMs} ms\n`,
  );
  return result.medianMs < MEDIAN_MS_MAX ? 0 : 1;
}

async function measure(count: number, mode: string, terminal: Terminal): Promise<Kill[]> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-outage-'));
  const group = await Group.start(join(folder, 'group'), ['--mode', mode]);
  const prober = new Prober(group.urls);
  const interrupted = (): void => {
    prober.kill();
    group.destroy();
    process.exit(130);
  };
  process.once('SIGINT', interrupted);
  try {
    const kills = await killPrimaries(group, prober, count, ({ replica, view, outageMs }) =>
      terminal.line(`${replica}, primary of view ${view}: ${outageMs.toFixed(0)} ms`),
    );
    await prober.stop();
    await group.stop();
    await rm(folder, { recursive: true, force: true });
    return kills;
  } catch (error) {
    prober.kill();
    group.destroy();
    throw error;
  } finally {
    process.removeListener('SIGINT', interrupted);
  }
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`outage: ${(error as Error).message}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
