import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { LogSegment } from '../messages/log-segment';
import type { Checkpoint } from '../state/checkpoint';
import type { Installation } from '../state/installation';
import { isWitnessHere, type ReplicaState } from '../state/replica-state';
import { askNextSource, hasAskedEveryone } from '../view-change/fetch-log';
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
  if (isWitnessHere(state)) return takeWitnessRefusal(state, installation, now, out);
  if (lacksState(state) || continuesAt(installation, message.checkpoint)) {
    return fetchCheckpoint(state, message.checkpoint, message.replicaNumber, now, out);
  }
  out.ignore(message, 'does not join our log');
  askNextSource(state, installation, now, out);
}

/**
 * A witness has no use for a checkpoint. An active that was given one itself may begin above the base: then another member
 * has the entries. When all have been asked, what every active has let go of lies behind the base, and ours is out of date.
 * (ADR 12)
 */
function takeWitnessRefusal(
  state: ReplicaState,
  installation: Installation,
  now: Now,
  out: Outbox,
): void {
  if (!hasAskedEveryone(state, installation)) {
    return askNextSource(state, installation, now, out);
  }
  if (state.witness.keepsState) letStateGo(state);
  abandonInstallation(state, 'the base has moved on', out);
}

/**
 * The checkpoint ends where what is staged can go on: the chain says which entry is there. One that lies beyond the whole
 * wanted log is newer than that, and nothing here can contradict it. (E39)
 */
function continuesAt({ staged }: Installation, { opNumber, headHash }: Checkpoint): boolean {
  return opNumber > staged.head.opNumber || staged.hashAt(opNumber) === headHash;
}
