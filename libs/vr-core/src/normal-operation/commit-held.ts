import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { executeCommitted } from '../execution/execute-committed';
import { opNumber } from '../numbers/numbers';
import { answerQuestions } from '../reads/read-index';
import { quorumOf } from '../state/configuration';
import type { ReplicaState } from '../state/replica-state';
import { waitsForLeases } from '../view-change/wait-for-leases';

/** Commits what q replicas hold, this primary's own disk among them, and executes it. (VRR §4.1, step 5; decision 5) */
export function commitHeld(state: ReplicaState, now: Now, out: Outbox): void {
  const held = state.primary.acknowledgements.heldByAtLeast(
    quorumOf(state.epoch.configuration) - 1,
  );
  const committed = Math.min(state.stores.storedNumber, held);
  if (committed <= state.commitNumber || waitsForLeases(state, now)) return;
  state.commitNumber = opNumber(committed);
  executeCommitted(state, now, out);
  answerQuestions(state, now, out);
}
