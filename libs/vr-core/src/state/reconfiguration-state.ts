import type { Reconfigure } from '../group/operations';
import type { SealedRequest } from '../messages/request';
import { viewNumber, type OpNumber, type ViewNumber } from '../numbers/numbers';

/** How this replica's epoch begins, and how it may end. Begun anew with each epoch. (VRR §7) */
export interface ReconfigurationState {
  /** Who else works in this epoch, by replica-number: true when it holds the state as well. (VRR §7.1.1; E30) */
  readonly started: (boolean | undefined)[];
  /** The latest view of this epoch that was heard of while no part could be taken in it. */
  laterView: ViewNumber;
  /** When the silent members were last told of the epoch, or the group was last asked for what is new. */
  askedAtMs: number;
  /** Counts the questions of a newcomer that were not answered, so that others are asked in turn. */
  unanswered: number;
  /** At the primary: the reconfiguration that waits until the new group is ready for it. */
  waiting: WaitingReconfiguration | undefined;
  /** How far each newcomer had come when it last asked here, by replica-number. (VRR §7.5) */
  readonly learners: (Learner | undefined)[];
}

export interface WaitingReconfiguration {
  readonly sealed: SealedRequest;
  readonly wanted: Reconfigure;
  readonly sinceMs: number;
}

export interface Learner {
  readonly opNumber: OpNumber;
  readonly atMs: number;
}

export function initialReconfiguration(): ReconfigurationState {
  return {
    started: [],
    laterView: viewNumber(0),
    askedAtMs: Number.NEGATIVE_INFINITY,
    unanswered: 0,
    waiting: undefined,
    learners: [],
  };
}
