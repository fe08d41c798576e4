import type { NewEpoch } from '../messages/new-epoch';
import type { Outbox } from '../boundary/outbox';
import type { ReplicaState } from '../state/replica-state';
import type { Now } from '../boundary/input';

export function onNewEpoch(_state: ReplicaState, message: NewEpoch, _now: Now, out: Outbox): void {
  out.ignore(message, 'nothing to serve');
}
