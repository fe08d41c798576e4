import type { StoredPage } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { ByteString } from '../encoding/byte-string';
import { Malformed } from '../encoding/malformed';
import type { Checkpoint } from '../state/checkpoint';
import { isWitnessHere, type ReplicaState } from '../state/replica-state';
import { letStateGo, mayKeepState } from '../witness/kept-state';

/** Pages of the checkpoint on the disk, before the start. What cannot be a page is had from the group later. (E42) */
export function onRestore(state: ReplicaState, pages: readonly StoredPage[]): void {
  if (pages.length === 0) return;
  state.execution.suspend();
  for (const { table, page, bytes } of pages) {
    try {
      state.execution.store.loadPage(table, page, bytes);
    } catch (fault) {
      if (!(fault instanceof Malformed)) throw fault;
    }
  }
}

/** At the start: the pages are the checkpoint's, to the bit, or the state is not whole. */
export function restoreState(
  state: ReplicaState,
  checkpoint: Checkpoint | undefined,
  stateWhole: boolean,
  out: Outbox,
): void {
  // What a witness may find is of the time before it was one: nobody needs it, unless that was the epoch before.
  if (isWitnessHere(state) && !mayKeepState(state)) return;
  takeState(state, checkpoint, stateWhole, out);
  if (!isWitnessHere(state)) return;
  if (state.stateWhole) state.witness.keepsState = true;
  else letStateGo(state);
}

function takeState(
  state: ReplicaState,
  checkpoint: Checkpoint | undefined,
  stateWhole: boolean,
  out: Outbox,
): void {
  const { execution, stores, checkpointing } = state;
  stores.checkpoint = checkpoint;
  if (checkpoint === undefined && stateWhole) return checkJoin(state);
  const root = rebuilt(state);
  if (checkpoint !== undefined && stateWhole && root === checkpoint.stateRoot) {
    execution.reload();
    checkpointing.own = [checkpoint];
    return checkJoin(state);
  }
  execution.suspend();
  state.stateWhole = false;
  out.alarm('the pages on the disk are not a whole state: they are made one by the group');
}

/** Who was a witness before it was replaced has a log that begins above a state it had as a learner, or never. */
function checkJoin(state: ReplicaState): void {
  state.stateWhole = state.log.base.opNumber <= state.execution.executed;
  if (!state.stateWhole) state.execution.suspend();
}

function rebuilt(state: ReplicaState): ByteString | undefined {
  try {
    return state.execution.store.rebuild();
  } catch (fault) {
    if (fault instanceof Malformed) return undefined;
    throw fault;
  }
}
