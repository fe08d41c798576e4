import { noteCheckpoint } from '../checkpoint/agree';
import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { CommitOk } from '../messages/commit-ok';
import type { PrepareOk } from '../messages/prepare-ok';
import { opNumber } from '../numbers/numbers';
import { answerQuestions } from '../reads/read-index';
import { isPrimary, type ReplicaState } from '../state/replica-state';
import { preparedTo } from '../witness/members';
import { noteClock } from '../reads/note-clock';
import { commitHeld } from './commit-held';
import { resendPrepares } from './send-prepare';

/**
 * A backup holds every op up to n. Once q - 1 backups do, and our own copy is on our disk, n cannot be lost to any
 * view change: it is committed. (VRR §4.1, step 5; decision 5)
 */
export function onPrepareOk(
  state: ReplicaState,
  ok: PrepareOk | CommitOk,
  now: Now,
  out: Outbox,
): void {
  if (!isPrimary(state)) return out.ignore(ok, 'not the primary');
  const { log, primary } = state;
  if (ok.opNumber > log.opNumber) return out.ignore(ok, 'beyond our log');
  // What is below our base is committed, and the hash of it is no longer here.
  const ours = ok.opNumber < log.base.opNumber ? ok.entryHash : log.hashAt(ok.opNumber);
  if (ours !== ok.entryHash) return out.ignore(ok, 'another entry');

  const first = !primary.acknowledgements.heardFrom(ok.replicaNumber);
  primary.acknowledgements.record(ok.replicaNumber, ok.opNumber, ok.beat, now.monotonicMs);
  noteCheckpoint(state, ok.replicaNumber, ok.checkpoint, now, out);
  noteClock(state, ok, now, out);
  commitHeld(state, now, out);
  answerQuestions(state, now, out);
  // It has just entered the view: what was sent before that met a closed gate.
  if (first && ok.opNumber < log.opNumber && preparedTo(state).includes(ok.replicaNumber)) {
    resendPrepares(state, ok.replicaNumber, opNumber(ok.opNumber), now, out);
  }
}
