import { counter, list } from '../encoding/shape';
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

/** The newest incarnation the sender knows of each replica, by replica-number: the crash vector of E1. */
export type Incarnations = readonly Incarnation[];

export const incarnationsShape = list(counter<Incarnation>(), GROUP_SIZE_MAX);
