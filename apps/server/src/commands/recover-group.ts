import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { quorumOf, type EpochNumber } from '@lockstep/vr-core';
import type { Survivor } from '../backup/survivor';
import { byWorth, makeState, readable, type SurvivingState } from '../backup/surviving-state';
import { ConfigError } from '../config/replica-config';
import { SECRET_FILE } from '../config/secret-file';
import { lockGroup } from '../group-folder/group-lock';
import { makeFolder } from '../group-folder/make-folder';
import { numberOfFolder } from '../group-folder/group';
import { writeWhole } from '../group-folder/write-whole';
import { isThere } from '../storage/folder';
import { SUPERSEDED } from '../storage/storage-options';
import { IDENTITY_FILE } from '../config/identity-file';
import { Refused } from './exit-codes';
import { outputOption, tell, writeResult, type OutputFormat } from './output';
import { addPlaceFlags, readPlaces, type PlaceFlags } from './place-flags';
import { expectEmpty } from './restore';

interface Flags extends PlaceFlags {
  readonly data: readonly string[];
  readonly to?: string;
  readonly acceptLoss?: boolean;
  readonly output: OutputFormat;
}

const HELP = `
For a group that has lost its quorum for good: more than f disks are gone, or, in mode replicated, a majority of replicas
was not stopped cleanly. While a quorum of disks is whole, nothing is lost: start the group instead, and let a replica that
lost its disk come back by lockstep serve --recover.

First without --accept-loss: it says what each folder has, which is the best, and what may be lost, and changes nothing.
Then with --accept-loss and --to: the folders of the same group, one generation later, with the state of the best. All
sessions end. The old folders are left as they are, and marked, so that they never start again. Replicas that are missing
must never be started again either: delete their disks.

Examples
  lockstep recover-group --data /mnt/a/replica-0 /mnt/b/replica-2
  lockstep recover-group --data .lockstep --to .lockstep-2 --accept-loss`;

/** `lockstep recover-group`: a group that has lost its quorum, from what is left of it. (decision 16) */
export function addRecoverGroup(lockstep: Command): void {
  const command = lockstep
    .command('recover-group')
    .description('makes a group again that has lost its quorum for good, and says what may be lost')
    .requiredOption(
      '--data <dirs...>',
      'every folder that is left: of replicas, or with replica-N in it',
    )
    .option('--to <dir>', 'an empty or new folder for the replicas')
    .option('--accept-loss', 'go on: what only the missing replicas had is lost');
  addPlaceFlags(command)
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((flags: Flags) => run(flags));
}

async function run(flags: Flags): Promise<void> {
  // SQLite and all above it: no other command waits for it to be loaded.
  const { readSurvivor } = await import('../backup/survivor.js');
  const folders = (await Promise.all(flags.data.map((one) => replicasIn(resolve(one))))).flat();
  const locks = [...new Set(folders.map((folder) => dirname(folder)))].map(lockGroup);
  const survivors: Survivor[] = [];
  try {
    for (const folder of folders) survivors.push(await readSurvivor(folder));
    await recover(survivors, flags);
  } finally {
    for (const { log } of survivors) await log?.file.close();
    for (const lock of locks) lock.release();
  }
}

async function replicasIn(folder: string): Promise<readonly string[]> {
  if (await isThere(join(folder, IDENTITY_FILE))) return [folder];
  const names = await readdir(folder).catch(() => []);
  const found = names.filter((name) => numberOfFolder(name) !== undefined).sort();
  if (found.length === 0) throw new ConfigError('--data', `${folder} holds no replica`);
  return found.map((name) => join(folder, name));
}

async function recover(survivors: readonly Survivor[], flags: Flags): Promise<void> {
  expectOneGroup(survivors);
  for (const line of survivors.map(describe)) tell(line);
  expectNoQuorum(survivors);
  const state = await makeState(readable(survivors));
  if (state === undefined)
    throw new Refused('no log of these can be joined to a whole state: restore a backup instead');
  for (const line of lossOf(survivors, state)) tell(line);
  if (flags.acceptLoss !== true)
    throw new Refused(
      'nothing was changed: with --accept-loss and --to DIR the group is made again',
    );
  if (flags.to === undefined) throw new ConfigError('--to', 'give a new folder for the group');
  await make(survivors, state, { ...flags, to: resolve(flags.to) });
}

function expectOneGroup(survivors: readonly Survivor[]): void {
  const seen = new Set<string>();
  for (const { folder, identity } of survivors) {
    const first = survivors[0]?.identity;
    if (identity.groupId !== first?.groupId || identity.generation !== first.generation)
      throw new ConfigError('--data', `${folder} is of another group or generation than the first`);
    if (seen.has(identity.nodeId))
      throw new ConfigError(
        '--data',
        `${folder} is a copy of another of them: give each replica once`,
      );
    seen.add(identity.nodeId);
  }
}

