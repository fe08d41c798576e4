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
import { vote, votedLately } from '../view-change/vote';

/**
 * Only a normal replica answers, and only the primary with its log: anyone else's could be that of a view that no
 * longer exists. (VRR §4.3, step 2)
 */
export function onRecovery(state: ReplicaState, message: Recovery, now: Now, out: Outbox): void {
  if (message.replicaNumber === primaryOfView(state)) {
    return replacePrimary(state, message, now, out);
  }
  const { log } = state;
  const head = isPrimary(state)
    ? {
        opNumber: log.opNumber,
        headHash: log.headHash,
        commitNumber: state.commitNumber,
        witnessBase: state.witness.base,
      }
    : undefined;
  out.send(message.replicaNumber, {
    kind: 'RecoveryResponse',
    ...headerOf(state),
    nonce: message.nonce,
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
