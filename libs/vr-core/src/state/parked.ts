import type { SealedRequest } from '../messages/request';
import type { MonotonicMs, OpNumber, ReplicaNumber, ViewNumber } from '../numbers/numbers';
import type { SessionId } from '../service/state-machine';
import type { Read } from '../boundary/input';

/** A request that came in at this door and waits for its outcome, by forward or by this replica's own execution. */
export interface ParkedRequest {
  readonly sealed: SealedRequest;
  readonly deadlineMs: MonotonicMs;
  /** It has left this replica, or entered its log: from then on its outcome may be unknown. */
  sent: boolean;
  sentAtMs: MonotonicMs;
}

export interface ParkedKeepAlive {
  /** Its number between replicas: never used again, also not by this replica's next life. */
  readonly ticket: number;
  readonly keepAliveId: number;
  readonly session: SessionId;
  readonly principal: string;
  readonly deadlineMs: MonotonicMs;
  sentAtMs: MonotonicMs;
}

export interface ParkedRead {
  readonly ticket: number;
  readonly read: Read;
  /** From which op on it may be answered; undefined until the primary has said so. */
  atOp: OpNumber | undefined;
  /** It was a valid lease that said so. */
  leased: boolean;
  sentAtMs: MonotonicMs;
}

/** A read-index question at the primary: answered once a quorum has echoed a later beat. (decision 9) */
export interface IndexQuestion {
  readonly from: ReplicaNumber;
  readonly tickets: number[];
  /** Both undefined until the first op of the view is committed: before that the commit-number may be too low. (E21) */
  opNumber: OpNumber | undefined;
  afterBeat: number | undefined;
}

/** A keepalive at the primary, waiting for its Tick. */
export interface QueuedTouch {
  readonly from: ReplicaNumber;
  readonly ticket: number;
  readonly session: SessionId;
}

/** This replica's wish to leave, and the others': one slot a sender, forgotten after a while. (E15, E16) */
export interface ViewChangeVote {
  readonly viewNumber: ViewNumber;
  readonly atMs: MonotonicMs;
}
