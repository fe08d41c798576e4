import { randomBytes } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { GENERATION_MAX } from '@lockstep/vr-core';
import { DamagedBackup } from '../backup/damaged-backup';
import { loadState, NoSuchOp, type LoadedState } from '../backup/load-state';
import { SECRET_BYTES } from '../config/group-secret';
import { GROUP_SIZE_MAX, mayHaveWitnesses } from '../config/group-size';
import { ConfigError } from '../config/replica-config';
import { lockGroup } from '../group-folder/group-lock';
import type { NewGroup } from '../group-folder/init-group';
import { makeFolder } from '../group-folder/make-folder';
import { DEFAULT_HOST, DEFAULT_PORT, DEFAULT_REPLICAS } from '../group-folder/open-group';
import { reasonOf } from '../storage/fault';
import { digestsOf } from './backup';
import { Refused } from './exit-codes';
import { readCount, readOp } from './numbers';
import { outputOption, tell, writeResult, type OutputFormat } from './output';

interface Flags {
  readonly from: string;
  readonly to: string;
  readonly atOp?: string;
  readonly replicas: string;
  readonly witnesses: string;
  readonly host: string;
  readonly basePort: string;
  readonly mode?: 'durable' | 'replicated';
  readonly generation?: string;
  readonly output: OutputFormat;
}

const HELP = `
The new group is another one, with an id and a secret of its own: it never speaks with replicas of the old one. Its
generation is higher by one, and with it every fence that it gives out. All sessions have ended, their locks are free,
their ephemeral names are gone. Requests that were named by an Idempotency-Key are still known, so that a retry is not
executed again. If the group was restored before from an earlier backup, and clients have seen its fences, give a
--generation above that one's.

Examples
  lockstep restore --from group.backup --to .lockstep
  lockstep restore --from group.backup --to .lockstep --at-op 4711      as it was after op 4711
  npm start -- --data .lockstep                                         starts it, on one machine
  lockstep serve --data .lockstep/replica-0                             starts one replica of it`;

/** `lockstep restore`: a new group from a backup. */
export function addRestore(lockstep: Command): void {
  lockstep
    .command('restore')
    .description('makes the folders of a new group from a backup')
    .requiredOption('--from <file>', 'the backup')
    .requiredOption('--to <dir>', 'an empty or new folder for the replicas')
    .option('--at-op <number>', 'the state after this op (default: the last in the file)')
    .option('--replicas <number>', 'how many: 1, or 3 to 9', String(DEFAULT_REPLICAS))
    .option('--witnesses <number>', 'how many of them hold no state', '0')
    .option('--host <address>', 'where they listen', DEFAULT_HOST)
    .option(
      '--base-port <number>',
      'where the first listens; each has the next port',
      String(DEFAULT_PORT),
    )
    .addOption(
      new Option('--mode <mode>', 'as the old group by default').choices(['durable', 'replicated']),
    )
    .option('--generation <number>', "higher than the backup's (default: by one)")
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((flags: Flags) => run(flags));
}

async function run(flags: Flags): Promise<void> {
  const folder = resolve(flags.to);
  const atOp = readOp('--at-op', flags.atOp);
  const group = readGroupFlags(flags, folder);
  await expectEmpty(folder);
  const loaded = await load(flags.from, atOp);
  const generation = generationOf(flags, loaded);
  const digests = digestsOf(loaded);
  await makeFolder(folder);
  const { makeGroupFolders } = await import('../backup/new-group-folders.js');
  const lock = lockGroup(folder);
  try {
    const replicas = await makeGroupFolders({
      group: { ...group, mode: flags.mode ?? loaded.header.mode },
      groupId: randomBytes(8).toString('hex'),
      secret: randomBytes(SECRET_BYTES).toString('hex'),
      generation,
      execution: loaded.execution,
      after: loaded.place,
      epochNumber: loaded.epoch.configuration.epochNumber,
      origin: {
        kind: 'restored',
        groupId: loaded.header.groupId,
        generation: loaded.header.generation,
        op: loaded.place.opNumber,
        at: new Date().toISOString(),
        source: basename(flags.from).slice(0, 200),
      },
    });
    const op = loaded.place.opNumber;
    const groupId = replicas[0]?.groupId ?? '';
    writeResult(
      flags.output,
      [
        `${folder}: group ${groupId}, generation ${generation}, ${replicas.length} replicas`,
        `with the state of group ${loaded.header.groupId}, generation ${loaded.header.generation}, after op ${op}`,
        `start it: npm start -- --data ${folder}, or lockstep serve --data ${folder}/replica-0 and the others`,
      ],
      {
        folder,
        groupId,
        generation,
        op,
        digests,
        replicas: replicas.map(({ nodeId, url }) => ({ id: nodeId, url })),
      },
    );
  } finally {
    lock.release();
  }
}

async function load(path: string, atOp: number | undefined): Promise<LoadedState> {
  if (!existsSync(path)) throw new ConfigError('--from', `there is no file ${path}`);
  tell(`reads ${path}`);
  try {
    return await loadState(createReadStream(path), atOp);
  } catch (fault) {
    if (fault instanceof DamagedBackup) throw new Refused(`${path}: ${fault.message}`);
    if (fault instanceof NoSuchOp) throw new ConfigError('--at-op', fault.message);
    throw fault;
  }
}

function generationOf(flags: Flags, { header }: LoadedState): number {
  const next = header.generation + 1;
  if (flags.generation === undefined) return next;
  return readCount('--generation', flags.generation, next, GENERATION_MAX);
}

function readGroupFlags(flags: Flags, folder: string): Omit<NewGroup, 'mode'> {
  const replicas = readCount('--replicas', flags.replicas, 1, GROUP_SIZE_MAX);
  const witnesses = readCount('--witnesses', flags.witnesses, 0, replicas);
  if (replicas === 2 || !mayHaveWitnesses(replicas, witnesses))
    throw new ConfigError(
      '--replicas',
      `${replicas} with ${witnesses} witnesses is no group: 1 or 3 to 9, witnesses none or (n - 1) / 2 of an odd n`,
    );
  const basePort = readCount('--base-port', flags.basePort, 1, 65_535 - replicas);
  return { folder, replicas, witnesses, host: flags.host, basePort };
}

/** Nothing is ever written over: the folder may be the only copy of something. */
export async function expectEmpty(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const names = await readdir(folder).catch((fault: unknown) => {
    throw new ConfigError('--to', reasonOf(fault));
  });
  if (names.length > 0)
    throw new Refused(`${folder} is not empty: give a new folder, as --to ${folder}-restored`);
}
