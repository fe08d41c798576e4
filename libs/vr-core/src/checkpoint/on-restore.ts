import type { StoredPage } from '../boundary/input';
import type { ReplicaState } from '../state/replica-state';

/** Pages of the checkpoint on the disk, before the start. */
export function onRestore(_state: ReplicaState, _pages: readonly StoredPage[]): void {
  throw new Error('not yet');
}
