/** Bounds and timeouts of the core. Times are monotonic milliseconds of one host. */
export interface Limits {
  /** The primary's COMMIT, also under load. (decision 8) */
  readonly heartbeatMs: number;
  /** A backup that has heard nothing from the primary for so long votes for the next view. */
  readonly suspicionMs: number;
  /** A replica that heard the primary within this time does not follow another's suspicion. (E16) */
  readonly stickyMs: number;
  /** A vote to leave counts for so long; it is repeated at a third of this while the suspicion lasts. */
  readonly voteMs: number;
  /** DOVIEWCHANGE, RECOVERY, GETSTATE and un-acknowledged PREPAREs are sent again after this. */
  readonly resendMs: number;
  /** A view change that takes longer votes for the next view; doubled for each that fails in a row. */
  readonly viewChangeMs: number;
  readonly viewChangeMsMax: number;
  /** A primary that has not heard a quorum for so long stops its heartbeats and its clock. (E16, locks.md R4) */
  readonly abdicateMs: number;
  /** Requests and keepalives at a backup are forwarded again after this. (decision 13) */
  readonly forwardRetryMs: number;
  /** A keepalive waits so long for others to share its Tick. (decision 22) */
  readonly touchDelayMs: number;
  /** The cluster clock takes no larger step at once: a stalled host ages no lease. (locks.md R4) */
  readonly clockStepMsMax: number;
  /** Log entries prepared and not yet committed. (VRR §6.2) */
  readonly pipelineMax: number;
  readonly batchRequestsMax: number;
  readonly batchBytesMax: number;
  /** Requests waiting at the primary for an entry; one more is answered `busy`. */
  readonly queueRequestsMax: number;
  /** Requests, reads and keepalives waiting at one door for an answer; one more is answered `busy`. */
  readonly parkedMax: number;
}

export const DEFAULT_LIMITS: Limits = {
  heartbeatMs: 20,
  suspicionMs: 1000,
  stickyMs: 200,
  voteMs: 600,
  resendMs: 100,
  viewChangeMs: 500,
  viewChangeMsMax: 8000,
  abdicateMs: 1000,
  forwardRetryMs: 500,
  touchDelayMs: 250,
  clockStepMsMax: 200,
  pipelineMax: 8,
  batchRequestsMax: 2048,
  batchBytesMax: 1 << 20,
  queueRequestsMax: 20_000,
  parkedMax: 20_000,
};
