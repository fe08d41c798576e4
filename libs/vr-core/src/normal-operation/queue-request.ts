import type { Outbox } from '../boundary/outbox';
import type { Answer } from '../execution/answer';
import type { SealedRequest } from '../messages/request';
import type { ReplicaNumber } from '../numbers/numbers';
import { answerTo } from '../client/answer-to';
import { considerReconfiguration, reconfigurationOf } from '../reconfiguration/reconfigure';
import type { ReplicaState } from '../state/replica-state';

/**
 * A request reaches the primary, from a client of its own (`from` is this replica) or forwarded by a backup. It is
 * executed once: a committed one is answered from the request table, one under way is joined, a new one waits for the
 * next entry. (VRR §4.1, steps 1-2; E22; decision 1)
 */
export function queueRequest(
  state: ReplicaState,
  sealed: SealedRequest,
  from: ReplicaNumber,
  out: Outbox,
): void {
  const { name, request } = sealed;
  const committed = state.execution.committedAnswer(request);
  if (committed === undefined) queueUncommitted(state, sealed, from, out);
  else answerTo(state, from, [{ name, request, answer: committed }], out);
}

/** The same for a request of which it has just been found that it is not committed. */
export function queueUncommitted(
  state: ReplicaState,
  sealed: SealedRequest,
  from: ReplicaNumber,
  out: Outbox,
): void {
  const { primary, limits } = state;
  const { name, request } = sealed;
  const doors = primary.inFlight.get(name);
  if (doors !== undefined) {
    if (!doors.includes(from)) doors.push(from);
    return;
  }
  const wanted = reconfigurationOf(request);
  if (wanted !== undefined) return considerReconfiguration(state, sealed, wanted, from, out);
  if (state.witness.full) {
    return answerTo(state, from, [{ name, request, answer: ACTIVE_MISSING }], out);
  }
  // A log that checkpoints do not shorten must not grow for ever.
  const isFull = state.log.byteLength > limits.logBytesMax;
  if (isFull || primary.queue.length >= limits.queueRequestsMax) {
    return answerTo(state, from, [{ name, request, answer: BUSY }], out);
  }
  primary.inFlight.set(name, [from]);
  primary.queue.push(sealed);
}

const BUSY: Answer = { kind: 'problem', code: 'busy' };
const ACTIVE_MISSING: Answer = { kind: 'problem', code: 'active-missing' };
