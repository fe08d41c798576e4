import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { nextView, type OpNumber } from '../numbers/numbers';
import { isNormalPrimary, type ReplicaState } from '../state/replica-state';
import { fetchCheckpoint } from '../state-transfer/fetch-checkpoint';
import { vote } from '../view-change/vote';
import { abandonCheckpoint } from './take-checkpoint';

/**
 * A quorum has come to another state at this op than we: from here on nothing is executed or read here, and the pages
 * that differ are fetched from the group. The log is not in doubt: it is chained, and goes on. (T13; decision 19)
 */
export function diverge(state: ReplicaState, op: OpNumber, now: Now, out: Outbox): void {
  if (!state.stateWhole) return;
  out.alarm(`the state after op ${op} is not the group's: not served from here, being repaired`);
  abandonCheckpoint(state);
  state.stateWhole = false;
  state.execution.suspend();
  state.checkpointing.own = [];
  if (isNormalPrimary(state)) {
    state.backup.abdicated = true;
    vote(state, nextView(state.viewNumber), "its state is not the group's", now, out);
  } else if (state.checkpointing.agreed !== undefined) {
    fetchCheckpoint(state, state.checkpointing.agreed, state.self, now, out);
  }
}
