import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { nextView } from '../numbers/numbers';
import { isPrimary, primaryOfView, type ReplicaState } from '../state/replica-state';
import { sendDoViewChange } from './send-do-view-change';
import { nextLiveView, vote, votedLately } from './vote';

/**
 * Every tick of a normal backup: is the primary silent, unreachable, or leaving by itself? Silence is counted in this
 * process's own running time, so that its own pause is not taken for the primary's. (VRR §4.2; decision 8)
 */
export function pollSuspicion(state: ReplicaState, now: Now, out: Outbox): void {
  if (isPrimary(state) && !state.backup.abdicated) return;
  const reason = suspicionOf(state);
  if (reason === undefined || votedLately(state, nextView(state.viewNumber), now)) return;
  vote(state, nextLiveView(state), reason, now, out);
}

/** Every tick in view change: say again what may be lost, and give up on a view that does not begin. (VRR §4.2; E17) */
export function pollViewChange(state: ReplicaState, now: Now, out: Outbox): void {
  const { viewChange, limits } = state;
  if (viewChange.own !== undefined && now.monotonicMs - viewChange.sentAtMs >= limits.resendMs) {
    sendDoViewChange(state, now, out);
  }
  const patience = Math.min(limits.viewChangeMs * 2 ** viewChange.failed, limits.viewChangeMsMax);
  const primaryLost = state.lostPeers[primaryOfView(state)] === true;
  const elapsed = now.monotonicMs - viewChange.enteredAtMs;
  if (elapsed < (primaryLost ? Math.min(limits.resendMs, patience) : patience)) return;
  if (votedLately(state, nextView(state.viewNumber), now)) return;
  vote(state, nextLiveView(state), `view ${state.viewNumber} does not begin`, now, out);
}

function suspicionOf(state: ReplicaState): string | undefined {
  const { backup, limits } = state;
  if (backup.abdicated) return 'the primary leaves';
  if (state.lostPeers[primaryOfView(state)]) return 'the connection to the primary is closed';
  if (backup.silentMs >= limits.suspicionMs)
    return `the primary is silent for ${limits.suspicionMs} ms`;
  return undefined;
}
