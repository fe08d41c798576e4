import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { NewEpoch } from '../messages/new-epoch';
import type { ReplicaState } from '../state/replica-state';
import { enterEpoch } from './enter-epoch';

/** The group is another one now, however many epochs we have missed. (VRR §7.4; E28) */
export function onNewEpoch(state: ReplicaState, message: NewEpoch, now: Now, out: Outbox): void {
  const { configuration } = message.epoch;
  if (configuration.epochNumber <= state.epochNumber) return out.ignore(message, 'duplicate');
  enterEpoch(state, message.epoch, now, out);
  if (message.epochNumber === state.epochNumber)
    state.reconfiguration.laterView = message.viewNumber;
}
