import type { Outbox } from '../boundary/outbox';
import type { Answer } from '../execution/answer';
import type { Request } from '../messages/request';
import type { ReplicaNumber } from '../numbers/numbers';
import { headerOf, type ReplicaState } from '../state/replica-state';

export interface NamedAnswer {
  readonly name: string;
  readonly request: Request;
  readonly answer: Answer;
}

/** Answers at the door where the client waits: here, or at the backup that forwarded. (VRR §4.1, step 7; decision 13) */
export function answerTo(
  state: ReplicaState,
  door: ReplicaNumber,
  answers: readonly NamedAnswer[],
  out: Outbox,
): void {
  if (door === state.self) {
    for (const { name, answer } of answers) answerParked(state, name, answer, out);
    return;
  }
  out.send(door, {
    kind: 'Forwarded',
    ...headerOf(state),
    answers: answers.map(({ name, answer }) => ({ name, answer })),
  });
}

/** The client's answer, if it still waits here. */
export function answerParked(state: ReplicaState, name: string, answer: Answer, out: Outbox): void {
  const parked = state.door.requests.get(name);
  if (parked === undefined) return;
  state.door.requests.delete(name);
  out.add({ kind: 'answer', request: parked.sealed.request, answer });
}
