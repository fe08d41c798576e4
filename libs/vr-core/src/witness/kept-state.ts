import { abandonCheckpoint } from '../checkpoint/take-checkpoint';
import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { hasStarted, isStarted, tellSilent } from '../reconfiguration/started';
import { isMember, memberOf, type Role } from '../state/configuration';
import { isWitnessHere, type ReplicaState } from '../state/replica-state';

/**
 * A new epoch may give a member the other role. Who was active keeps its state until the new group can stand alone; who
 * was a witness must be given one before it takes part. `was` is the role in the epoch that this replica leaves.
 * (VRR §6.1, §7.1.1; E30; ADR 11)
 */
export function changeRole(state: ReplicaState, was: Role | undefined): void {
  const { witness, execution, log, status } = state;
  if (isWitnessHere(state)) {
    const isHere = status !== 'recovering' && state.stateWhole && state.transfer === undefined;
    if (was === 'active' && isHere) witness.keepsState = true;
    else letStateGo(state);
    return;
  }
  const isPromoted = was === 'witness' && isMember(state.epoch.configuration, state.self);
  if (!isPromoted || status === 'recovering') return;
  witness.keepsState = false;
  if (execution.isWhole && log.base.opNumber <= execution.executed) return;
  state.stateWhole = false;
  execution.suspend();
  witness.lacksState = true;
}

/** A witness that was active when its epoch began: as long as that has not started, its state may be the last. */
export function mayKeepState({ epoch: { previous }, self }: ReplicaState): boolean {
  return previous !== undefined && memberOf(previous, self)?.role === 'active';
}

/** A member that takes no part before it has been given a state: nothing that it has can be executed to one. */
export function lacksState({ witness, stateWhole, status }: ReplicaState): boolean {
  return status === 'transitioning' && witness.lacksState && !stateWhole;
}

/**
 * Every tick: a witness that was active asks who has started, as one that was replaced does, and lets its state go when
 * nobody needs it any more. (VRR §7.1.1; E30)
 */
export function pollKeptState(state: ReplicaState, now: Now, out: Outbox): void {
  if (!state.witness.keepsState || !hasStarted(state)) return;
  if (state.stateWhole && !isStarted(state)) return tellSilent(state, now, out);
  // Its end would come back from the disk, and be told.
  if (state.checkpointing.making !== undefined) return;
  letStateGo(state);
  out.protocol('witness', `epoch ${state.epochNumber} has started: the state is let go`);
}

/**
 * A witness has no state: what it was fetching, or found on its disk, or kept for others, is served no more. A transfer
 * that went on would replace the log that it has acknowledged. The pages stay where they are: who becomes active again
 * is given only those that differ. (VRR §6.1)
 */
export function letStateGo(state: ReplicaState): void {
  const { witness, stores, execution } = state;
  abandonCheckpoint(state);
  witness.keepsState = false;
  witness.lacksState = false;
  state.transfer = undefined;
  state.stateWhole = true;
  state.checkpointing.own = [];
  stores.checkpoint = undefined;
  stores.pending.forEach((one, at) => (stores.pending[at] = { ...one, checkpoint: undefined }));
  execution.suspend();
}
