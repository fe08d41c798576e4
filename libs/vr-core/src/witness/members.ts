import type { ReplicaNumber } from '../numbers/numbers';
import { activesOf, type Configuration } from '../state/configuration';
import { othersOf, type ReplicaState } from '../state/replica-state';

/** The group has members that only hold what must not be lost. (VRR §6.1) */
export function hasWitnesses({ epoch: { configuration } }: ReplicaState): boolean {
  return activesOf(configuration).length < configuration.members.length;
}

/** Every active but this replica, in the order of the configuration. */
export function otherActivesOf(state: ReplicaState): readonly ReplicaNumber[] {
  const { configuration } = state.epoch;
  const known = actives.get(configuration);
  if (known?.self === state.self) return known.numbers;
  const numbers = activesOf(configuration)
    .map((member) => member.replicaNumber)
    .filter((number) => number !== state.self);
  actives.set(configuration, { self: state.self, numbers });
  return numbers;
}

/** Remembered by configuration: it is asked for with every PREPARE. */
const actives = new WeakMap<
  Configuration,
  { readonly self: ReplicaNumber; readonly numbers: readonly ReplicaNumber[] }
>();

/** To whom entries go: to witnesses only while they are enlisted. Whoever acknowledges is counted all the same. */
export function preparedTo(state: ReplicaState): readonly ReplicaNumber[] {
  return state.witness.enlistedAtOp === undefined ? otherActivesOf(state) : othersOf(state);
}
