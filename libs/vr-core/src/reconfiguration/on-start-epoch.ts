import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { StartEpoch } from '../messages/start-epoch';
import type { ReplicaState } from '../state/replica-state';
import { enterEpoch } from './enter-epoch';
import { hasStarted, sendEpochStarted } from './started';

/** Our epoch begins: we enter it, or say again that we have. (VRR §7.1.1) */
export function onStartEpoch(
  state: ReplicaState,
  message: StartEpoch,
  now: Now,
  out: Outbox,
): void {
  if (message.epoch.configuration.epochNumber > state.epochNumber) {
    return enterEpoch(state, message.epoch, now, out);
  }
  if (!hasStarted(state)) return out.ignore(message, 'between epochs');
  sendEpochStarted(state, [message.replicaNumber], out);
}
