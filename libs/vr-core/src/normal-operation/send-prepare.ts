import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { nextOp, opNumber, type OpNumber, type ReplicaNumber } from '../numbers/numbers';
import { markBeat } from '../reads/lease';
import type { LogEntry } from '../state/log-entry';
import { headerOf, type ReplicaState } from '../state/replica-state';
import { preparedTo } from '../witness/members';

/** ⟨PREPARE⟩ to every backup that takes part, many in flight at once. (VRR §4.1, step 3; §6.1) */
export function sendPrepare(state: ReplicaState, entry: LogEntry, now: Now, out: Outbox): void {
  nextBeat(state, now);
  // One object for all, so that a host can encode it once.
  const prepare = prepareOf(state, entry);
  for (const backup of preparedTo(state)) {
    state.primary.sentAtMs[backup] = now.monotonicMs;
    out.send(backup, prepare);
  }
  state.primary.toldCommit = state.commitNumber;
}

/** What `backup` lacks of the uncommitted suffix, as far as a pipeline is long: more is its GETSTATE's work. */
export function resendPrepares(
  state: ReplicaState,
  backup: ReplicaNumber,
  held: OpNumber,
  now: Now,
  out: Outbox,
): void {
  const { log, limits, primary } = state;
  primary.sentAtMs[backup] = now.monotonicMs;
  const first = nextOp(opNumber(Math.max(held, state.commitNumber)));
  const last = opNumber(Math.min(log.opNumber, first + limits.pipelineMax));
  for (const entry of log.slice(first, last)) out.send(backup, prepareOf(state, entry));
}

/** Numbers what goes out, so that an echo tells how recently we were heard. (decision 9) */
export function nextBeat(state: ReplicaState, now: Now): void {
  state.primary.beat += 1;
  state.primary.beatAtMs = now.monotonicMs;
  markBeat(state, now);
}

function prepareOf(state: ReplicaState, entry: LogEntry) {
  return {
    kind: 'Prepare',
    ...headerOf(state),
    entry: entry.encoded,
    commitNumber: state.commitNumber,
    beat: state.primary.beat,
  } as const;
}
