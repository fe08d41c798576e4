import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { isNormalPrimary, type ReplicaState } from '../state/replica-state';
import { pollLearning } from './learn';
import { isStarted, tellSilent } from './started';
import { pollTransition } from './transition';

/** Every tick, and when the disk has caught up, of a replica between two epochs, or before its first. */
export function pollEpoch(state: ReplicaState, now: Now, out: Outbox): void {
  if (state.stores.promised.epochNumber < state.epochNumber) return;
  if (state.status === 'transitioning') pollTransition(state, now, out);
  else if (state.status === 'learner') pollLearning(state, now, out);
}

/** Every tick of a primary: until its epoch has started, members that are not yet heard of are told. */
export function pollEpochStart(state: ReplicaState, now: Now, out: Outbox): void {
  if (isNormalPrimary(state) && !isStarted(state)) tellSilent(state, now, out);
}
