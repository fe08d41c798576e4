import { randomBytes } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { GENERATION_MAX } from '@lockstep/vr-core';
import { DamagedBackup } from '../backup/damaged-backup';
import { loadState, NoSuchOp, type LoadedState } from '../backup/load-state';
import { SECRET_BYTES } from '../config/group-secret';
import { ConfigError } from '../config/replica-config';
import { lockGroup } from '../group-folder/group-lock';
import { makeFolder } from '../group-folder/make-folder';
import { reasonOf } from '../storage/fault';
import { digestsOf } from './backup';
import { Refused } from './exit-codes';
import { readCount, readOp } from './numbers';
import { addPlaceFlags, readPlaces, type PlaceFlags } from './place-flags';
import { outputOption, tell, writeResult, type OutputFormat } from './output';

interface Flags extends PlaceFlags {
  readonly from: string;
  readonly to: string;
  readonly atOp?: string;
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
  const command = lockstep
    .command('restore')
    .description('makes the folders of a new group from a backup')
    .requiredOption('--from <file>', 'the backup')
    .requiredOption('--to <dir>', 'an empty or new folder for the replicas')
    .option('--at-op <number>', 'the state after this op (default: the last in the file)');
  addPlaceFlags(command)
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
  const places = readPlaces(flags);
  await expectEmpty(folder);
  const loaded = await load(flags.from, atOp);
  const generation = generationOf(flags, loaded);
  const digests = digestsOf(loaded);
  await makeFolder(folder);
  const { makeGroupFolders } = await import('../backup/new-group-folders.js');
  const lock = lockGroup(folder);
  try {
    const replicas = await makeGroupFolders({
      folder,
      places,
      mode: flags.mode ?? loaded.header.mode,
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

/** Nothing is ever written over: the folder may be the only copy of something. */
export async function expectEmpty(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const names = await readdir(folder).catch((fault: unknown) => {
    throw new ConfigError('--to', reasonOf(fault));
  });
  if (names.length > 0)
    throw new Refused(`${folder} is not empty: give a new folder, as --to ${folder}-restored`);
}
