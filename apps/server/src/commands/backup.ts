import { createReadStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { Option, type Command } from 'commander';
import { toHex } from '@lockstep/vr-core';
import { appendPart, cutTo, findBackup } from '../backup/continue-backup';
import { DamagedBackup } from '../backup/damaged-backup';
import { writeChecked, type Progress } from '../backup/fetch-backup';
import { loadState, NoSuchOp, type LoadedState } from '../backup/load-state';
import { ConfigError } from '../config/replica-config';
import { lockstepServices } from '../services';
import { addDoorOptions, AdminDoor, type DoorFlags } from './admin-door';
import { BackupSources } from './backup-sources';
import { Refused } from './exit-codes';
import { readOp } from './numbers';
import { outputOption, tell, writeResult, type OutputFormat } from './output';

interface Flags extends Partial<DoorFlags> {
  readonly to?: string;
  readonly continue?: string;
  readonly verify?: string;
  readonly op?: string;
  readonly atOp?: string;
  readonly replica?: string;
  readonly output: OutputFormat;
}

const HELP = `
The backup is consistent at one op: everything that was acknowledged before the command was started is in it. It is taken
from a backup of the group, so that the primary is spared, while the group works on. The group's secret is not in it.

Examples
  lockstep backup --url http://127.0.0.1:7400 --to group.backup      a new file
  lockstep backup --url http://127.0.0.1:7400 --continue group.backup
                                                                     adds what has happened since: any op in
                                                                     the file can be restored (restore --at-op)
  lockstep backup --verify group.backup                              reads and rebuilds all of it`;

/** `lockstep backup`: the state of a running group as a file. */
export function addBackup(lockstep: Command): void {
  addDoorOptions(
    lockstep
      .command('backup')
      .description('takes a backup of a running group, continues one, or verifies one'),
  )
    .option('--to <file>', 'the file to make')
    .option('--continue <file>', 'a backup to which the log since is added, while it is kept')
    .option('--verify <file>', 'a backup to read and to rebuild, without a group')
    .option('--op <number>', 'the last op in it (default: the newest)')
    .option('--at-op <number>', 'with --verify: show the digests at that op (default: the last)')
    .addOption(new Option('--replica <id>', 'ask this replica alone; its id, or: primary'))
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((flags: Flags) => run(flags));
}

async function run(flags: Flags): Promise<void> {
  const wanted = [flags.to, flags.continue, flags.verify].filter((one) => one !== undefined);
  if (wanted.length !== 1)
    throw new ConfigError('backup', 'give one of --to FILE, --continue FILE and --verify FILE');
  try {
    await carryOut(flags);
  } catch (fault) {
    if (fault instanceof NoSuchOp) throw new ConfigError('--at-op', fault.message);
    if (fault instanceof DamagedBackup) throw new Refused(`${wanted[0] ?? ''}: ${fault.message}`);
    throw fault;
  }
}

async function carryOut(flags: Flags): Promise<void> {
  if (flags.verify !== undefined) return verify(flags.verify, flags);
  const sources = new BackupSources(await AdminDoor.open(flags), flags.replica);
  if (flags.to !== undefined) return take(flags.to, sources, flags);
  if (flags.continue !== undefined) return goOn(flags.continue, sources, flags);
}

async function take(path: string, sources: BackupSources, flags: Flags): Promise<void> {
  if (existsSync(path)) throw new Refused(`${path} is there already: give another name`);
  const op = readOp('--op', flags.op);
  const partial = `${path}.partial`;
  const meter = new Meter();
  const done = await sources.first(op === undefined ? '' : `?op=${op}`, async (chunks) => {
    // What a broken download has left is of no use: it cannot be continued.
    await rm(partial, { force: true });
    return writeChecked(partial, chunks, (progress) => {
      meter.show(progress);
    });
  });
  await rename(partial, path);
  report(path, done, flags.output);
}

function report(path: string, { header, through, bytes, pages }: Progress, format: OutputFormat) {
  const from = header?.after.opNumber ?? 0;
  const op = through?.opNumber ?? 0;
  writeResult(
    format,
    [
      `${path}: ${bytes} bytes, ${pages} pages, the states from op ${from} to op ${op}`,
      `of group ${header?.groupId ?? ''}, generation ${header?.generation ?? 0}, from replica ${header?.replica ?? ''}`,
    ],
    { file: path, bytes, pages, from, through: op, ...groupOf(header) },
  );
}

async function goOn(path: string, sources: BackupSources, flags: Flags): Promise<void> {
  const found = await findBackup(path);
  if (found.isCut) {
    tell(
      `${basename(path)} was cut off behind op ${found.through.opNumber}: it goes on from there`,
    );
    await cutTo(path, found.bytes);
  }
  const { opNumber: after, hash } = found.through;
  const op = readOp('--op', flags.op);
  const query = `?after=${after}&afterHash=${toHex(hash)}${op === undefined ? '' : `&op=${op}`}`;
  await sources.first(query, (chunks) => appendPart(path, chunks));
  const now = await findBackup(path);
  const through = now.through.opNumber;
  writeResult(
    flags.output,
    [
      `${path}: ${through - after} ops more, ${now.bytes} bytes, the states from op ${now.from} to op ${through}`,
    ],
    { file: path, bytes: now.bytes, from: now.from, through, added: through - after },
  );
}

async function verify(path: string, flags: Flags): Promise<void> {
  const atOp = readOp('--at-op', flags.atOp);
  const loaded = await loadState(createReadStream(path), atOp);
  const { header, from, through, place } = loaded;
  const digests = digestsOf(loaded);
  writeResult(
    flags.output,
    [
      `${path}: whole, and a state was made of it`,
      `group ${header.groupId}, generation ${header.generation}, epoch ${header.epoch.configuration.epochNumber}, mode ${header.mode}`,
      `taken ${header.takenAt} from replica ${header.replica}, version ${header.version}`,
      `the states from op ${from} to op ${through}; digests at op ${place.opNumber}:`,
      ...Object.entries(digests).map(([name, digest]) => `  ${name.padEnd(8)} ${digest}`),
    ],
    {
      file: path,
      from,
      through,
      ...groupOf(header),
      takenAt: header.takenAt,
      op: place.opNumber,
      digests,
    },
  );
}

/** As `GET /v1/fs/{volume}/digest` and the others show them. */
export function digestsOf({ execution }: Pick<LoadedState, 'execution'>): Record<string, string> {
  const services = lockstepServices().map(({ name }) => name);
  return Object.fromEntries(services.map((name) => [name, toHex(execution.digest(name))]));
}

const groupOf = (header: Progress['header']) => ({
  groupId: header?.groupId,
  generation: header?.generation,
  epoch: header?.epoch.configuration.epochNumber,
  replica: header?.replica,
});

const SHOW_EVERY_MS = 5_000;

/** Says how far it is, on standard error, now and then. */
class Meter {
  private shownAtMs = performance.now();

  show({ bytes, pages, through }: Progress): void {
    const nowMs = performance.now();
    if (nowMs - this.shownAtMs < SHOW_EVERY_MS) return;
    this.shownAtMs = nowMs;
    const log = through === undefined ? '' : `, op ${through.opNumber}`;
    tell(`${Math.round(bytes / (1 << 20))} MiB, ${pages} pages${log}`);
  }
}
