import type { ByteString } from '../encoding/byte-string';
import type { GetBlocks } from '../messages/get-blocks';
import type { OpNumber, ReplicaNumber } from '../numbers/numbers';
import type { NamedBlock } from '../service/merkle-block';
import type { Snapshot } from '../service/snapshot';
import type { Checkpoint, CheckpointName } from './checkpoint';

/** Checkpoints here and, at a primary, elsewhere. (VRR §5.1) */
export interface CheckpointingState {
  making: CheckpointInMaking | undefined;
  /** Those taken or installed here lately, newest last. */
  own: Checkpoint[];
  /** By member: what it has told in this view, newest last. */
  told: (CheckpointName[] | undefined)[];
  /** The newest that a quorum holds. */
  agreed: Checkpoint | undefined;
  /** One is to be taken as soon as it can be, whether it is due or not: the disk has lost pages. (ADR 20) */
  asked: boolean;
}

export interface CheckpointInMaking {
  readonly opNumber: OpNumber;
  readonly headHash: ByteString;
  readonly snapshot: Snapshot;
  /** Once all pages are written. */
  checkpoint: Checkpoint | undefined;
  /** Of the last piece handed to the disk: one is under way at a time. */
  storeNumber: number;
}

/** What is still to be fetched of a checkpoint, and by whom. */
export interface CheckpointTransfer {
  readonly target: Checkpoint;
  /** Who named it. */
  readonly source: ReplicaNumber;
  /** To be asked for, the last one first. */
  readonly wanted: NamedBlock[];
  asked: AskedBlocks[];
  /** Replicas that were found not to have it, or to have a damaged block of it. */
  readonly without: Set<ReplicaNumber>;
  /** The newest that somebody has instead, whose word alone did not count. */
  offered: { readonly checkpoint: Checkpoint; readonly by: ReplicaNumber } | undefined;
  /** Of the last piece handed to the disk. */
  storeNumber: number;
  /** All is here: pages that we held already, changed since our own checkpoint, go to the disk with those that came. */
  held: Snapshot | undefined;
  /** Set when all is on the disk: the checkpoint is in force when this store is durable. */
  completedBy: number | undefined;
  blocks: number;
  bytes: number;
}

export interface AskedBlocks {
  readonly ticket: number;
  readonly of: ReplicaNumber;
  readonly blocks: readonly NamedBlock[];
  readonly askedAtMs: number;
}

export interface BlockService {
  readonly ticket: number;
  readonly question: GetBlocks;
  readonly blocks: (Uint8Array | undefined)[];
  /** Places in `blocks` that the disk is to fill, in its order. */
  readonly missing: readonly number[];
}
