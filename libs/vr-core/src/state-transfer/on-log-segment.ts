import type { LogSegment } from '../messages/log-segment';
import type { Outbox } from '../boundary/outbox';
import type { ReplicaState } from '../state/replica-state';
import type { Now } from '../boundary/input';

export function onLogSegment(
  _state: ReplicaState,
  message: LogSegment,
  _now: Now,
  out: Outbox,
): void {
  out.ignore(message, 'nothing to serve');
}
