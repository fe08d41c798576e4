import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { helpText, parseFlags, UsageError, wholeNumber, type Flags } from '../options';
import { Terminal } from '../terminal';
import { folderOf } from './commands';
import { joinWithEmptyDisk, megabytes, type EmptyDisk } from './empty-disk';
import { missOperations, type MissedOperations } from './missed-operations';
import { replaceMembers, type ReplacedMembers } from './replaced-members';

const SHOWS = ['replace', 'empty', 'missed'] as const;
type Show = (typeof SHOWS)[number];

const FLAGS: Flags = {
  only: { type: 'string', value: 'SHOW', help: `one of ${SHOWS.join(', ')} (default: all)` },
  clients: { type: 'string', value: 'N', help: 'clients that write, 1 to 200', fallback: '8' },
  inodes: {
    type: 'string',
    value: 'N',
    help: 'that the group holds when an empty disk joins',
    fallback: '1000000',
  },
  missed: {
    type: 'string',
    value: 'N',
    help: 'operations that a replica misses',
    fallback: '10000',
  },
  json: { type: 'boolean', help: 'print nothing but the result, as JSON' },
  help: { type: 'boolean', help: 'print this' },
};

const ABOUT = `Shows how a group changes while it works, on real processes:
  replace  3 replicas become 5, and then 3 others: every member is replaced while clients write
  empty    a replica with an empty disk joins a group that holds a million inodes
  missed   a replica that missed 10,000 operations has them again

Exit code: 0 nothing was lost, 1 something was or the run broke off, 2 a wrong flag.`;

interface Result {
  replace?: ReplacedMembers;
  empty?: EmptyDisk;
  missed?: MissedOperations;
}

async function main(args: readonly string[]): Promise<number> {
  const flags = parseFlags(FLAGS, args);
  if (flags['help'] === true) {
    process.stdout.write(helpText('npm run membership -- [flags]', FLAGS, ABOUT));
    return 0;
  }
  const clients = wholeNumber('clients', flags['clients'], [1, 200]);
  const inodes = wholeNumber('inodes', flags['inodes'], [1_000, 10_000_000]);
  const missed = wholeNumber('missed', flags['missed'], [1, 10_000_000]);
  const json = flags['json'] === true;
  const terminal = new Terminal(json);
  const wanted = showsOf(flags['only']);
  const result: Result = {};
  for (const show of wanted) {
    await inFolder(async (folder) => {
      if (show === 'replace') result.replace = await replaceMembers(folder, clients, terminal);
      if (show === 'empty')
        result.empty = await joinWithEmptyDisk(folder, { inodes, clients }, terminal);
      if (show === 'missed') result.missed = await missOperations(folder, missed, terminal);
    });
  }
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : describe(result));
  return isGood(result) ? 0 : 1;
}

function showsOf(only: unknown): readonly Show[] {
  if (only === undefined) return SHOWS;
  const show = SHOWS.find((each) => each === only);
  if (show === undefined) throw new UsageError(`--only must be one of ${SHOWS.join(', ')}`);
  return [show];
}

/** The folder is kept when the show breaks off: it holds the logs of the replicas. */
async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-membership-'));
  try {
    await work(folderOf(folder));
  } catch (error) {
    throw new Error(`${(error as Error).message}\n(the data is in ${folder})`, { cause: error });
  }
  await rm(folder, { recursive: true, force: true });
}

function isGood({ replace, empty }: Result): boolean {
  const isWhole = replace === undefined || (replace.replicasAreEqual && replace.doubled === 0);
  return [replace, empty].every(
    (show) => show === undefined || (isWhole && show.lost === 0 && show.faults.length === 0),
  );
}

function describe({ replace, empty, missed }: Result): string {
  const lines: string[] = [];
  if (replace !== undefined)
    lines.push(
      `replaced      3 -> 5 -> 3, every member another: ${replace.acknowledged} acknowledged, ${replace.lost} lost, ${replace.doubled} doubled`,
      `              longest pause ${replace.longestPauseMs} ms; at rest ${replace.pauseAtRestMs} ms; replicas ${replace.replicasAreEqual ? 'equal' : 'NOT equal'}`,
    );
  if (empty !== undefined)
    lines.push(
      `empty disk    ${empty.inodes} inodes in ${empty.seconds} s and ${megabytes(empty.bytes)} MB; a member ${empty.becameMemberSeconds} s later`,
      `              clients' p99 ${empty.p99BeforeMs} ms before, ${empty.p99MeanwhileMs} ms meanwhile; ${empty.lost} lost`,
    );
  if (missed !== undefined)
    lines.push(
      `missed        ${missed.operations} operations in ${missed.seconds} s and ${megabytes(missed.bytes)} MB (${missed.bytesPerOperation} bytes each)`,
    );
  const faults = [...(replace?.faults ?? []), ...(empty?.faults ?? [])];
  return `\n${[...lines, ...faults].join('\n')}\n`;
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`membership: ${(error as Error).message}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
