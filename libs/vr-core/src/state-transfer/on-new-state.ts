import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { NewState } from '../messages/new-state';
import { append } from '../normal-operation/append';
import { learnCommit } from '../normal-operation/learn-commit';
import { learn } from '../reconfiguration/learn';
import { isWitnessHere, type ReplicaState } from '../state/replica-state';
import { jumpTo, placeBefore } from '../witness/jump';
import { noteRefusal } from '../witness/other-sources';
import { fetchCheckpoint } from './fetch-checkpoint';
import { askForMissing } from './get-state';
import { follows, readEntries } from './read-entries';

/** The answer to a GETSTATE: entries of this view that a backup lacks, or of any for a learner. (VRR §5.2, §7.5; E8, E9) */
export function onNewState(state: ReplicaState, message: NewState, now: Now, out: Outbox): void {
  const entries = readEntries(message.entries, state.hash);
  if (entries === undefined) return out.ignore(message, 'malformed entry');
  if (state.status === 'learner') return learn(state, message, entries, now, out);
  const { backup, log } = state;
  if (backup.transfer?.ticket !== message.ticket) return out.ignore(message, 'another nonce');
  if (state.status !== 'normal') return out.ignore(message, 'not in normal status');

  if (message.checkpoint !== undefined) {
    backup.transfer = undefined;
    if (isWitnessHere(state)) {
      if (noteRefusal(state)) askForMissing(state, now, out);
      return;
    }
    return fetchCheckpoint(state, message.checkpoint, message.replicaNumber, now, out);
  }
  // PREPAREs may have brought some of them meanwhile.
  const missing = entries.filter((entry) => entry.opNumber > log.opNumber);
  backup.transfer = undefined;
  const first = missing[0];
  if (first === undefined) return;
  jumpTo(state, placeBefore(first));
  if (!follows(first, log.opNumber, log.headHash)) {
    // One that was active, and may have the last state, skips nothing: another member may still have what it lacks.
    if (isWitnessHere(state)) noteRefusal(state);
    return out.ignore(message, 'does not join our log');
  }
  append(state, missing, out);
  state.witness.refused = 0;
  learnCommit(state, message.commitNumber, now, out);
  if (log.opNumber < message.opNumber) askForMissing(state, now, out);
}
