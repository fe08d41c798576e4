import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { executeCommitted } from '../execution/execute-committed';
import type { OpNumber } from '../numbers/numbers';
import { askForMissing } from '../state-transfer/get-state';
import { isWitnessHere, type ReplicaState } from '../state/replica-state';

/**
 * A backup of this view learns k from its primary: it executes what it holds and asks for what it lacks. In any other
 * state k is not looked at. (VRR §4.1, step 6; decision 26; E44)
 */
export function learnCommit(state: ReplicaState, k: OpNumber, now: Now, out: Outbox): void {
  if (k > state.commitNumber) state.commitNumber = k;
  // Also when k is no news: what was missing may just have come.
  executeCommitted(state, now, out);
  // A witness asks when a PREPARE shows that it is needed: as a rule it lacks nearly everything.
  if (k > state.log.opNumber && !isWitnessHere(state)) askForMissing(state, now, out);
}
