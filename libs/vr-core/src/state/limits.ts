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
  /** A quorum of echoes lets the primary read by itself for so long; 0: no leases. (VRR §6.3.1; decision 8) */
  readonly leaseMs: number;
  /** How far the rate of any host's clock may be from that of real time, as a part of it: ρ. (decision 7) */
  readonly clockDrift: number;
  /** A lease ends so much early, and a host that missed its tick by more holds none until it is heard again: δ. */
  readonly leaseMarginMs: number;
  /** The cluster clock takes no larger step at once: a stalled host ages no lease. (locks.md R4) */
  readonly clockStepMsMax: number;
  /** Log entries prepared and not yet committed. (VRR §6.2) */
  readonly pipelineMax: number;
  readonly batchRequestsMax: number;
  readonly batchBytesMax: number;
  /** Requests waiting at the primary for an entry; one more is answered `busy`. */
  readonly queueRequestsMax: number;
  /** A checkpoint is due after so many ops, or so many bytes of entries: the same at every replica. (decision 19) */
  readonly checkpointOps: number;
  readonly checkpointBytes: number;
  /** Pages encoded in one tick: the pause that a checkpoint makes. */
  readonly checkpointPagesPerTick: number;
  /** Behind a checkpoint so many entries are kept for the slow, unless they have more bytes than that. (VRR §5.1) */
  readonly logKeepOps: number;
  readonly logKeepBytes: number;
  /** With more bytes of log than this the primary answers `busy` until checkpoints catch up. */
  readonly logBytesMax: number;
  /** Questions for blocks under way at once, and blocks in each. */
  readonly transferQuestionsMax: number;
  /** Pieces of a transfer that the disk may be behind. */
  readonly transferStoresMax: number;
  /** Questions of others for blocks that wait for the disk; more are not taken. */
  readonly blockServicesMax: number;
  /** An active that has not been heard, or has stopped every commit, for so long is stood in for. (VRR §6.1) */
  readonly witnessAfterMs: number;
  /** An absent active keeps at most so many bytes of entries in the logs of its group. (decision 18) */
  readonly witnessLogBytesMax: number;
  /** A newcomer asks so often for what has been committed. (VRR §7.5) */
  readonly learnerPollMs: number;
  /** It is warm when it lacks no more ops than that. */
  readonly learnerLagOpsMax: number;
  /** A reconfiguration waits so long for its new members to be warm; then it is refused. */
  readonly warmUpMs: number;
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
  leaseMs: 80,
  clockDrift: 0.01,
  leaseMarginMs: 20,
  clockStepMsMax: 200,
  pipelineMax: 8,
  batchRequestsMax: 2048,
  batchBytesMax: 1 << 20,
  checkpointOps: 16_384,
  checkpointBytes: 64 << 20,
  checkpointPagesPerTick: 64,
  logKeepOps: 4_096,
  logKeepBytes: 16 << 20,
  logBytesMax: 256 << 20,
  transferQuestionsMax: 4,
  transferStoresMax: 8,
  blockServicesMax: 8,
  learnerPollMs: 50,
  learnerLagOpsMax: 256,
  warmUpMs: 60_000,
  queueRequestsMax: 20_000,
  witnessAfterMs: 60,
  witnessLogBytesMax: 192 << 20,
  parkedMax: 20_000,
};
