import type { GetLog } from '../messages/get-log';
import type { Outbox } from '../boundary/outbox';
import type { ReplicaState } from '../state/replica-state';

export function onGetLog(_state: ReplicaState, message: GetLog, out: Outbox): void {
  out.ignore(message, 'nothing to serve');
}
