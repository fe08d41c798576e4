import { cpus, loadavg } from 'node:os';
import { helpText, parseFlags, UsageError, wholeNumber, type Flags } from '../../demo/dist/options';
import { measureSubtrees, type Subtree } from './files-tree/subtrees';
import type { Latencies } from './locks/latencies';

const FLAGS: Flags = {
  entries: {
    type: 'string',
    value: 'LIST',
    help: 'how many entries the trees have, up to 1000000',
    fallback: '1000,10000,100000',
  },
  json: { type: 'boolean', help: 'print nothing but the result, as JSON' },
  help: { type: 'boolean', help: 'print this' },
};

const ABOUT = `What whole trees cost, on a group of three real replica processes (durable, default settings but for
the history of the volume, which is off; everything on this machine), a new one for every size: how long
a killed backup takes to come back with it, the summary of a tree, its rename and its recursive removal, as their client sees them, until nothing of it is
left; and what other clients, which make, stat and unlink files of their own in a process of
theirs, feel of it. A tree of a million entries takes some minutes to build, and its log and its
checkpoints some gigabytes of disk: ask for it with --entries 1000000.

Clients share the machine with the replicas: times are of all of it, and the load average that is
printed says who else was there. Linux only: it reads /proc.

Exit code: 0 measured, 1 not, 2 a wrong flag.`;

async function main(args: readonly string[]): Promise<number> {
  const flags = parseFlags(FLAGS, args);
  if (flags['help'] === true) {
    print(helpText('npm run bench:files-tree -- [flags]', FLAGS, ABOUT));
    return 0;
  }
  const sizes = String(flags['entries'])
    .split(',')
    .map((size) => wholeNumber('entries', size, [2, 1_000_000]));
  const measured = await measureSubtrees(sizes);
  if (flags['json'] === true) print(`${JSON.stringify(measured)}\n`);
  else print(`${HEADING}${measured.map(show).join('')}${machine()}`);
  return 0;
}

const HEADING = `whole trees, ms${' '.repeat(54)}others: quiet       meanwhile   purging
  entries  build s restart s   summary    rename    remove    purge    p50   p99    p50   p99    p50   p99
`;

function show(tree: Subtree): string {
  const { entries, loadSeconds, restartMs, summaryMs, renameMs, removeMs, purgeMs } = tree;
  const times = [summaryMs, renameMs, removeMs].map((ms) => ms.toFixed(1).padStart(10));
  const others = [tree.quiet, tree.meanwhile, tree.purging].map(halves).join('');
  const start = `${String(entries).padStart(9)}${loadSeconds.toFixed(1).padStart(9)}${(restartMs / 1000).toFixed(1).padStart(10)}`;
  return `${start}${times.join('')}${purgeMs.toFixed(0).padStart(9)}${others}\n`;
}

const halves = ({ p50Ms, p99Ms }: Latencies): string =>
  `${p50Ms.toFixed(1).padStart(7)}${p99Ms.toFixed(1).padStart(6)}`;

function machine(): string {
  const loads = loadavg().map((load) => load.toFixed(1));
  return `(${cpus().length} cores, load average ${loads.join(', ')})\n`;
}

const print = (text: string): boolean => process.stdout.write(text);

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`bench: ${(error as Error).message}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
