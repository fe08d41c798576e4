import { join } from 'node:path';
import { ConfigError } from '../config/replica-config';
import { LEFT_MARK, replicaFolder } from '../group-folder/group';
import { writeWhole } from '../group-folder/write-whole';
import { Refusal } from './group-door';
import type { SupervisedGroup } from './where';

/**
 * A replaced replica that nobody needs any more is not run any more; its folder may then be deleted. Throws `Refusal` while
 * it is a member, or while its successors may still need what it holds. (VRR §7.1.1; E30)
 */
export async function leaveGroup(group: SupervisedGroup, number: number): Promise<void> {
  const identity = group.replicas.find(({ replicaNumber }) => replicaNumber === number);
  if (identity === undefined)
    throw new ConfigError('--replica', `there is no replica ${number} in ${group.folder}`);
  const { replicas } = await group.door.get('/.well-known/lockstep');
  const members = Array.isArray(replicas) ? replicas : [];
  if (members.some((member: { readonly id?: unknown }) => member.id === identity.nodeId))
    throw new Refusal(`replica ${number} is a member: npm run reconfigure -- --remove ${number}`);
  const { isStarted } = await group.door.get('/v1/cluster/check-epoch');
  if (isStarted !== true)
    throw new Refusal(
      'what it holds may still be needed: wait until check-epoch says that it is not',
    );
  const path = join(replicaFolder(group.folder, number), LEFT_MARK);
  await writeWhole(path, 'This replica has left its group for good.\n');
}
