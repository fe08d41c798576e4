import type { LogEntry } from '../state/log-entry';
import type { ReplicaState } from '../state/replica-state';

/**
 * Freezes the state as it is after this entry. Nothing waits for it: its pages are written tick by tick, each before it
 * changes. One that comes due while another is being made is left out; but the one at an epoch's start takes its place, for
 * members that have become active wait for it. (VRR §5.1; decision 19; ADR 11)
 */
export function takeCheckpoint(state: ReplicaState, entry: LogEntry): void {
  const { checkpointing, execution } = state;
  if (entry.endsEpoch) abandonCheckpoint(state);
  if (checkpointing.making !== undefined) return;
  checkpointing.making = {
    opNumber: entry.opNumber,
    headHash: entry.hash,
    snapshot: execution.store.freeze(),
    checkpoint: undefined,
    storeNumber: 0,
  };
}

/** The state below is about to be replaced: what was frozen of it is of no use any more. */
export function abandonCheckpoint({ checkpointing }: ReplicaState): void {
  checkpointing.making?.snapshot.abandon();
  checkpointing.making = undefined;
}
