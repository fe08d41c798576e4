import { access, constants, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { identityJson, IDENTITY_FILE, readIdentity } from '../config/identity-file';
import { urlOf, type Scheme } from '../config/loopback';
import { mayHaveWitnesses } from '../config/group-size';
import { ConfigError, type ReplicaIdentity } from '../config/replica-config';
import { roleAtFirst } from '../config/replica-role';
import type { DurabilityMode } from '../storage/replica-storage';
import { reasonOf } from '../storage/fault';
import { isThere } from '../storage/folder';
import { DEFAULT_HOST, DEFAULT_PORT, DEFAULT_REPLICAS } from './defaults';
import { LEFT_MARK, numberOfFolder, replicaFolder, type Group } from './group';
import { initGroup } from './init-group';
import { writeWhole } from './write-whole';

/** What a start asks for; undefined means as the folder says, or the default for a new group. */
export interface WantedGroup {
  readonly folder: string;
  readonly replicas: number | undefined;
  /** Of the replicas; a new group has none. */
  readonly witnesses: number | undefined;
  readonly host: string | undefined;
  readonly basePort: number | undefined;
  readonly mode: DurabilityMode | undefined;
  /** Undefined: as the folder says, and `http` for a new group. */
  readonly scheme?: Scheme | undefined;
}

/** A group that is known and not yet touched. */
export interface PlannedGroup {
  readonly isNew: boolean;
  readonly size: number;
  readonly host: string;
  readonly basePort: number;
  readonly scheme: Scheme;
  /** Of every replica that will listen. */
  readonly ports: readonly number[];
  /** Makes the group, or writes its new addresses and mode. */
  carryOut(): Promise<Group>;
}

/**
 * The group in a folder, or a new one when there is none. Addresses and mode may change between starts; who belongs
 * to the group may not. Throws `ConfigError`, and changes nothing.
 */
export async function planGroup(wanted: WantedGroup): Promise<PlannedGroup> {
  await expectWritable(wanted.folder);
  const found = await readGroup(wanted.folder);
  const [first] = found;
  if (first === undefined) return planNew(wanted);
  if (wanted.replicas !== undefined && wanted.replicas !== found.length)
    throw new ConfigError(
      '--replicas',
      `${wanted.folder} holds a group of ${found.length}, not ${wanted.replicas}: leave the flag out, or give another --data for a new group`,
    );
  expectWitnessesAsMade(wanted, found);
  const replicas = readdress(wanted, found);
  const urls = replicas.map(({ url }) => new URL(url));
  return {
    isNew: false,
    size: found.length,
    host: hostOf(replicas[0]?.url ?? ''),
    basePort: Number(urls[0]?.port) - first.replicaNumber,
    scheme: schemeIn(replicas[0]?.url ?? ''),
    ports: urls.map(({ port }) => Number(port)),
    carryOut: async () => {
      await writeChanges(wanted.folder, found, replicas);
      return { folder: wanted.folder, replicas };
    },
  };
}

function planNew(wanted: WantedGroup): PlannedGroup {
  const fresh = withDefaults(wanted);
  const { replicas: size, witnesses, host, basePort, scheme } = fresh;
  if (!mayHaveWitnesses(size, witnesses))
    throw new ConfigError('--witnesses', wrongWitnesses(size, witnesses));
  const ports = Array.from({ length: size }, (_, number) => basePort + number);
  return { isNew: true, size, host, basePort, scheme, ports, carryOut: () => initGroup(fresh) };
}

function wrongWitnesses(size: number, witnesses: number): string {
  if (size % 2 === 0) return `of ${size} replicas none may be witnesses: take an odd number`;
  const most = (size - 1) / 2;
  return `of ${size} replicas ${most === 0 ? 'none' : `0 or ${most}`} may be witnesses, not ${witnesses}`;
}

/** The flag says how a group is made; roles are changed by `npm run reconfigure`. */
function expectWitnessesAsMade(
  { folder, witnesses }: WantedGroup,
  found: readonly ReplicaIdentity[],
): void {
  const made = found.filter((identity) => roleAtFirst(identity) === 'witness').length;
  if (witnesses !== undefined && witnesses !== made)
    throw new ConfigError(
      '--witnesses',
      `${folder} holds a group that was made with ${made}, not ${witnesses}: leave the flag out, or give another --data for a new group`,
    );
}

/** The replicas in a folder by rising number, without those that have left; none when the group is still to be made. */
export async function readGroup(folder: string): Promise<ReplicaIdentity[]> {
  const found = await readReplicas(folder);
  expectOneGroup(found, folder);
  return found;
}

async function expectWritable(folder: string): Promise<void> {
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (fault) {
    throw new ConfigError('--data', `${folder} cannot be written: ${reasonOf(fault)}`);
  }
}

async function readReplicas(folder: string): Promise<ReplicaIdentity[]> {
  const numbers = await replicaNumbersIn(folder);
  const replicas: ReplicaIdentity[] = [];
  for (const number of numbers) {
    const identity = await readIdentity(replicaFolder(folder, number));
    if (identity.replicaNumber !== number) throw misplaced(folder, number);
    replicas.push(identity);
  }
  // Made last of all: without it the making was interrupted before any replica could start - or it has left since.
  if (numbers.includes(0) || replicas.some(hasJoined)) return replicas;
  await expectUnused(folder, numbers);
  return [];
}

async function replicaNumbersIn(folder: string): Promise<number[]> {
  const numbers: number[] = [];
  for (const name of await readdir(folder)) {
    const number = numberOfFolder(name);
    if (number !== undefined && !(await isThere(join(folder, name, LEFT_MARK))))
      numbers.push(number);
  }
  return numbers.sort((a, b) => a - b);
}

/** Not one of those that the group was made with. */
function hasJoined({ epoch, nodeId }: ReplicaIdentity): boolean {
  return epoch.configuration.members.every((member) => member.nodeId !== nodeId);
}

/** Folders of replicas without a first one are left over from an interrupted start, unless one was ever used. */
async function expectUnused(folder: string, numbers: readonly number[]): Promise<void> {
  for (const number of numbers)
    if (await isThere(join(replicaFolder(folder, number), 'promise.a')))
      throw new ConfigError(
        '--data',
        `${folder} holds replica-${number} of a group, but no replica-0`,
      );
}

function expectOneGroup(found: readonly ReplicaIdentity[], folder: string): void {
  const nodeIds = new Map(found.map(({ replicaNumber, nodeId }) => [replicaNumber, nodeId]));
  for (const identity of found) {
    const { groupId, replicaNumber, epoch } = identity;
    const fits =
      groupId === found[0]?.groupId &&
      // Whatever epochs they were made in, a number means one node.
      epoch.configuration.members.every((member) => {
        const nodeId = nodeIds.get(member.replicaNumber);
        return nodeId === undefined || nodeId === member.nodeId;
      });
    if (!fits) throw misplaced(folder, replicaNumber);
  }
}

function misplaced(folder: string, number: number): ConfigError {
  return new ConfigError(
    '--data',
    `${replicaFolder(folder, number)} belongs to another group or replica than its place says`,
  );
}

function withDefaults(wanted: WantedGroup) {
  return {
    folder: wanted.folder,
    replicas: wanted.replicas ?? DEFAULT_REPLICAS,
    witnesses: wanted.witnesses ?? 0,
    host: wanted.host ?? DEFAULT_HOST,
    basePort: wanted.basePort ?? DEFAULT_PORT,
    mode: wanted.mode ?? 'durable',
    scheme: wanted.scheme ?? 'http',
  };
}

const schemeIn = (url: string): Scheme => (url.startsWith('https:') ? 'https' : 'http');
const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '');

