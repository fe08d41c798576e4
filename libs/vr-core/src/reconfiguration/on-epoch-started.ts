import type { EpochStarted } from '../messages/epoch-started';
import type { Outbox } from '../boundary/outbox';
import type { ReplicaState } from '../state/replica-state';

export function onEpochStarted(_state: ReplicaState, message: EpochStarted, out: Outbox): void {
  out.ignore(message, 'nothing to serve');
}
