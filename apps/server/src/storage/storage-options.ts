import type { Epoch, HashFunction, ReplicaNumber } from '@lockstep/vr-core';
import type { DurabilityMode, StorageFailure, StorageReport } from './replica-storage';
import type { ScrubPace } from './scrub/scrub-pace';

/** Whose storage it is and how it keeps its word. */
export interface StorageOptions {
  /** Exists, belongs to this replica alone. */
  readonly folder: string;
  readonly groupId: string;
  readonly nodeId: string;
  readonly generation: number;
  readonly self: ReplicaNumber;
  /** Where a folder without a promise begins: the newest epoch that whoever made the folder knew of. */
  readonly epoch: Epoch;
  readonly mode: DurabilityMode;
  /** The core's own: entries are checked against their hashes with it. */
  readonly hash: HashFunction;
  /**
   * The operator says that this replica's disk is gone and that it shall come back all the same: a folder without a
   * promise may start, fenced. A folder with one starts as ever. (E1 b; decision 3)
   */
  readonly recover: boolean;
  /** How fast what is on the disk is read again while the replica works; without it, it is not. */
  readonly scrub?: ScrubPace;
  readonly onReport?: (report: StorageReport) => void;
  /** After each write that was synced, for metrics. */
  readonly onSync?: (sync: StorageSync) => void;
  /** Once, at the first failed write; in mode `replicated` no `done` may be left to tell it. */
  readonly onFailure?: (failure: StorageFailure) => void;
}

export interface StorageSync {
  readonly what: 'promise' | 'log';
  readonly seconds: number;
  /** Of the log and of pages: 0 for a promise. */
  readonly entries: number;
  readonly bytes: number;
}

/** One-time permission to start without a promise; written when the group is made. (decision 3) */
export const INIT_TOKEN = 'init';
/** In a folder whose group was made again without its quorum: it must never work on beside the new one. (decision 16) */
export const SUPERSEDED = 'superseded';
export const DATABASE = 'replica.sqlite';
