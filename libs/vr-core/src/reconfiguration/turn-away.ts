import { answerParked } from '../client/answer-to';
import type { Outbox } from '../boundary/outbox';
import { endRead } from '../reads/answer-read';
import { isMember } from '../state/configuration';
import { isStateless, isWitnessHere, type ReplicaState } from '../state/replica-state';

/** This replica is not a member: its door leads nowhere. */
export function isNoMember({ status, epoch, self }: ReplicaState): boolean {
  if (status === 'learner' || status === 'retired') return true;
  return status === 'transitioning' && !isMember(epoch.configuration, self);
}

/**
 * Who waits at the door of a replica that is not a member any more, or has become a witness, is told where to go. What was
 * sent on and is not among what the old epoch executed never will be: the new one takes nothing from an old member's door.
 * As long as this replica has not executed all of the old epoch, it does not know. (VRR §7.4)
 */
export function turnAway(state: ReplicaState, out: Outbox): void {
  if (!isNoMember(state) && !isWitnessHere(state)) return;
  const { door, execution, epoch } = state;
  const knowsAll = state.stateWhole && execution.executed >= epoch.startOp;
  if (!knowsAll && state.status === 'transitioning' && !isStateless(state)) return;
  for (const [name, { sent }] of door.requests) {
    const code = sent && !knowsAll ? 'outcome-unknown' : 'moved';
    answerParked(state, name, { kind: 'problem', code }, out);
  }
  for (const [ticket, { keepAliveId }] of door.keepAlives) {
    door.keepAlives.delete(ticket);
    out.add({ kind: 'kept-alive', keepAliveId, result: { kind: 'problem', code: 'moved' } });
  }
  for (const parked of door.reads.values()) endRead(state, parked, 'moved', out);
}
