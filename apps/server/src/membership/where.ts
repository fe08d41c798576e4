import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, type ReplicaIdentity } from '../config/replica-config';
import type { GroupFile } from '../group-folder/group-file';
import { replicaFolder } from '../group-folder/group';
import { readGroup } from '../group-folder/open-group';
import { GroupDoor } from './group-door';
import { fetchOf } from './trust';

/** A group under the supervisor of `npm start`. */
export interface SupervisedGroup {
  readonly folder: string;
  readonly replicas: readonly ReplicaIdentity[];
  /** The file that holds the group's secret. */
  readonly secretFolder: string;
  /** The configuration file of its replicas. */
  readonly config: string | undefined;
  readonly door: GroupDoor;
}

/** Throws `ConfigError` when no supervisor runs there: nobody would run what joins. */
export async function findSupervised(
  folder: string,
  tokenFile: string | undefined,
): Promise<SupervisedGroup> {
  const file = await readGroupFile(folder);
  if (file?.supervisor === null || file?.supervisor === undefined || !isAlive(file.supervisor))
    throw new ConfigError(
      '--group',
      `no group runs in ${folder}: start it (npm start -- --data ${folder}), or name a running one by --from`,
    );
  const replicas = await readGroup(folder);
  const [first] = replicas;
  if (first === undefined) throw new ConfigError('--group', `${folder} holds no replica`);
  const secretFolder = replicaFolder(folder, first.replicaNumber);
  return {
    folder,
    replicas,
    secretFolder,
    config: file.config,
    door: new GroupDoor(doorsOf(file), await fetchOf(file.config, secretFolder, tokenFile)),
  };
}

/** Actives first: a witness holds no state, and so knows of nobody who has joined. */
export function doorsOf({ replicas }: GroupFile): string[] {
  const isActive = ({ role }: GroupFile['replicas'][number]): boolean => role === 'active';
  const others = replicas.filter((replica) => !isActive(replica));
  return [...replicas.filter(isActive), ...others].map(({ url }) => url);
}

async function readGroupFile(folder: string): Promise<GroupFile | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, 'group.json'), 'utf8')) as GroupFile;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
