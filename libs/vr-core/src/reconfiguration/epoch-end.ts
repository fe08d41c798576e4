import type { ReplicaState } from '../state/replica-state';

/** The log of our epoch has its last entry: nothing may follow it, not even a view's own first. (VRR §7.1; E32) */
export function epochEndsHere({ log, epochNumber }: ReplicaState): boolean {
  const { head } = log;
  return head?.endsEpoch === true && head.epochNumber === epochNumber;
}
