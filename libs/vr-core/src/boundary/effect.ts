import type { Answer, ProblemCode } from '../execution/answer';
import type { ExecutedEvent } from '../execution/execution';
import type { KeptAlive } from '../messages/kept-alive';
import type { Message } from '../messages/message';
import type { Request } from '../messages/request';
import type { ClusterMs, OpNumber, ReplicaNumber } from '../numbers/numbers';
import type { Viewstamp } from '../numbers/viewstamp';
import type { Outcome } from '../service/state-machine';
import type { LogEntry } from '../state/log-entry';
import type { Checkpoint } from '../state/checkpoint';
import type { Epoch } from '../state/configuration';
import type { LogPlace } from '../state/log-place';
import type { Promised, StoredPage } from './input';
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
  /** Answered by one `loaded`: pages of the durable checkpoint, as it is on the disk. */
  | {
      readonly kind: 'load';
      readonly ticket: number;
      readonly pages: readonly { readonly table: string; readonly page: number }[];
    }
  /** The group is another one now: connections to these members are needed, and to those of the epoch before. (VRR §7) */
  | { readonly kind: 'epoch'; readonly epoch: Epoch }
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
  /** Pages of a checkpoint to be; the one in force is not touched by them until it is replaced. */
  readonly pages: PageWrite | undefined;
  /** From here on this is the checkpoint in force: all pages written for its op, and older ones elsewhere. */
  readonly checkpoint: Checkpoint | undefined;
  /** The log begins after this place: entries up to it may be dropped, now or later. */
  readonly base: LogPlace;
  /** Every active is known to hold the log up to here; 0 in a group without witnesses. (VRR §6.1; ADR 12) */
  readonly witnessBase: OpNumber;
  readonly lastNormalView: Viewstamp;
  readonly commitNumber: OpNumber;
}

export interface PageWrite {
  /** Op of the checkpoint they belong to. */
  readonly forOp: OpNumber;
  readonly pages: readonly StoredPage[];
  /**
   * They come from the group, and replace the state in place: from the first of them on the pages on this disk are not
   * a whole state until the checkpoint is in force. (VRR §5.2)
   */
  readonly isTransfer: boolean;
}

export type ReadResult =
  | {
      readonly kind: 'outcome';
      readonly outcome: Outcome;
      readonly served: 'lease' | 'index' | 'stale';
      /** The state that was read is the one after this op. */
      readonly opNumber: OpNumber;
      /** The cluster clock for showing remaining times: the primary's own, or of the last op executed. (decision 37) */
      readonly clusterMs: ClusterMs;
      /** How long ago this replica last heard from the primary of its view; 0 at the primary. */
      readonly lagMs: number;
    }
  | { readonly kind: 'problem'; readonly code: ProblemCode | 'too-stale' | 'no-lease' }
  /** The plug-in could not read the query. */
  | { readonly kind: 'malformed'; readonly field: string; readonly problem: string };
