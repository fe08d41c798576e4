import { cpus, loadavg } from 'node:os';
import type { ByteString } from '@lockstep/vr-core';
import { helpText, parseFlags, UsageError, wholeNumber, type Flags } from '../../demo/dist/options';
import { takeCheckpoint, type Checkpoint } from './files-size/checkpoint';
import { importTree, type Imported } from './files-size/import-tree';
import { grownEach, memoryUsed, type Memory } from './files-size/memory';
import { walkTree, type RealEntry } from './files-size/real-tree';
import { PLAIN, PLAIN_DIRECTORY, Volume } from './files-size/volume';

const FLAGS: Flags = {
  tree: { type: 'string', value: 'PATH', help: 'read and imported', fallback: '/usr' },
  entries: { type: 'string', value: 'N', help: 'at least', fallback: '500000' },
  creates: { type: 'string', value: 'N', help: 'between checkpoints', fallback: '10000' },
  json: { type: 'boolean', help: 'print nothing but the result, as JSON' },
  help: { type: 'boolean', help: 'print this' },
};

const ABOUT = `What a tree of files costs in the memory of a replica: the names, types, modes, sizes and links of a
real tree are imported through the state machine, each entry as an operation of its own (and one
more that sets the size), in one process, without log, disk and sockets. A tree that has fewer
entries than asked for is imported several times, under /1, /2 and so on. A file of several names
is imported as several files.

Then come the first checkpoint, one after creates that lie together in a new directory, and one
after creates each in a directory anywhere in the tree.

The tree is only read, and only the file system that its path is on.

Exit code: 0 measured, 1 not, 2 a wrong flag.`;

/** Steps through the directories so that neighbours in time are strangers in the tree. */
const STRIDE = 7_919;

interface Measured extends Imported {
  readonly tree: string;
  readonly treeEntries: number;
  readonly directories: number;
  readonly symlinks: number;
  readonly nameBytes: number;
  /** Of an inode with its name, target and all else, before the first checkpoint and after it. */
  readonly each: Memory;
  readonly eachHashed: Memory;
  readonly first: Checkpoint;
  readonly together: Checkpoint;
  readonly scattered: Checkpoint;
}

function measure(tree: string, wanted: number, creates: number): Measured {
  const entries = walkTree(tree, wanted);
  if (entries.length === 0) throw new Error(`${tree} has nothing in it that can be read`);
  const volume = new Volume();
  const before = memoryUsed();
  const imported = importTree(volume, entries, wanted);
  const each = grownEach(before, memoryUsed(), imported.entries);
  const first = takeCheckpoint(volume);
  const eachHashed = grownEach(before, memoryUsed(), imported.entries);
  return {
    ...imported,
    ...shapeOf(entries),
    tree,
    treeEntries: entries.length,
    each,
    eachHashed,
    first,
    together: createTogether(volume, creates),
    scattered: createScattered(volume, entries, creates),
  };
}

function shapeOf(entries: readonly RealEntry[]) {
  const nameBytes = entries.reduce(
    (sum, { path }) => sum + path.length - path.lastIndexOf('/') - 1,
    0,
  );
  const count = (type: string): number => entries.filter((entry) => entry.type === type).length;
  return {
    directories: count('dir'),
    symlinks: count('symlink'),
    nameBytes: nameBytes / entries.length,
  };
}

function createTogether(volume: Volume, creates: number): Checkpoint {
  volume.run({ kind: 'mkdir', path: '/together' as ByteString, mode: 0o755, ...PLAIN_DIRECTORY });
  for (let n = 0; n < creates; n += 1) create(volume, '/together', n);
  return takeCheckpoint(volume);
}

function createScattered(
  volume: Volume,
  entries: readonly RealEntry[],
  creates: number,
): Checkpoint {
  const directories = entries.filter(({ type }) => type === 'dir').map(({ path }) => `/1${path}`);
  directories.push('/1');
  for (let n = 0; n < creates; n += 1)
    create(volume, directories[(n * STRIDE) % directories.length]!, n);
  return takeCheckpoint(volume);
}

function create(volume: Volume, directory: string, n: number): void {
  const path = `${directory}/another-file-${n}` as ByteString;
  volume.run({ kind: 'create', path, mode: 0o644, exclusive: true, ...PLAIN });
}

function show(measured: Measured, creates: number): string {
  const { entries, ms, copies, tree, treeEntries, directories, symlinks, nameBytes } = measured;
  const times = copies === 1 ? 'once' : `${copies} times, the last perhaps in part`;
  const loads = loadavg().map((load) => load.toFixed(1));
  return `${entries} entries: ${tree} imported ${times}; it has ${treeEntries}, of them ${directories} directories and ${symlinks} symbolic links
names have ${nameBytes.toFixed(1)} bytes on average
imported in ${(ms / 1_000).toFixed(1)} s, ${((entries / ms) * 1_000).toFixed(0)} entries/s

bytes of memory an inode          all    heap buffers     RSS
after the import          ${memoryRow(measured.each)}
after the first checkpoint${memoryRow(measured.eachHashed)}

checkpoint                              pages      MiB  freeze ms  encode ms  of it hash  worst of 64 pages
the first                       ${checkpointRow(measured.first)}
after ${String(creates).padEnd(6)} creates together    ${checkpointRow(measured.together)}
after ${String(creates).padEnd(6)} creates anywhere    ${checkpointRow(measured.scattered)}
(${cpus().length} cores, load average ${loads.join(', ')})
`;
}

const memoryRow = ({ heap, external, rss }: Memory): string =>
  [heap + external, heap, external, rss].map((bytes) => bytes.toFixed(0).padStart(8)).join('');

function checkpointRow(checkpoint: Checkpoint): string {
  const { pages, bytes, freezeMs, encodeMs, hashMs, worstMs } = checkpoint;
  const mib = (bytes / 2 ** 20).toFixed(2).padStart(9);
  const times = [freezeMs, encodeMs, hashMs].map((ms) => ms.toFixed(1).padStart(11)).join('');
  return `${String(pages).padStart(13)}${mib}${times}${worstMs.toFixed(1).padStart(19)}`;
}

function main(args: readonly string[]): number {
  const flags = parseFlags(FLAGS, args);
  if (flags['help'] === true) {
    process.stdout.write(helpText('npm run bench:files-size -- [flags]', FLAGS, ABOUT));
    return 0;
  }
  const wanted = wholeNumber('entries', flags['entries'], [1_000, 10_000_000]);
  const creates = wholeNumber('creates', flags['creates'], [1, 1_000_000]);
  const measured = measure(String(flags['tree']), wanted, creates);
  const json = flags['json'] === true;
  process.stdout.write(json ? `${JSON.stringify(measured)}\n` : show(measured, creates));
  return 0;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`bench: ${(error as Error).message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
