import type { CheckpointName } from '../state/checkpoint';
import type { Epoch } from '../state/configuration';
import type {
  ClusterMs,
  EpochNumber,
  Incarnation,
  OpNumber,
  ReplicaNumber,
  ViewNumber,
} from '../numbers/numbers';
import type { Viewstamp } from '../numbers/viewstamp';

export type Status =
  | 'normal'
  | 'view-change'
  | 'recovering'
  /** A new epoch has begun and this replica does not yet hold all of the one before. (VRR §7.1) */
  | 'transitioning'
  /** Not a member yet: it follows, and has no vote. (VRR §7.5) */
  | 'learner'
  /** No longer a member, and no longer needed: it only tells where the group is. (VRR §7.1) */
  | 'retired';

/** May the primary answer reads by itself? (VRR §6.3.1) */
export type LeaseView =
  /** For so long yet, if it is not renewed; infinite in a group of one. */
  | { readonly valid: true; readonly leftMs: number }
  | {
      readonly valid: false;
      readonly refused:
        | 'not the primary'
        | 'the view is not settled'
        | 'not all is executed'
        | 'steps down'
        | 'a clock drifts'
        | 'no quorum has echoed'
        | 'the clocks disagree'
        | 'run out';
    };

/** What a replica shows of itself: for health, metrics, the console and the simulator's checkers. A copy. */
export interface ReplicaView {
  readonly replicaNumber: ReplicaNumber;
  readonly incarnation: Incarnation;
  readonly status: Status;
  readonly epochNumber: EpochNumber;
  readonly viewNumber: ViewNumber;
  readonly lastNormalView: Viewstamp;
  /** Computed from the view; it may be dead or not yet ready. */
  readonly primary: ReplicaNumber;
  /** True at a primary that may serve: normal, in touch with a quorum, its view's first op committed. */
  readonly serving: boolean;
  readonly opNumber: OpNumber;
  /** The log is durable here up to this op. */
  readonly storedNumber: OpNumber;
  /** Known to be committed by the group. */
  readonly commitNumber: OpNumber;
  /** Executed here. */
  readonly executedNumber: OpNumber;
  readonly clusterMs: ClusterMs;
  /** Milliseconds since the primary of this view was heard; 0 at the primary itself. */
  readonly lagMs: number;
  /** Whether reads are answered here alone, or why not. */
  readonly lease: LeaseView;
  /** Requests waiting here for an answer. */
  readonly parked: number;
  /** Requests waiting at this primary for an entry. */
  readonly queued: number;
  readonly internalErrors: number;
  /** At the primary: what each replica has acknowledged in this view, by replica-number. */
  readonly acknowledged: readonly {
    readonly replicaNumber: ReplicaNumber;
    readonly opNumber: OpNumber;
  }[];
  /** The group of this epoch, and the one before it. */
  readonly epoch: Epoch;
  /** How far the change to this epoch, or to the next, has come. */
  readonly reconfiguration: ReconfigurationView;
  /** The log is held from the op after this one. */
  readonly baseNumber: OpNumber;
  /** Known to be on the disk of every active: no witness needs it. 0 in a group without witnesses. (VRR §6.1) */
  readonly witnessBase: OpNumber;
  /** At a primary: its witnesses stand in for an active. */
  readonly enlisted: boolean;
  /** The checkpoint in force here. */
  readonly checkpoint: CheckpointName | undefined;
  /** False while the state is being fetched: nothing is executed or read here. */
  readonly stateWhole: boolean;
  /** What has come so far of a checkpoint that is being fetched. */
  readonly transfer:
    { readonly opNumber: OpNumber; readonly blocks: number; readonly bytes: number } | undefined;
}

/** A change of the group, as one replica sees it: the primary sees most. (VRR §7.2) */
export interface ReconfigurationView {
  /** A new group waits to be ready, its entry to be committed, the epoch to be worked in; or there is nothing to do. */
  readonly phase: 'warming' | 'committing' | 'starting' | 'done';
  /** Of the group that is being made, or of this epoch. */
  readonly members: readonly {
    readonly replicaNumber: ReplicaNumber;
    readonly nodeId: string;
    /** How far its log is known to go; undefined when it is not known here. */
    readonly opNumber: OpNumber | undefined;
    /** A member already, or a newcomer that has all but the last ops. */
    readonly warm: boolean;
    /** It is known to work in this epoch. */
    readonly started: boolean;
  }[];
  /** Node ids of the epoch before that nobody needs any more: they may be stopped. (CHECKEPOCH) */
  readonly mayRetire: readonly string[];
}
