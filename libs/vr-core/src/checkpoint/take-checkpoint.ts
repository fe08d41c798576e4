import type { LogEntry } from '../state/log-entry';
import type { LogPlace } from '../state/log-place';
import type { ReplicaState } from '../state/replica-state';

/**
 * Freezes the state as it is after this entry. Nothing waits for it: its pages are written tick by tick, each before it
 * changes. One that comes due while another is being made is left out; but the one at an epoch's start takes its place, for
 * members that have become active wait for it. (VRR §5.1; decision 19; ADR 11)
 */
export function takeCheckpoint(state: ReplicaState, entry: LogEntry): void {
  if (entry.endsEpoch) abandonCheckpoint(state);
  if (state.checkpointing.making !== undefined) return;
  freezeAt(state, { opNumber: entry.opNumber, hash: entry.hash });
}

/**
 * Every tick: one that was asked for because the disk has lost pages, of the state as it is. Others have none of this op,
 * so nobody is compared with it, and no log is cut by it. (ADR 20)
 */
export function takeAskedCheckpoint(state: ReplicaState): void {
  const { checkpointing, execution, log } = state;
  if (!checkpointing.asked || checkpointing.making !== undefined) return;
  if (!state.stateWhole || !execution.isWhole || state.transfer !== undefined) return;
  checkpointing.asked = false;
  const hash = log.hashAt(execution.executed);
  if (hash !== undefined) freezeAt(state, { opNumber: execution.executed, hash });
}

function freezeAt({ checkpointing, execution }: ReplicaState, { opNumber, hash }: LogPlace): void {
  checkpointing.making = {
    opNumber,
    headHash: hash,
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
