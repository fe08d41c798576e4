import type { ReplicaNumber } from '../numbers/numbers';
import { isWitnessHere, othersOf, primaryOfView, type ReplicaState } from '../state/replica-state';

/**
 * Who is asked for entries of this view that we lack: the primary. Its log may begin above what a witness needs, if it
 * has been given a checkpoint lately; then another of its group has them, and of one view all have the same. (ADR 12)
 */
export function sourceOfMissing(state: ReplicaState): ReplicaNumber {
  const primary = primaryOfView(state);
  if (!isWitnessHere(state)) return primary;
  const sources = [primary, ...othersOf(state).filter((other) => other !== primary)];
  return sources[state.witness.refused % sources.length] ?? primary;
}

/** The last one asked had nothing for us. False when that has happened with everyone in turn. */
export function noteRefusal(state: ReplicaState): boolean {
  state.witness.refused += 1;
  return state.witness.refused % othersOf(state).length !== 0;
}
