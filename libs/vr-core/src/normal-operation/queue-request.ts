import type { Outbox } from '../boundary/outbox';
import type { Answer } from '../execution/answer';
import { nameKey, type SealedRequest } from '../messages/request';
import type { ReplicaNumber } from '../numbers/numbers';
import { answerTo } from '../client/answer-to';
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
  const { primary, limits } = state;
  const { request } = sealed;
  const key = nameKey(request);
  const committed = state.execution.committedAnswer(request);
  if (committed !== undefined)
    return answerTo(state, from, [{ name: key, request, answer: committed }], out);

  const doors = primary.inFlight.get(key);
  if (doors !== undefined) {
    if (!doors.includes(from)) doors.push(from);
    return;
  }
  if (primary.queue.length >= limits.queueRequestsMax) {
    return answerTo(state, from, [{ name: key, request, answer: BUSY }], out);
  }
  primary.inFlight.set(key, [from]);
  primary.queue.push(sealed);
}

const BUSY: Answer = { kind: 'problem', code: 'busy' };
