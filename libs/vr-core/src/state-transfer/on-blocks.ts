import type { Blocks } from '../messages/blocks';
import type { Outbox } from '../boundary/outbox';
import type { ReplicaState } from '../state/replica-state';
import type { Now } from '../boundary/input';

export function onBlocks(_state: ReplicaState, message: Blocks, _now: Now, out: Outbox): void {
  out.ignore(message, 'nothing to serve');
}
