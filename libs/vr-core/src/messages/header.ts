import { counter, list, struct } from '../encoding/shape';
import type { EpochNumber, Incarnation, ReplicaNumber, ViewNumber } from '../numbers/numbers';

/** What every message between replicas starts with: epoch and view (VRR §4.1, §7.1), the sender and its life. */
export interface Header {
  readonly epochNumber: EpochNumber;
  readonly viewNumber: ViewNumber;
  /** The sender: i of the paper's tuples. */
  readonly replicaNumber: ReplicaNumber;
  /** The sender's process start: what an older life of it said is dropped. (decision 3) */
  readonly incarnation: Incarnation;
}

export const headerFields = {
  epochNumber: counter<EpochNumber>(),
  viewNumber: counter<ViewNumber>(),
  replicaNumber: counter<ReplicaNumber>(),
  incarnation: counter<Incarnation>(),
};

export const GROUP_SIZE_MAX = 9;

/**
 * The newest incarnation the sender knows of each member of its epoch, and of those it hears from beside them: the
 * crash vector of E1.
 */
export type Incarnations = readonly {
  readonly replicaNumber: ReplicaNumber;
  readonly incarnation: Incarnation;
}[];

export const incarnationsShape = list(
  struct({ replicaNumber: counter<ReplicaNumber>(), incarnation: counter<Incarnation>() }),
  4 * GROUP_SIZE_MAX,
);
