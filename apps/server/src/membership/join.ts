import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replicaNumber, type Role } from '@lockstep/vr-core';
import type { GroupSecret } from '../config/group-secret';
import { urlOf, type Scheme } from '../config/loopback';
import { ConfigError, type ReplicaIdentity } from '../config/replica-config';
import { readSecret, SECRET_FILE } from '../config/secret-file';
import { makeReplicaFolder } from '../group-folder/replica-folder';
import { isThere } from '../storage/folder';
import { expectFreePorts } from '../supervisor/ports';
import type { GroupDoor } from './group-door';

export interface Joining {
  readonly door: GroupDoor;
  /** A folder that holds the group's secret: it never travels. (decision 33) */
  readonly secretFolder: string;
  readonly role: Role;
  readonly host: string;
  readonly scheme: Scheme;
  /** Where the new replica listens, once its number is known. */
  readonly portFor: (replicaNumber: number) => number;
  readonly folderFor: (replicaNumber: number) => string;
}

export interface Joined {
  readonly identity: ReplicaIdentity;
  readonly folder: string;
}

const NO_URL_YET = 'http://127.0.0.1:1';

/**
 * Makes the folder of a node that follows a running group: a number of its own, which the group gives it by its log, and
 * the newest configuration. It becomes a member only by a reconfiguration. (VRR §7.5)
 */
export async function joinGroup(joining: Joining): Promise<Joined> {
  const { door, secretFolder, role, host, scheme } = joining;
  const secret = await readSecret(secretFolder);
  await door.rendezvous(secret);
  const nodeId = `n${randomBytes(4).toString('hex')}`;
  const number = await askForNumber(door, { nodeId, role, url: NO_URL_YET });
  const folder = joining.folderFor(number);
  if (await isThere(folder))
    throw new ConfigError('--data', `${folder} exists: a replica begins with a folder of its own`);
  const port = joining.portFor(number);
  await expectFreePorts(host, [port], 0);
  const url = urlOf(host, port, scheme);
  await askForNumber(door, { nodeId, role, url });
  const identity = await identityOf(door, secret, { nodeId, number, url });
  await makeReplicaFolder(
    folder,
    identity,
    await readFile(join(secretFolder, SECRET_FILE), 'utf8'),
  );
  return { identity, folder };
}

/** Said again, the number stays and the address is the new one. */
async function askForNumber(
  door: GroupDoor,
  { nodeId: id, role, url }: { readonly nodeId: string; readonly role: Role; readonly url: string },
): Promise<number> {
  const body = { id, role, peerUrl: url, clientUrl: url };
  const { replicaNumber: number } = await door.post('/v1/cluster/joiners', body);
  if (typeof number !== 'number') throw new Error('the group gave no number');
  return number;
}

async function identityOf(
  door: GroupDoor,
  secret: GroupSecret,
  node: { readonly nodeId: string; readonly number: number; readonly url: string },
): Promise<ReplicaIdentity> {
  const { groupId, generation, mode, epoch } = await door.rendezvous(secret);
  if (replicaNumber(node.number) < epoch.configuration.nextReplicaNumber)
    throw new ConfigError('--from', 'the group has changed meanwhile: try again');
  return {
    groupId,
    nodeId: node.nodeId,
    replicaNumber: node.number,
    generation,
    mode,
    url: node.url,
    epoch,
    addresses: {},
  };
}
