import type { StartEpoch } from '../messages/start-epoch';
import type { Outbox } from '../boundary/outbox';
import type { ReplicaState } from '../state/replica-state';
import type { Now } from '../boundary/input';

export function onStartEpoch(
  _state: ReplicaState,
  message: StartEpoch,
  _now: Now,
  out: Outbox,
): void {
  out.ignore(message, 'nothing to serve');
}
