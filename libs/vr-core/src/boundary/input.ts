import type { ByteString } from '../encoding/byte-string';
import type { Message } from '../messages/message';
import type { Request } from '../messages/request';
import type { Incarnation, MonotonicMs, OpNumber, ReplicaNumber } from '../numbers/numbers';
import type { Viewstamp } from '../numbers/viewstamp';
import type { PageAddress } from '../service/merkle-block';
import type { SessionId } from '../service/state-machine';
import type { Incarnations } from '../messages/header';
import type { Checkpoint } from '../state/checkpoint';
import type { Epoch } from '../state/configuration';
import type { LogPlace } from '../state/log-place';
import type { LogEntry } from '../state/log-entry';

/** The host's clocks, read once for each input. The core never looks at a clock itself. */
export interface Now {
  /** Never goes back, also not when the wall clock is set. May have a fraction. */
  readonly monotonicMs: MonotonicMs;
  /** UTC, seconds since 1970 and nanoseconds: file-time data only. (decision 4) */
  readonly wallSeconds: number;
  readonly wallNanos: number;
}

/**
 * Everything that can happen to a replica. The host hands over one input at a time, in the order things happened,
 * and carries out the effects of one step before it takes the next input.
 */
export type Input =
  /** Pages of the checkpoint that the disk holds, in any order and portions, before `start`. (VRR §5.1) */
  | { readonly kind: 'restore'; readonly pages: readonly StoredPage[] }
  /** Once, before everything but `restore`. */
  | { readonly kind: 'start'; readonly life: Life }
  /** Every 10 ms: all deadlines are polled then. */
  | { readonly kind: 'tick' }
  /** The host's queue is empty for now: what was gathered is sent. (VRR §6.2: batching without delay when idle) */
  | { readonly kind: 'flush' }
  | { readonly kind: 'message'; readonly message: Message }
  /** Everything up to this store effect, in order, is done: durable, as the mode of durability means it. */
  | { readonly kind: 'stored'; readonly storeNumber: number }
  /** A client's operation at this door; validated. Answered by exactly one `answer` effect a name. */
  | { readonly kind: 'request'; readonly request: Request; readonly deadlineMs: MonotonicMs }
  /** A client keeps its session alive. Answered by one `kept-alive` effect. (decision 22) */
  | {
      readonly kind: 'keep-alive';
      readonly keepAliveId: number;
      readonly session: SessionId;
      readonly principal: string;
      readonly deadlineMs: MonotonicMs;
    }
  /** A query at this door. Answered by one `read` effect. */
  | { readonly kind: 'read'; readonly read: Read }
  /** The connection to a peer closed or was refused: a hint that it died, never a proof. (decision 8) */
  | { readonly kind: 'peer-lost'; readonly replicaNumber: ReplicaNumber }
  | { readonly kind: 'peer-found'; readonly replicaNumber: ReplicaNumber }
  /** A primary gives up its view in good order. */
  | { readonly kind: 'step-down' }
  /** The answer to a `load` effect, in its order. */
  | {
      readonly kind: 'loaded';
      readonly ticket: number;
      readonly pages: readonly (Uint8Array | undefined)[];
    }
  | DamageOnDisk;

/** The disk no longer holds what it was given: what this replica still has in memory is written again. (E42; ADR 20) */
export interface DamageOnDisk {
  readonly kind: 'damaged';
  /** Some of the log's entries, or all: the whole log is written again, from its base. */
  readonly log: boolean;
  /** Of the checkpoint in force; `all`: none of them is there any more, nor any of one to be. */
  readonly pages: readonly PageAddress[] | 'all';
}

/** One page of one table; without bytes: the page is gone. */
export interface StoredPage {
  /** `owner/name` */
  readonly table: string;
  readonly page: number;
  readonly bytes: Uint8Array | undefined;
}

export interface Read {
  /** Chosen by the host, unique among its reads under way. */
  readonly readId: number;
  readonly service: string;
  readonly query: Uint8Array;
  readonly consistency: Consistency;
  readonly deadlineMs: MonotonicMs;
}

export type Consistency =
  /** By the primary's lease when it is valid, else by a round of the group. (VRR §6.3.1; decision 9) */
  | { readonly kind: 'linearizable' }
  /** By the lease or not at all. */
  | { readonly kind: 'lease' }
  /** This replica's own executed state, once it has executed `minOp`, if it heard from the primary lately. (VRR §6.3.2) */
  | { readonly kind: 'stale'; readonly minOp: OpNumber; readonly maxStalenessMs: number };

/** What the host found on its disk. */
export interface Life {
  /** Counted and durable before this input: no earlier life had it. */
  readonly incarnation: Incarnation;
  /** 16 random bytes of this life, for the recovery protocol. (E2) */
  readonly nonce: ByteString;
  /**
   * What is on the disk. With `promiseLost` it is what the operator says of the group instead: the newest epoch known,
   * view 0, and only this life's incarnation.
   */
  readonly promise: Promised;
  /** The whole disk is gone and the operator asked for `--recover`: the fenced return. (E1 b; decision 3) */
  readonly promiseLost: boolean;
  readonly log: StoredLog;
}

/** What a replica may never forget, because others act on it: nothing older will be said again. (E1) */
export interface Promised extends Viewstamp {
  /** The newest incarnation known of each replica: older ones are fenced. (decision 3) */
  readonly incarnations: Incarnations;
  readonly epoch: Epoch;
}

export type StoredLog =
  /** First start of a new group. */
  | { readonly kind: 'fresh' }
  | {
      readonly kind: 'intact';
      /** The latest view in which this log was the view's own: v' of the paper, `lnv`. (E11) */
      readonly lastNormalView: Viewstamp;
      /** A lower bound: what this replica knew to be committed when it last wrote. */
      readonly commitNumber: OpNumber;
      /** What the log begins after. */
      readonly base: LogPlace;
      /** As in the last store. */
      readonly witnessBase: OpNumber;
      /** After the base, chained, up to the head or to the first that is damaged. */
      readonly entries: readonly LogEntry[];
      /**
       * When entries are damaged: those after the first of them that are not, the head among them, by rising op. The
       * damaged ones are had again from the group, never skipped. (E42)
       */
      readonly beyond: readonly LogEntry[];
      /** What the pages given by `restore` are, when they are whole. */
      readonly checkpoint: Checkpoint | undefined;
      /**
       * False when some of those pages are missing, damaged, or of a transfer that was cut short: the state is then
       * made whole by the group before anything is executed.
       */
      readonly stateWhole: boolean;
    }
  /** Unreadable, or (mode `replicated`) not known to be whole: the recovery protocol brings it back. (VRR §4.3) */
  | { readonly kind: 'lost' };
