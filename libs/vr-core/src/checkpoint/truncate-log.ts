import { opNumber } from '../numbers/numbers';
import type { ReplicaState } from '../state/replica-state';
import { droppableThrough } from '../witness/base';

/**
 * Lets go of log entries that a quorum has in a durable checkpoint, and this replica too, but for the newest: the slow
 * are served by them. The disk learns of it with the next store. (VRR §5.1; E40)
 */
export function truncateLog(state: ReplicaState): void {
  const { log, limits, checkpointing, stores } = state;
  const agreed = checkpointing.agreed?.opNumber ?? 0;
  const covered = Math.min(agreed, stores.checkpoint?.opNumber ?? 0, state.execution.executed);
  const kept = log.byteLength > limits.logKeepBytes ? 0 : limits.logKeepOps;
  const last = Math.max(0, Math.min(covered, log.opNumber - kept));
  log.dropThrough(droppableThrough(state, opNumber(last)));
}
