import type { Effect, Life, Store, StoredPage } from '@lockstep/vr-core';
import type { ScrubFigures } from './scrub/scrub-figures';

/**
 * A replica's disk: its promise (epoch, view, incarnations), its log, and the pages of its state. (decision 11; VRR §5.1)
 *
 * One twin writes files, one keeps all in memory; the same specification runs on both.
 */
export interface ReplicaStorage {
  /**
   * Reads what an earlier life left and counts this one: the new incarnation is durable before the answer. Before it,
   * `restore` is called with the pages of the checkpoint in force, in any order, a portion of bounded size at a time; of a
   * transfer that was cut short with what it had brought in their place. Once, first. Rejects with `RefusedToStart` when
   * a start would be unsafe: nobody may act on the answer then. (E1; decision 3)
   */
  open(restore: RestorePages): Promise<Life>;

  /**
   * Carries out one store effect: its promise first, then the rest as one atomic write (E43). `done` is called
   * exactly once, later, never inside this call, and in the order of the calls: without a failure when everything up
   * to this store is durable as the mode means it. After a failure nothing is ever written again: the process must
   * end, because a disk that has failed once says nothing reliable about what it holds. (E42)
   *
   * After a life whose log was `lost`, the first store that has a log must carry the whole of it, from its base: from
   * then on the log counts as this replica's own again. Until then every restart says `lost` again, and keeps no page.
   *
   * Pages of this replica's own that do not get as far as their checkpoint are dropped, by the next start at the latest.
   * Pages of a transfer stay: once there is one, only the checkpoint that the transfer ends with makes the state whole.
   */
  store(store: Store, done: StoreDone): void;

  /**
   * Pages of the checkpoint in force, in the order asked for; undefined for one that it does not have, or that is
   * damaged. Also while the next checkpoint is being written. Rejects with `StorageFailure`: the process must end.
   */
  load(pages: readonly PageName[]): Promise<readonly (Uint8Array | undefined)[]>;

  /**
   * Writes what still waits and marks the log as whole: a clean end (decision 16). Completes every store. No store may
   * follow. Also ends a storage that has failed.
   */
  close(): Promise<void>;
}

export type RestorePages = (pages: readonly StoredPage[]) => void;
export type PageName = Extract<Effect, { readonly kind: 'load' }>['pages'][number];
export type StoreDone = (failure?: StorageFailure) => void;

/** What a PREPAREOK and a commit wait for. (architecture, "Durability is a choice"; decision 32) */
export type DurabilityMode =
  /** The log is synced: survives a crash of all replicas at once. */
  | 'durable'
  /** The log is in memory and written in the background; only the promise is synced. Survives f lost replicas. */
  | 'replicated';

/** A write or a sync failed. Never retried: end the process with exit code 70. */
export class StorageFailure extends Error {
  override readonly name = 'StorageFailure';
}

/** The folder cannot be served safely: end the process with exit code 2 and this line. */
export class RefusedToStart extends Error {
  override readonly name = 'RefusedToStart';
}

/** What storage tells the log of the process. Never a secret, never the content of an entry. */
export interface StorageReport {
  readonly level: 'info' | 'warn' | 'error';
  readonly text: string;
}

/** How much was written, for metrics. */
export interface StorageFigures {
  readonly flushes: number;
  readonly entries: number;
  readonly bytes: number;
  readonly promises: number;
  /** Pages of checkpoints, and their bytes. */
  readonly pages: number;
  readonly pageBytes: number;
  /** Stores that wait for their completion now. */
  readonly waiting: number;
  readonly scrub: ScrubFigures;
}
