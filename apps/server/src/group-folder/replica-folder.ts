import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { identityJson, IDENTITY_FILE } from '../config/identity-file';
import type { ReplicaIdentity } from '../config/replica-config';
import { OWNER_ONLY, SECRET_FILE } from '../config/secret-file';
import { INIT_TOKEN } from '../storage/storage-options';
import { writeWhole } from './write-whole';

/**
 * Makes the folder of a replica that has never run: identity, secret, and a one-time permission to start. It appears whole
 * or not at all.
 */
export async function makeReplicaFolder(
  folder: string,
  identity: ReplicaIdentity,
  secret: string,
): Promise<void> {
  const unfinished = `${folder}.new`;
  // Left by a start that was interrupted: nobody has used it.
  await rm(unfinished, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
  await mkdir(unfinished);
  await writeWhole(join(unfinished, IDENTITY_FILE), identityJson(identity));
  await writeWhole(join(unfinished, SECRET_FILE), secret, OWNER_ONLY);
  await writeWhole(join(unfinished, INIT_TOKEN), 'Removed at the first start.\n');
  await rename(unfinished, folder);
  const parent = await open(dirname(folder), 'r');
  await parent.sync();
  await parent.close();
}
