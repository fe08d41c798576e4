import { cpus, loadavg } from 'node:os';
import { helpText, parseFlags, UsageError, wholeNumber, type Flags } from '../../demo/dist/options';
import { measureHandOver } from './locks/hand-over';
import { measureExpiry } from './locks/mass-expiry';
import { measureMemory } from './locks/memory';
import { measureQueueLengths } from './locks/queue-length';
import { measureReaders } from './locks/readers';
import {
  showExpiry,
  showHandOver,
  showMemory,
  showQueueLengths,
  showReaders,
} from './locks/tables';

const FLAGS: Flags = {
  parts: {
    type: 'string',
    value: 'LIST',
    help: 'hand-over, queue, readers, expiry, memory',
    fallback: 'hand-over,queue,readers,expiry,memory',
  },
  clients: { type: 'string', value: 'N', help: 'of the hand-over', fallback: '64' },
  rounds: { type: 'string', value: 'N', help: 'turns of each of them', fallback: '20' },
  waiters: { type: 'string', value: 'LIST', help: 'of one lock', fallback: '10,1000,10000' },
  'hand-overs': { type: 'string', value: 'N', help: 'at each length', fallback: '500' },
  readers: { type: 'string', value: 'N', help: 'behind one writer', fallback: '10000' },
  sessions: { type: 'string', value: 'N', help: 'that die at once', fallback: '10000' },
  'locks-each': { type: 'string', value: 'N', help: 'of each of them', fallback: '10' },
  'ttl-ms': { type: 'string', value: 'N', help: 'of each of them', fallback: '20000' },
  count: { type: 'string', value: 'N', help: 'of locks and waiters in memory', fallback: '100000' },
  json: { type: 'boolean', help: 'print nothing but the result, as JSON' },
  help: { type: 'boolean', help: 'print this' },
};

const ABOUT = `What the lock manager costs, on a group of three real replica processes (durable, default settings,
everything on this machine), a new one for every part:

hand-over  clients with a session each, at all three replicas, pass one lock around
queue      a release and the grant behind it with longer and longer queues, at the primary
readers    readers that wait behind a writer, until all of them have been told
expiry     sessions that hold locks fall silent at once; clients of other locks, in a process of
           their own, before and meanwhile
memory     of a lock and of a waiter in the state machine alone, in one process

Clients share the machine with the replicas: times are of all of it, and the load average that is
printed says who else was there. Linux only: it reads /proc.

Exit code: 0 measured, 1 not, 2 a wrong flag.`;

interface Part {
  measure(): Promise<unknown>;
  show(measured: never): string;
}

async function main(args: readonly string[]): Promise<number> {
  const flags = parseFlags(FLAGS, args);
  if (flags['help'] === true) {
    print(helpText('npm run bench:locks -- [flags]', FLAGS, ABOUT));
    return 0;
  }
  const parts = partsOf(flags);
  const json = flags['json'] === true;
  const results: Record<string, unknown> = {};
  for (const name of String(flags['parts']).split(',')) {
    const part = parts[name];
    if (part === undefined) throw new UsageError(`--parts: there is no part ${name}`);
    const measured = await part.measure();
    results[name] = measured;
    if (!json) print(`\n${part.show(measured as never)}${machine()}`);
  }
  if (json) print(`${JSON.stringify(results)}\n`);
  return 0;
}

function partsOf(flags: Readonly<Record<string, unknown>>): Readonly<Record<string, Part>> {
  const number = (name: string, bounds: [number, number]): number =>
    wholeNumber(name, flags[name], bounds);
  const clients = number('clients', [2, 1_000]);
  const rounds = number('rounds', [1, 500]);
  const lengths = String(flags['waiters'])
    .split(',')
    .map((length) => wholeNumber('waiters', length, [1, 15_000]));
  const handOvers = number('hand-overs', [1, 100_000]);
  const readers = number('readers', [1, 15_000]);
  const sessions = number('sessions', [1, 50_000]);
  const locksEach = number('locks-each', [1, 500]);
  const ttlMs = number('ttl-ms', [10_000, 600_000]);
  const count = number('count', [1_000, 500_000]);
  return {
    'hand-over': { measure: () => measureHandOver(clients, rounds), show: showHandOver },
    queue: { measure: () => measureQueueLengths(lengths, handOvers), show: showQueueLengths },
    readers: { measure: () => measureReaders(readers), show: showReaders },
    expiry: { measure: () => measureExpiry({ sessions, locksEach, ttlMs }), show: showExpiry },
    memory: { measure: () => measureMemory(count), show: showMemory },
  };
}

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