function describe({ folder, identity, promise, log, problem }: Survivor): string {
  const who = `${folder} (${identity.nodeId}): `;
  if (promise === undefined || log === undefined)
    return `${who}nothing to be used: ${problem ?? ''}`;
  const { promised } = promise;
  const lacks = log.mayLackItsEnd ? ', and may lack its end (mode replicated, no clean stop)' : '';
  return (
    `${who}epoch ${promised.epochNumber}, promised view ${promised.viewNumber}, log of view ` +
    `${log.lastNormalView.viewNumber} up to op ${log.head.opNumber}, commit ${log.commitNumber}${lacks}`
  );
}

/** The newest group that any of them knows. */
const newestEpoch = (survivors: readonly Survivor[]) =>
  survivors
    .map(({ promise, identity }) => promise?.promised.epoch ?? identity.epoch)
    .reduce((newest, epoch) =>
      epoch.configuration.epochNumber > newest.configuration.epochNumber ? epoch : newest,
    );

/** While there is one, VR itself loses nothing: this would. */
function expectNoQuorum(survivors: readonly Survivor[]): void {
  const { configuration } = newestEpoch(survivors);
  const whole = readable(survivors).filter(
    ({ log, identity }) =>
      !log.mayLackItsEnd && configuration.members.some(({ nodeId }) => nodeId === identity.nodeId),
  );
  if (whole.length >= quorumOf(configuration))
    throw new Refused(
      `${whole.length} of ${configuration.members.length} replicas are whole: that is a quorum, and nothing is lost. ` +
        'Start them; a replica without its disk comes back by lockstep serve --recover',
    );
}

function lossOf(survivors: readonly Survivor[], { best, place, passedOver }: SurvivingState) {
  const { configuration } = newestEpoch(survivors);
  const here = new Set(survivors.map(({ identity }) => identity.nodeId));
  const missing = configuration.members.filter(({ nodeId }) => !here.has(nodeId));
  const known = Math.max(...readable(survivors).map(({ log }) => log.commitNumber));
  return [
    ...passedOver,
    `the best is ${best.folder}: everything up to op ${place.opNumber} is kept`,
    known > place.opNumber
      ? `LOST FOR CERTAIN: ops ${place.opNumber + 1} to ${known}, which were committed`
      : `ops after ${best.log.commitNumber} may never have been acknowledged; they are kept all the same`,
    `MAY BE LOST: what was acknowledged after op ${place.opNumber}` +
      (missing.length === 0
        ? ''
        : ` with the help of ${missing.map((one) => one.nodeId).join(', ')}`),
  ];
}

async function make(
  survivors: readonly Survivor[],
  { execution, best, place }: SurvivingState,
  flags: Flags & { readonly to: string },
): Promise<void> {
  const places = readPlaces(flags);
  await expectEmpty(flags.to);
  const { groupId, mode } = best.identity;
  const generation = best.identity.generation + 1;
  const secret = (await readFile(join(best.folder, SECRET_FILE), 'utf8')).trim();
  const numbers = byWorth(readable(survivors)).map(
    ({ promise }) => promise?.promised.epochNumber ?? 0,
  );
  const epochNumber = Math.max(
    newestEpoch(survivors).configuration.epochNumber,
    ...numbers,
  ) as EpochNumber;
  await makeFolder(flags.to);
  const { makeGroupFolders } = await import('../backup/new-group-folders.js');
  const replicas = await makeGroupFolders({
    ...{ folder: flags.to, places, mode, groupId, secret, generation, execution, epochNumber },
    after: place,
    origin: {
      kind: 'recovered',
      groupId,
      generation: best.identity.generation,
      op: place.opNumber,
      at: new Date().toISOString(),
      source:
        `what was left of ${survivors.map(({ folder }) => basename(folder)).join(', ')}`.slice(
          0,
          200,
        ),
    },
  });
  for (const { folder } of survivors)
    await writeWhole(
      join(folder, SUPERSEDED),
      `Generation ${generation} of group ${groupId} was made without it, in ${flags.to}.\n`,
    );
  const op = place.opNumber;
  writeResult(
    flags.output,
    [
      `${flags.to}: group ${groupId} again, generation ${generation}, ${replicas.length} replicas, with everything up to op ${op}`,
      `all sessions have ended. Delete the disks of replicas that are missing: they must not come back.`,
      `start it: npm start -- --data ${flags.to}, or lockstep serve --data ${flags.to}/replica-0 and the others`,
    ],
    {
      folder: flags.to,
      groupId,
      generation,
      op,
      best: best.folder,
      replicas: replicas.map(({ nodeId: id, url }) => ({ id, url })),
    },
  );
}
