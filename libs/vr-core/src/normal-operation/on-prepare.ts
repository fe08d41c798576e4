import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { Malformed } from '../encoding/malformed';
import type { Prepare } from '../messages/prepare';
import { decodeEntry, type LogEntry } from '../state/log-entry';
import { isPrimary, type ReplicaState } from '../state/replica-state';
import { hearPrimary } from './hear-primary';
import { append } from './append';
import { learnCommit } from './learn-commit';
import { askForMissing } from '../state-transfer/get-state';
import { sendPrepareOk } from './send-prepare-ok';

/**
 * A backup takes the entry only when it holds every earlier one, and says so only when it is on its disk: PREPAREOK
 * follows from `stored`. (VRR §4.1, step 4; decision 32)
 */
export function onPrepare(state: ReplicaState, prepare: Prepare, now: Now, out: Outbox): void {
  if (isPrimary(state)) return out.ignore(prepare, 'not from the primary');
  const entry = readEntry(state, prepare);
  if (entry === undefined) return out.ignore(prepare, 'malformed entry');
  hearPrimary(state, prepare, now);

  const { log } = state;
  if (entry.opNumber <= log.opNumber) {
    if (log.hashAt(entry.opNumber) !== entry.hash) {
      out.alarm(`the primary's entry ${entry.opNumber} is not ours: peer contradicts us`);
      return out.ignore(prepare, 'another entry');
    }
    out.ignore(prepare, 'duplicate');
    return sendPrepareOk(state, out); // Our first one may be lost.
  }
  if (entry.opNumber > log.opNumber + 1) {
    out.ignore(prepare, 'gap in the log');
    askForMissing(state, now, out);
  } else if (entry.parentHash !== log.headHash) {
    return out.ignore(prepare, 'does not join our log');
  } else {
    append(state, [entry], out);
  }
  learnCommit(state, prepare.commitNumber, now, out);
}

function readEntry(state: ReplicaState, prepare: Prepare): LogEntry | undefined {
  try {
    return decodeEntry(prepare.entry, state.hash);
  } catch (fault) {
    if (fault instanceof Malformed || fault instanceof RangeError) return undefined;
    throw fault;
  }
}
