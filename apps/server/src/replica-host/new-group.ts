import { epochNumber, firstEpoch, replicaNumber, type Epoch, type Member } from '@lockstep/vr-core';

/** A member to be: its number is its place. */
export type NewMember = Omit<Member, 'replicaNumber'>;

/** Epoch 0 of a group of these, numbered from 0 in this order, which is the order of the primaries. (VRR §4; E33) */
export function epochOfNewGroup(newMembers: readonly NewMember[]): Epoch {
  const members = newMembers.map((member, place): Member => ({
    replicaNumber: replicaNumber(place),
    ...member,
  }));
  return firstEpoch({ epochNumber: epochNumber(0), members });
}
