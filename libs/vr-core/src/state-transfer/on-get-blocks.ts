import type { GetBlocks } from '../messages/get-blocks';
import type { Outbox } from '../boundary/outbox';
import type { ReplicaState } from '../state/replica-state';

export function onGetBlocks(_state: ReplicaState, message: GetBlocks, out: Outbox): void {
  out.ignore(message, 'nothing to serve');
}
