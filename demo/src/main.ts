import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { runDemo } from './demo';
import { helpText, parseFlags, UsageError, wholeNumber, type Flags } from './options';
import { describeReport } from './report';
import { Terminal } from './terminal';

const FLAGS: Flags = {
  tree: {
    type: 'string',
    value: 'PATH',
    help: "the directory tree whose metadata is imported (default: the project's node_modules)",
  },
  workers: { type: 'string', value: 'N', help: 'worker processes, 1 to 200', fallback: '20' },
  kills: {
    type: 'string',
    value: 'N',
    help: 'how often the primary is killed, 0 to 100',
    fallback: '3',
  },
  mode: { type: 'string', value: 'MODE', help: 'durable or replicated', fallback: 'durable' },
  keep: { type: 'boolean', help: 'keep the data of the group and the journals of the workers' },
  json: { type: 'boolean', help: 'print nothing but the result, as JSON' },
  help: { type: 'boolean', help: 'print this' },
};

const ABOUT = `Shows that nothing acknowledged is lost. It starts a group of three replica processes in a
temporary folder, imports the metadata of a real directory tree, lets worker processes pass
locks around and create, rename, link and delete in the tree, and meanwhile kills the primary
with kill -9. At the end every entry is compared with the source and with the journals of the
workers, and every grant of a lock with every other.

Exit code: 0 nothing was lost, 1 something was or the run broke off, 2 a wrong flag.`;

const DEFAULT_TREE = resolve(__dirname, '../../node_modules');

async function main(args: readonly string[]): Promise<number> {
  const flags = parseFlags(FLAGS, args);
  if (flags['help'] === true) {
    process.stdout.write(helpText('npm run demo -- [flags]', FLAGS, ABOUT));
    return 0;
  }
  const tree = resolve(String(flags['tree'] ?? DEFAULT_TREE));
  if (!statSync(tree, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`--tree ${tree} is no directory`);
  }
  const json = flags['json'] === true;
  const options = {
    tree,
    workers: wholeNumber('workers', flags['workers'], [1, 200]),
    kills: wholeNumber('kills', flags['kills'], [0, 100]),
    mode: modeOf(flags['mode']),
    keep: flags['keep'] === true,
  };
  const report = await runDemo(options, new Terminal(json));
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : describeReport(report));
  return report.verdict === 'nothing lost' ? 0 : 1;
}

function modeOf(value: unknown): string {
  if (value === 'durable' || value === 'replicated') return value;
  throw new UsageError('--mode must be durable or replicated');
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`demo: ${(error as Error).message}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