/** With another port, host or scheme all move, each to its port above the first; every one is told where the others are. */
function readdress(
  { host, basePort, mode, scheme }: WantedGroup,
  found: readonly ReplicaIdentity[],
): readonly ReplicaIdentity[] {
  const urlFor = ({ url, replicaNumber }: ReplicaIdentity): string => {
    const port = basePort === undefined ? Number(new URL(url).port) : basePort + replicaNumber;
    return urlOf(host ?? hostOf(url), port, scheme ?? schemeIn(url));
  };
  const moved = found.some((identity) => urlFor(identity) !== identity.url);
  const addresses = Object.fromEntries(found.map((each) => [each.nodeId, urlFor(each)]));
  return found.map((identity) => ({
    ...identity,
    mode: mode ?? identity.mode,
    ...(moved && { url: urlFor(identity), addresses: { ...identity.addresses, ...addresses } }),
  }));
}

async function writeChanges(
  folder: string,
  before: readonly ReplicaIdentity[],
  after: readonly ReplicaIdentity[],
): Promise<void> {
  const known = new Set(before.map(identityJson));
  for (const identity of after) {
    const json = identityJson(identity);
    if (known.has(json)) continue;
    await writeWhole(join(replicaFolder(folder, identity.replicaNumber), IDENTITY_FILE), json);
  }
}
