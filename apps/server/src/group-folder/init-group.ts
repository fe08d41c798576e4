import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SECRET_BYTES } from '../config/group-secret';
import { identityJson, IDENTITY_FILE } from '../config/identity-file';
import { urlOf } from '../config/loopback';
import type { Member, ReplicaIdentity } from '../config/replica-config';
import { OWNER_ONLY, SECRET_FILE } from '../config/secret-file';
import type { DurabilityMode } from '../storage/replica-storage';
import { INIT_TOKEN } from '../storage/storage-options';
import { replicaFolder, type Group } from './group';
import { writeWhole } from './write-whole';

export interface NewGroup {
  readonly folder: string;
  readonly replicas: number;
  readonly host: string;
  readonly basePort: number;
  readonly mode: DurabilityMode;
}

/**
 * Makes a new group: an identity, the common secret and a one-time permission to start for each replica. (decision 33)
 * The folders appear last to first: once `replica-0` is there, all are.
 */
export async function initGroup(wanted: NewGroup): Promise<Group> {
  const groupId = randomBytes(8).toString('hex');
  const secret = `${randomBytes(SECRET_BYTES).toString('hex')}\n`;
  const members: Member[] = Array.from({ length: wanted.replicas }, (_, replicaNumber) => ({
    nodeId: `r${replicaNumber}-${randomBytes(4).toString('hex')}`,
    replicaNumber,
    url: urlOf(wanted.host, wanted.basePort + replicaNumber),
  }));
  const replicas = members.map(({ nodeId, replicaNumber }): ReplicaIdentity => ({
    groupId,
    nodeId,
    replicaNumber,
    generation: 1,
    epoch: 0,
    mode: wanted.mode,
    members,
  }));
  for (const identity of replicas.toReversed())
    await makeReplicaFolder(wanted.folder, identity, secret);
  return { folder: wanted.folder, replicas };
}

async function makeReplicaFolder(
  groupFolder: string,
  identity: ReplicaIdentity,
  secret: string,
): Promise<void> {
  const folder = replicaFolder(groupFolder, identity.replicaNumber);
  const unfinished = `${folder}.new`;
  // Left by a start that was interrupted: nobody has used it.
  await rm(unfinished, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
  await mkdir(unfinished);
  await writeWhole(join(unfinished, IDENTITY_FILE), identityJson(identity));
  await writeWhole(join(unfinished, SECRET_FILE), secret, OWNER_ONLY);
  await writeWhole(join(unfinished, INIT_TOKEN), 'Removed at the first start.\n');
  await rename(unfinished, folder);
  const parent = await open(groupFolder, 'r');
  await parent.sync();
  await parent.close();
}
