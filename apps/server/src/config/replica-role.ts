import type { Epoch, ReplicaView, Role } from '@lockstep/vr-core';
import type { ReplicaIdentity } from './replica-config';

/**
 * What a replica is to its group now. `joining`: it follows and has no vote; `retiring`: it has been replaced and still
 * serves what its successors lack; `retired`: it only tells where the group is. (VRR §6.1, §7)
 */
export type ReplicaRole = 'active' | 'witness' | 'joining' | 'retiring' | 'retired';

export function roleOf(view: Pick<ReplicaView, 'epoch' | 'replicaNumber' | 'status'>): ReplicaRole {
  const { epoch, replicaNumber, status } = view;
  const role = roleInGroup(epoch, replicaNumber);
  if (role !== undefined) return role;
  if (status === 'learner') return 'joining';
  return status === 'retired' ? 'retired' : 'retiring';
}

/** What is known before it runs: the role that it was made with. */
export function roleAtFirst({ epoch, replicaNumber }: ReplicaIdentity): ReplicaRole {
  return roleInGroup(epoch, replicaNumber) ?? 'active';
}

/** Undefined for one that is no member. */
function roleInGroup({ configuration }: Epoch, number: number): Role | undefined {
  return configuration.members.find(({ replicaNumber }) => replicaNumber === number)?.role;
}
