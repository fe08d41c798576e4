import type { Answer, ProblemCode } from '../execution/answer';
import type { ExecutedEvent } from '../execution/execution';
import type { KeptAlive } from '../messages/kept-alive';
import type { Message } from '../messages/message';
import type { Request } from '../messages/request';
import type { ClusterMs, OpNumber, ReplicaNumber } from '../numbers/numbers';
import type { Viewstamp } from '../numbers/viewstamp';
import type { Outcome } from '../service/state-machine';
import type { LogEntry } from '../state/log-entry';
import type { Promised } from './input';
import type { Note } from './note';

/** Everything a replica can ask of its host. Effects of one step are carried out in their order. */
export type Effect =
  /** May be lost, delayed, repeated or reordered: the protocol expects it. */
  | { readonly kind: 'send'; readonly to: ReplicaNumber; readonly message: Message }
  | { readonly kind: 'store'; readonly store: Store }
  | { readonly kind: 'answer'; readonly request: Request; readonly answer: Answer }
  | { readonly kind: 'kept-alive'; readonly keepAliveId: number; readonly result: KeptAlive }
  | { readonly kind: 'read'; readonly readId: number; readonly result: ReadResult }
  /** Published by operations that have just been executed here. */
  | { readonly kind: 'events'; readonly events: readonly ExecutedEvent[] }
  | { readonly kind: 'note'; readonly note: Note }
  /** An invariant is broken or the state is lost: stop the process, keep the disk as it is. */
  | { readonly kind: 'halt'; readonly reason: string };

/**
 * One atomic write. Stores complete in the order of their numbers. The promise, when there is one, must be synced
 * before the rest; both before `stored` is given back. (E43; decision 11)
 */
export interface Store {
  readonly storeNumber: number;
  readonly promise: Promised | undefined;
  /** The entries follow op `afterOp`; whatever the disk holds after that op is dropped in the same transaction. */
  readonly log: { readonly afterOp: OpNumber; readonly entries: readonly LogEntry[] } | undefined;
  readonly lastNormalView: Viewstamp;
  readonly commitNumber: OpNumber;
}

export type ReadResult =
  | {
      readonly kind: 'outcome';
      readonly outcome: Outcome;
      readonly served: 'index' | 'stale';
      /** The state that was read is the one after this op. */
      readonly opNumber: OpNumber;
      /** The cluster clock for showing remaining times: the primary's own, or of the last op executed. (decision 37) */
      readonly clusterMs: ClusterMs;
      /** How long ago this replica last heard from the primary of its view; 0 at the primary. */
      readonly lagMs: number;
    }
  | { readonly kind: 'problem'; readonly code: ProblemCode | 'too-stale' }
  /** The plug-in could not read the query. */
  | { readonly kind: 'malformed'; readonly field: string; readonly problem: string };
