import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { standingIn } from '../state/configuration';
import type { ReplicaState } from '../state/replica-state';
import { store } from '../state/storing';
import { statusIn } from './enter-epoch';
import { pollEpoch } from './poll-epoch';

/**
 * At the start of a life: true for a replica that has no part in the views of its epoch, or not yet. A member goes on
 * with its way into the epoch; one that was replaced asks again who has started, since its state may still be needed;
 * one that never was a member follows. (VRR §7.1.1, §7.5; E35)
 */
export function resumeEpoch(state: ReplicaState, now: Now, out: Outbox): boolean {
  const standing = standingIn(state.epoch, state.self);
  const worked = state.lastNormalView.epochNumber === state.epochNumber;
  if (standing === 'member' && (worked || state.status === 'recovering')) return false;
  state.status = statusIn(state, standing);
  // Whatever it was before: it was not given a whole state yet.
  state.witness.lacksState = standing === 'member' && !state.stateWhole;
  if (state.status === 'learner') forgetBeyond(state, out);
  out.protocol('epoch', `${state.epochNumber} is known: ${state.status}`);
  pollEpoch(state, now, out);
  return true;
}

/** What a learner holds counts for nobody: it asks for damaged entries as for those that it never had. (E42) */
function forgetBeyond(state: ReplicaState, out: Outbox): void {
  if (state.beyond.length === 0) return;
  state.beyond = [];
  store(state, { log: { afterOp: state.log.opNumber, entries: [] } }, out);
}
