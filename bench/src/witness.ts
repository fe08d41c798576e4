import { helpText, parseFlags, UsageError, wholeNumber, type Flags } from '../../demo/dist/options';
import { measureCores, type CoreCosts } from './witness/cores';
import { measureNormal, measureStandIn, type Part, type ProcessCosts } from './witness/processes';

const FLAGS: Flags = {
  seconds: { type: 'string', value: 'N', help: 'of load in each part', fallback: '25' },
  connections: { type: 'string', value: 'N', help: 'of the load', fallback: '8' },
  concurrency: { type: 'string', value: 'N', help: 'writes under way at a time', fallback: '64' },
  cores: { type: 'boolean', help: 'measure the core alone, in this process' },
  requests: { type: 'string', value: 'N', help: 'of a part, with --cores', fallback: '100000' },
  json: { type: 'boolean', help: 'print nothing but the result, as JSON' },
  help: { type: 'boolean', help: 'print this' },
};

const ABOUT = `What a witness costs beside the replicas that hold the state. Two groups of two actives and a
witness, three real processes each (npm start -- --witnesses 1, durable), make files over the client
channel: in one both actives run, in the other one active is stopped (SIGSTOP) and the witness
stands in, from before the warm-up. Of each replica, over the measured seconds: CPU time, the most memory resident at once,
and what is in its folder at the end. Linux only: it reads /proc.

With --cores instead: three cores in one process, messages encoded and decoded as on the wire,
disks that only count; per request: time in the core and its codec by the clock (more than their
CPU time when the machine is busy), bytes sent, received and written, and what is held at the end.

Exit code: 0 measured, 1 not, 2 a wrong flag.`;

async function main(args: readonly string[]): Promise<number> {
  const flags = parseFlags(FLAGS, args);
  if (flags['help'] === true) {
    print(helpText('npm run bench:witness -- [flags]', FLAGS, ABOUT));
    return 0;
  }
  const json = flags['json'] === true;
  const concurrency = wholeNumber('concurrency', flags['concurrency'], [1, 10_000]);
  if (flags['cores'] === true) {
    const rows = measureCores(
      wholeNumber('requests', flags['requests'], [1, 10_000_000]),
      concurrency,
    );
    print(json ? `${JSON.stringify(rows)}\n` : coresTable(rows));
    return 0;
  }
  const seconds = wholeNumber('seconds', flags['seconds'], [1, 600]);
  const connections = wholeNumber('connections', flags['connections'], [1, 1_000]);
  const load = { seconds, connections, concurrency };
  const normal = await measureNormal(load);
  const active = normal.replicas.find(({ role }) => role === 'backup')!;
  if (!json) print(partTable(normal, active));
  const standIn = await measureStandIn(load);
  print(json ? `${JSON.stringify([normal, standIn])}\n` : partTable(standIn, active));
  return 0;
}

/** Ratios are to the active backup while all is well: what a third active in the witness's place would use. */
function partTable({ name, writes, writesPerSecond, ...part }: Part, active: ProcessCosts): string {
  const rows = part.replicas.map((costs) =>
    [
      costs.replica.padEnd(9),
      costs.role.padEnd(7),
      costs.cpuSeconds.toFixed(2).padStart(7),
      costs.cpuMicrosPerWrite.toFixed(1).padStart(9),
      percent(costs.cpuMicrosPerWrite / active.cpuMicrosPerWrite),
      megabytes(costs.peakRssBytes).padStart(9),
      percent(costs.peakRssBytes / active.peakRssBytes),
      megabytes(costs.folderBytes).padStart(9),
      percent(costs.folderBytes / active.folderBytes),
    ].join(' '),
  );
  const about = `${writes} writes, ${writesPerSecond.toFixed(0)} a second; the witness was enlisted ${part.enlistments} times`;
  return `\n${name}: ${about}\n${HEADING}\n${rows.join('\n')}\n`;
}

const HEADING = `                    CPU s  µs/write       %   peak MB       % folder MB       %
                              (% of the active backup while both actives run)`;

function coresTable(rows: readonly CoreCosts[]): string {
  let part = '';
  const lines = rows.map((row) => {
    const title = row.part === part ? '' : `\n${row.part}\n`;
    part = row.part;
    const per = (value: number): string => value.toFixed(2).padStart(9);
    return (
      `${title}  replica ${row.replica} ${row.role.padEnd(8)}${per(row.micros)} µs` +
      `${per(row.bytesOut)} B out${per(row.bytesIn)} B in${per(row.bytesWritten)} B written` +
      `  ${row.messagesTaken} messages  holds ${row.entriesHeld} entries`
    );
  });
  return `per request\n${lines.join('\n')}\n`;
}

const percent = (ratio: number): string => `${(100 * ratio).toFixed(1)}%`.padStart(7);
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
const print = (text: string): boolean => process.stdout.write(text);

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`bench: ${(error as Error).message}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
