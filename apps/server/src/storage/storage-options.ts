import type { HashFunction, ReplicaNumber } from '@lockstep/vr-core';
import type { DurabilityMode, StorageFailure, StorageReport } from './replica-storage';

/** Whose storage it is and how it keeps its word. */
export interface StorageOptions {
  /** Exists, belongs to this replica alone. */
  readonly folder: string;
  readonly groupId: string;
  readonly nodeId: string;
  readonly generation: number;
  readonly self: ReplicaNumber;
  readonly groupSize: number;
  readonly mode: DurabilityMode;
  /** The core's own: entries are checked against their hashes with it. */
  readonly hash: HashFunction;
  readonly onReport?: (report: StorageReport) => void;
  /** Once, at the first failed write; in mode `replicated` no `done` may be left to tell it. */
  readonly onFailure?: (failure: StorageFailure) => void;
}

/** One-time permission to start without a promise; written when the group is made. (decision 3) */
export const INIT_TOKEN = 'init';
export const DATABASE = 'replica.sqlite';
