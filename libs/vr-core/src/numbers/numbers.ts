/**
 * The paper's counters, each its own type: a commit-number is an op-number and says so, and a view
 * can never be passed where an op is meant. All are safe integers (below 2^53). (VRR §4, Figure 2)
 */
declare const unit: unique symbol;
type Counted<Unit extends string> = number & { readonly [unit]: Unit };

export type EpochNumber = Counted<'epoch'>;
export type ViewNumber = Counted<'view'>;
export type OpNumber = Counted<'op'>;
export type ReplicaNumber = Counted<'replica'>;
export type RequestNumber = Counted<'request'>;

/** A replica's process start, counted durably, so that what an earlier life said can be told apart. (decision 3) */
export type Incarnation = Counted<'incarnation'>;

/** Milliseconds of the cluster clock since the group was born. (docs: one cluster clock) */
export type ClusterMs = Counted<'cluster-ms'>;

/** Milliseconds of one host's monotonic clock: never compared between hosts. */
export type MonotonicMs = Counted<'monotonic-ms'>;

export const epochNumber = (value: number): EpochNumber => counted(value);
export const viewNumber = (value: number): ViewNumber => counted(value);
export const opNumber = (value: number): OpNumber => counted(value);
export const replicaNumber = (value: number): ReplicaNumber => counted(value);
export const requestNumber = (value: number): RequestNumber => counted(value);
export const incarnation = (value: number): Incarnation => counted(value);
export const clusterMs = (value: number): ClusterMs => counted(value);
export const monotonicMs = (value: number): MonotonicMs => value as MonotonicMs;

export const nextOp = (op: OpNumber): OpNumber => opNumber(op + 1);
export const nextView = (view: ViewNumber): ViewNumber => viewNumber(view + 1);

function counted<N extends number>(value: number): N {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not a counter: ${value}`);
  return value as N;
}
