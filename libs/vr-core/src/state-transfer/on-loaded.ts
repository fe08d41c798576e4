import type { Outbox } from '../boundary/outbox';
import type { ReplicaState } from '../state/replica-state';

/** Pages that were asked of the disk, for another replica. */
export function onLoaded(
  _state: ReplicaState,
  _ticket: number,
  _pages: readonly (Uint8Array | undefined)[],
  _out: Outbox,
): void {}
