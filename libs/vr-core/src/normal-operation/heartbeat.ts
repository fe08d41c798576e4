import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { GENESIS_HASH } from '../state/log-place';
import { quorumOf } from '../state/configuration';
import { headerOf, type ReplicaState } from '../state/replica-state';
import { moveBase } from '../witness/base';
import { beatTo, pollWitnesses } from '../witness/enlist';
import { preparedTo } from '../witness/members';
import { needsBeat } from '../reads/read-index';
import { askWhetherReplaced } from '../view-change/get-view';
import { nextBeat, resendPrepares } from './send-prepare';

/** ⟨COMMIT⟩ to every backup, and to witnesses now and then. (VRR §4.1, step 6; §6.1) */
export function sendCommit(state: ReplicaState, now: Now, out: Outbox): void {
  nextBeat(state, now);
  const { commitNumber, primary } = state;
  const commit = {
    kind: 'Commit',
    ...headerOf(state),
    commitNumber,
    commitHash: state.log.hashAt(commitNumber) ?? GENESIS_HASH,
    beat: primary.beat,
    agreed: state.checkpointing.agreed,
    witnessBase: moveBase(state),
  } as const;
  for (const backup of beatTo(state, now)) out.send(backup, commit);
  primary.toldCommit = commitNumber;
}

/** At the end of a turn: backups hear of a commit at once when no PREPARE tells them, and reads need a fresh beat. */
export function flushCommit(state: ReplicaState, now: Now, out: Outbox): void {
  const idle = state.commitNumber === state.log.opNumber;
  if ((idle && state.commitNumber > state.primary.toldCommit) || needsBeat(state)) {
    sendCommit(state, now, out);
  }
}

/**
 * Every tick at the primary. Out of touch with a quorum it falls silent, so that backups that still hear it are free to
 * choose another: it could not commit anything for them. (E16, T17)
 */
export function pollHeartbeat(state: ReplicaState, now: Now, out: Outbox): void {
  const { primary, limits } = state;
  noteTouch(state, now, out);
  pollWitnesses(state, now, out);
  if (!primary.inTouch) return askWhetherReplaced(state, now, out);
  if (now.monotonicMs - primary.beatAtMs >= limits.heartbeatMs) sendCommit(state, now, out);
  for (const backup of preparedTo(state)) {
    const held = primary.acknowledgements.heldBy(backup);
    const waited = now.monotonicMs - (primary.sentAtMs[backup] ?? 0);
    if (held < state.log.opNumber && waited >= limits.resendMs) {
      resendPrepares(state, backup, held, now, out);
    }
  }
}

function noteTouch(state: ReplicaState, now: Now, out: Outbox): void {
  const { primary, limits } = state;
  const heard = primary.acknowledgements.heardFromAtLeast(quorumOf(state.epoch.configuration) - 1);
  const inTouch = now.monotonicMs - Math.max(heard, primary.normalSinceMs) < limits.abdicateMs;
  if (inTouch === primary.inTouch) return;
  primary.inTouch = inTouch;
  if (inTouch) out.protocol('found-quorum', 'a quorum is heard again');
  else
    out.protocol('lost-quorum', `no quorum heard for ${limits.abdicateMs} ms: silent until one is`);
}
