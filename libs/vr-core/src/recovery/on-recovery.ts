import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { Recovery } from '../messages/recovery';
import { nextView } from '../numbers/numbers';
import {
  headerOf,
  knownIncarnations,
  isPrimary,
  primaryOfView,
  type ReplicaState,
} from '../state/replica-state';
import { store } from '../state/storing';
import { vote, votedLately } from '../view-change/vote';

/**
 * Only a normal replica answers, and only when its own disk fences the lives before the one that asks: what they have said
 * and is still on its way counts for nothing any more, whatever happens to us. (VRR §4.3, step 2; E1 b; decision 3)
 */
export function onRecovery(state: ReplicaState, message: Recovery, now: Now, out: Outbox): void {
  if (message.replicaNumber === primaryOfView(state)) {
    return replacePrimary(state, message, now, out);
  }
  if (isFenced(state, message)) return answer(state, message, out);
  const { recovery } = state;
  const { replicaNumber, incarnation } = message;
  const isUnderWay = recovery.questions.some(
    (one) => one.replicaNumber === replicaNumber && one.incarnation === incarnation,
  );
  recovery.questions = recovery.questions.filter((one) => one.replicaNumber !== replicaNumber);
  recovery.questions.push(message);
  if (!isUnderWay) store(state, { promise: true }, out);
}

/** From `stored`: those that asked and are fenced now. Who finds us no longer normal asks again. */
export function answerFenced(state: ReplicaState, out: Outbox): void {
  const { recovery } = state;
  if (recovery.questions.length === 0) return;
  const ready = recovery.questions.filter((question) => isFenced(state, question));
  recovery.questions = recovery.questions.filter((question) => !ready.includes(question));
  if (state.status !== 'normal') return;
  for (const question of ready) {
    if (question.replicaNumber !== primaryOfView(state)) answer(state, question, out);
  }
}

function isFenced({ stores }: ReplicaState, { replicaNumber, incarnation }: Recovery): boolean {
  return (stores.incarnations[replicaNumber] ?? -1) >= incarnation;
}

/** Only the primary tells its log: anyone else's could be that of a view that no longer exists. (VRR §4.3, step 2) */
function answer(state: ReplicaState, { replicaNumber, nonce }: Recovery, out: Outbox): void {
  const { log } = state;
  const head = isPrimary(state)
    ? {
        opNumber: log.opNumber,
        headHash: log.headHash,
        commitNumber: state.commitNumber,
        witnessBase: state.witness.base,
      }
    : undefined;
  out.send(replicaNumber, {
    kind: 'RecoveryResponse',
    ...headerOf(state),
    nonce,
    head,
    incarnations: knownIncarnations(state),
  });
}

/**
 * The primary of our view has lost its log: the answer it needs could only come from itself, so a new view begins.
 * Only for a later life than the one the view was begun by: an old RECOVERY must not end a healthy view. (E4; decision 40)
 */
function replacePrimary(state: ReplicaState, message: Recovery, now: Now, out: Outbox): void {
  if (message.incarnation <= state.backup.primaryIncarnation) {
    return out.ignore(message, 'duplicate');
  }
  state.backup.abdicated = true;
  const view = nextView(state.viewNumber);
  if (!votedLately(state, view, now)) vote(state, view, 'the primary has lost its log', now, out);
}
