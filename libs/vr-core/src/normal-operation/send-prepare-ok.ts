import { nameOf } from '../state/checkpoint';
import type { Outbox } from '../boundary/outbox';
import { assert } from '../state/assert';
import { headerOf, primaryOfView, type ReplicaState } from '../state/replica-state';

/**
 * ⟨PREPAREOK⟩: everything up to n is on our disk, and is the log of this view. Said again whenever it may have been
 * lost. (VRR §4.1, step 4)
 */
export function sendPrepareOk(state: ReplicaState, out: Outbox): void {
  acknowledge(state, 'PrepareOk', out);
}

export function acknowledge(
  state: ReplicaState,
  kind: 'PrepareOk' | 'CommitOk',
  out: Outbox,
): void {
  assert(state.status === 'normal', 'only a normal replica acknowledges');
  const { storedNumber } = state.stores;
  // A log that begins anew behind a checkpoint says nothing before that is on the disk.
  if (storedNumber < state.log.base.opNumber) return;
  // The log has begun anew further up, and the disk does not know of it yet.
  if (storedNumber < state.log.base.opNumber) return;
  const entryHash = state.log.hashAt(storedNumber);
  assert(entryHash !== undefined, 'what is stored is in the log', { storedNumber });
  state.backup.acknowledged = storedNumber;
  out.send(primaryOfView(state), {
    kind,
    ...headerOf(state),
    opNumber: storedNumber,
    entryHash,
    commitNumber: state.commitNumber,
    beat: state.backup.seenBeat,
    checkpoint: nameOf(state.stores.checkpoint),
    // Read between the sending of that beat and now, which is all that may be said of it.
    clockMs: Math.floor(state.backup.heardAtMs),
  });
}
