import type { EpochNumber, ReplicaNumber, ViewNumber } from '../numbers/numbers';
import { replicaNumber } from '../numbers/numbers';

/**
 * The group of one epoch. Members stand in an explicit order that is part of the configuration: a replica-number is a
 * place in it, and a node id is never used again for another machine. (VRR §4; E33)
 */
export interface Configuration {
  readonly epochNumber: EpochNumber;
  readonly nodeIds: readonly string[];
}

/** More than half, so that any two quorums meet; also right for even sizes, where f + 1 is not. (VRR §2.2; E27) */
export function quorumOf(configuration: Configuration): number {
  return Math.floor(configuration.nodeIds.length / 2) + 1;
}

/** How many replicas may fail at once. For people; the protocol counts quorums. (decision 5) */
export function faultsTolerated(configuration: Configuration): number {
  return configuration.nodeIds.length - quorumOf(configuration);
}

/** The primary is computed from the view-number, round-robin, never elected and never stored. (VRR §4) */
export function primaryOf(configuration: Configuration, view: ViewNumber): ReplicaNumber {
  return replicaNumber(view % configuration.nodeIds.length);
}
