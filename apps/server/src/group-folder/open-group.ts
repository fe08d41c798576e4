import { access, constants, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { identityJson, IDENTITY_FILE, readIdentity } from '../config/identity-file';
import { urlOf } from '../config/loopback';
import { ConfigError, type ReplicaIdentity } from '../config/replica-config';
import type { DurabilityMode } from '../storage/replica-storage';
import { codeOf, reasonOf } from '../storage/fault';
import { replicaFolder, type Group } from './group';
import { initGroup } from './init-group';
import { writeWhole } from './write-whole';

/** What a start asks for; undefined means as the folder says, or the default for a new group. */
export interface WantedGroup {
  readonly folder: string;
  readonly replicas: number | undefined;
  readonly host: string | undefined;
  readonly basePort: number | undefined;
  readonly mode: DurabilityMode | undefined;
}

export const DEFAULT_REPLICAS = 3;
export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_PORT = 7400;

/** A group that is known and not yet touched. */
export interface PlannedGroup {
  readonly isNew: boolean;
  readonly size: number;
  readonly host: string;
  readonly basePort: number;
  /** Makes the group, or writes its new addresses and mode. */
  carryOut(): Promise<Group>;
}

/**
 * The group in a folder, or a new one when there is none. Addresses and mode may change between starts; who belongs
 * to the group may not. Throws `ConfigError`, and changes nothing.
 */
export async function planGroup(wanted: WantedGroup): Promise<PlannedGroup> {
  await expectWritable(wanted.folder);
  const found = await readReplicas(wanted.folder);
  const first = found[0];
  if (first === undefined) {
    const fresh = withDefaults(wanted);
    const { replicas: size, host, basePort } = fresh;
    return { isNew: true, size, host, basePort, carryOut: () => initGroup(fresh) };
  }
  expectOneGroup(found, wanted.folder);
  if (wanted.replicas !== undefined && wanted.replicas !== found.length)
    throw new ConfigError(
      '--replicas',
      `${wanted.folder} holds a group of ${found.length}, not ${wanted.replicas}: leave the flag out, or give another --data for a new group`,
    );
  const url = new URL(first.members[0]?.url ?? '');
  const host = wanted.host ?? url.hostname.replace(/^\[|\]$/g, '');
  const basePort = wanted.basePort ?? Number(url.port);
  const carryOut = async (): Promise<Group> => ({
    folder: wanted.folder,
    replicas: await readdress(wanted, found, (number) => urlOf(host, basePort + number)),
  });
  return { isNew: false, size: found.length, host, basePort, carryOut };
}

async function expectWritable(folder: string): Promise<void> {
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (fault) {
    throw new ConfigError('--data', `${folder} cannot be written: ${reasonOf(fault)}`);
  }
}

async function readReplicas(folder: string): Promise<ReplicaIdentity[]> {
  const names = await readdir(folder);
  // Made last of all: without it the making was interrupted before any replica could start.
  if (!names.includes('replica-0')) {
    await expectUnused(folder, names);
    return [];
  }
  const count = names.filter((name) => /^replica-\d+$/.test(name)).length;
  const replicas: ReplicaIdentity[] = [];
  for (let number = 0; number < count; number += 1)
    replicas.push(await readIdentity(replicaFolder(folder, number)));
  return replicas;
}

/** Folders of replicas without a first one are left over from an interrupted start, unless one was ever used. */
async function expectUnused(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names.filter((each) => /^replica-\d+$/.test(each))) {
    try {
      await access(join(folder, name, 'promise.a'));
    } catch (fault) {
      if (codeOf(fault) === 'ENOENT') continue;
      throw fault;
    }
    throw new ConfigError('--data', `${folder} holds ${name} of a group, but no replica-0`);
  }
}

function expectOneGroup(found: readonly ReplicaIdentity[], folder: string): void {
  const first = found[0];
  for (const [number, identity] of found.entries()) {
    const fits =
      identity.groupId === first?.groupId &&
      identity.replicaNumber === number &&
      identity.members.length === found.length &&
      identity.members.every(({ nodeId }, place) => found[place]?.nodeId === nodeId);
    if (!fits)
      throw new ConfigError(
        '--data',
        `${replicaFolder(folder, number)} belongs to another group or replica than its place says`,
      );
  }
}

function withDefaults(wanted: WantedGroup) {
  return {
    folder: wanted.folder,
    replicas: wanted.replicas ?? DEFAULT_REPLICAS,
    host: wanted.host ?? DEFAULT_HOST,
    basePort: wanted.basePort ?? DEFAULT_PORT,
    mode: wanted.mode ?? 'durable',
  };
}

async function readdress(
  { folder, mode }: WantedGroup,
  found: readonly ReplicaIdentity[],
  urlFor: (replicaNumber: number) => string,
): Promise<readonly ReplicaIdentity[]> {
  const replicas = found.map((identity) => ({
    ...identity,
    mode: mode ?? identity.mode,
    members: identity.members.map((member) => ({ ...member, url: urlFor(member.replicaNumber) })),
  }));
  for (const [number, identity] of replicas.entries()) {
    const before = found[number];
    if (before === undefined || identityJson(before) === identityJson(identity)) continue;
    const path = join(replicaFolder(folder, number), IDENTITY_FILE);
    await writeWhole(path, identityJson(identity));
  }
  return replicas;
}
