import { abandonCheckpoint } from '../checkpoint/take-checkpoint';
import { isWitnessHere, type ReplicaState } from '../state/replica-state';

/**
 * A witness has no state: what a newcomer that became one was fetching, or found on its disk, is let go. A transfer that
 * went on would replace the log that it has acknowledged. (VRR §6.1)
 */
export function needNoState(state: ReplicaState): void {
  if (!isWitnessHere(state)) return;
  abandonCheckpoint(state);
  state.transfer = undefined;
  state.stateWhole = true;
}
