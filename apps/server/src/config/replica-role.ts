import { memberOf, type ReplicaView } from '@lockstep/vr-core';

/**
 * What a replica is to its group now. `joining`: it follows and has no vote; `retiring`: it has been replaced and still
 * serves what its successors lack; `retired`: it only tells where the group is. (VRR §6.1, §7)
 */
export type ReplicaRole = 'active' | 'witness' | 'joining' | 'retiring' | 'retired';

export function roleOf(view: Pick<ReplicaView, 'epoch' | 'replicaNumber' | 'status'>): ReplicaRole {
  const { epoch, replicaNumber, status } = view;
  const member = memberOf(epoch.configuration, replicaNumber);
  if (member !== undefined) return member.role;
  if (status === 'learner') return 'joining';
  return status === 'retired' ? 'retired' : 'retiring';
}
