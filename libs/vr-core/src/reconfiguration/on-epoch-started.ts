import type { EpochStarted } from '../messages/epoch-started';
import type { Outbox } from '../boundary/outbox';
import type { ReplicaState } from '../state/replica-state';
import { retireWhenStarted } from './retire';

/** A member works in the new epoch; who has been replaced learns by it when it may go. (VRR §7.1.1; E30) */
export function onEpochStarted(state: ReplicaState, message: EpochStarted, out: Outbox): void {
  const { started } = state.reconfiguration;
  started[message.replicaNumber] = message.holdsState || started[message.replicaNumber] === true;
  retireWhenStarted(state, out);
}
