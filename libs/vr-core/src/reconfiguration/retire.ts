import type { Outbox } from '../boundary/outbox';
import { standingIn } from '../state/configuration';
import type { ReplicaState } from '../state/replica-state';
import { isStarted } from './started';
import { turnAway } from './turn-away';

/**
 * A replaced replica serves what it holds until the new group needs it no more; then it only tells where the group is,
 * and may be stopped. Hearing of the new epoch is not enough: its state may be the last. (VRR §7.1.1; E30, E35)
 */
export function retireWhenStarted(state: ReplicaState, out: Outbox): void {
  if (state.status !== 'transitioning' || standingIn(state.epoch, state.self) !== 'replaced')
    return;
  if (!isStarted(state)) return;
  state.status = 'retired';
  state.viewChange.installation = undefined;
  out.protocol('epoch', `${state.epochNumber} has started without us: retired`);
  turnAway(state, out);
}
