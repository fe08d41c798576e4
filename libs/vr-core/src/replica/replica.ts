import type { Input, Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { Execution } from '../execution/execution';
import type { OpNumber, ReplicaNumber } from '../numbers/numbers';
import type { Plugin } from '../service/state-machine';
import type { Epoch } from '../state/configuration';
import type { Limits } from '../state/limits';
import type { HashFunction, LogEntry } from '../state/log-entry';
import type { LogPlace } from '../state/log-place';
import type { ReplicaView } from './replica-view';

/**
 * One replica of the group, as a function of its inputs: no I/O, no clock, no dice. The host's loop is in this
 * package's README.
 */
export interface Replica {
  /** Takes one input and adds what follows from it to `out`, in order. Throws only when an invariant is broken. */
  step(input: Input, now: Now, out: Outbox): void;
  view(now: Now): ReplicaView;
  /** The services and their state, for validation before a request is submitted and for reading events. */
  readonly execution: Execution;
  /**
   * Committed entries after a place in the log, up to `through`, oldest first; undefined when this replica does not know so
   * many to be committed, holds them no more, or has another entry at that place.
   */
  committedAfter(after: LogPlace, through: OpNumber): readonly LogEntry[] | undefined;
}

export interface ReplicaOptions {
  /** Until `start` says which epoch the disk knows. */
  readonly epoch: Epoch;
  readonly self: ReplicaNumber;
  readonly plugins: readonly Plugin[];
  readonly hash: HashFunction;
  readonly limits?: Partial<Limits>;
}
