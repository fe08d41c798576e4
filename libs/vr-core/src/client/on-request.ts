import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { ProblemCode } from '../execution/answer';
import { nameKey, sealRequest, type Request } from '../messages/request';
import type { MonotonicMs } from '../numbers/numbers';
import { queueRequest, queueUncommitted } from '../normal-operation/queue-request';
import { isPrimary, type ReplicaState } from '../state/replica-state';
import type { ParkedRequest } from '../state/parked';

/**
 * A client's request at this door. It is parked under its name until there is an outcome, whichever replica is the
 * primary meanwhile: the name makes sending it again harmless. (decision 13)
 */
export function onRequest(
  state: ReplicaState,
  request: Request,
  deadlineMs: MonotonicMs,
  now: Now,
  out: Outbox,
): void {
  const committed = state.execution.committedAnswer(request);
  if (committed !== undefined) return out.add({ kind: 'answer', request, answer: committed });

  const key = nameKey(request);
  const waiting = state.door.requests.get(key);
  if (waiting !== undefined) {
    const isOther = waiting.sealed.request.requestHash !== request.requestHash;
    return isOther ? turnDown(request, 'request-reused', out) : undefined;
  }
  if (state.door.requests.size >= state.limits.parkedMax) return turnDown(request, 'busy', out);

  const sealed = sealRequest(request, key);
  const parked = { sealed, deadlineMs, sent: false, sentAtMs: now.monotonicMs };
  state.door.requests.set(key, parked);
  send(state, parked, out, queueUncommitted);
}

function turnDown(request: Request, code: ProblemCode, out: Outbox): void {
  out.add({ kind: 'answer', request, answer: { kind: 'problem', code } });
}

/** To the queue here or, with the next flush, to the primary. Without a primary it stays parked. */
export function sendOn(state: ReplicaState, parked: ParkedRequest, now: Now, out: Outbox): void {
  if (state.status !== 'normal') return;
  parked.sentAtMs = now.monotonicMs;
  send(state, parked, out, queueRequest);
}

function send(
  state: ReplicaState,
  parked: ParkedRequest,
  out: Outbox,
  queue: typeof queueRequest,
): void {
  if (state.status !== 'normal') return;
  if (isPrimary(state)) {
    parked.sent = true;
    queue(state, parked.sealed, state.self, out);
  } else {
    state.door.forward.push(parked.sealed);
  }
}
