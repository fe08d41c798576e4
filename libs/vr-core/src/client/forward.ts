import type { Outbox } from '../boundary/outbox';
import { Malformed } from '../encoding/malformed';
import type { Forward } from '../messages/forward';
import type { Forwarded } from '../messages/forwarded';
import { unsealRequest } from '../messages/request';
import { queueRequest } from '../normal-operation/queue-request';
import { headerOf, isPrimary, primaryOfView, type ReplicaState } from '../state/replica-state';
import { answerParked } from './answer-to';

/** Everything that has gathered since the last flush, in one message. (decision 13) */
export function sendForward(state: ReplicaState, out: Outbox): void {
  const requests = state.door.forward;
  if (requests.length === 0) return;
  state.door.forward = [];
  for (const { name } of requests) {
    const parked = state.door.requests.get(name);
    if (parked !== undefined) parked.sent = true;
  }
  out.send(primaryOfView(state), {
    kind: 'Forward',
    ...headerOf(state),
    requests: requests.map(({ encoded }) => encoded),
  });
}

export function onForward(state: ReplicaState, forward: Forward, out: Outbox): void {
  if (!isPrimary(state)) return out.ignore(forward, 'not the primary');
  for (const encoded of forward.requests) {
    try {
      queueRequest(state, unsealRequest(encoded), forward.replicaNumber, out);
    } catch (fault) {
      if (!(fault instanceof Malformed)) throw fault;
      out.ignore(forward, 'malformed entry');
    }
  }
}

export function onForwarded(state: ReplicaState, forwarded: Forwarded, out: Outbox): void {
  for (const { name, answer } of forwarded.answers) answerParked(state, name, answer, out);
}
