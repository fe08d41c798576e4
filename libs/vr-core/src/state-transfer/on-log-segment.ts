import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { LogSegment } from '../messages/log-segment';
import type { Checkpoint } from '../state/checkpoint';
import type { Installation } from '../state/installation';
import { isWitnessHere, type ReplicaState } from '../state/replica-state';
import { askNextSource } from '../view-change/fetch-log';
import { abandonInstallation, takePiece } from '../view-change/install-log';
import { lacksState, letStateGo } from '../witness/kept-state';
import { fetchCheckpoint } from './fetch-checkpoint';
import { readEntries } from './read-entries';

/** The answer to a GETLOG: a piece of the log that is being put together. A late one is as good as any. (E19) */
export function onLogSegment(
  state: ReplicaState,
  message: LogSegment,
  now: Now,
  out: Outbox,
): void {
  const { installation } = state.viewChange;
  if (installation?.ticket !== message.ticket || installation.storeNumber !== undefined) {
    return out.ignore(message, 'another nonce');
  }
  const entries = readEntries(message.entries, state.hash);
  if (entries === undefined) {
    out.ignore(message, 'malformed entry');
    return askNextSource(state, installation, now, out);
  }
  if (message.checkpoint === undefined) return takePiece(state, installation, entries, now, out);
  // The log of every active begins at or below the base of the witnesses: ours is out of date.
  if (isWitnessHere(state)) {
    if (state.witness.keepsState) letStateGo(state);
    return abandonInstallation(state, 'the base has moved on', out);
  }
  if (lacksState(state) || continuesAt(installation, message.checkpoint)) {
    return fetchCheckpoint(state, message.checkpoint, message.replicaNumber, now, out);
  }
  out.ignore(message, 'does not join our log');
  askNextSource(state, installation, now, out);
}

/**
 * The checkpoint ends where what is staged can go on: the chain says which entry is there. One that lies beyond the whole
 * wanted log is newer than that, and nothing here can contradict it. (E39)
 */
function continuesAt({ staged }: Installation, { opNumber, headHash }: Checkpoint): boolean {
  return opNumber > staged.head.opNumber || staged.hashAt(opNumber) === headHash;
}
