import type { PageWrite } from '../boundary/effect';
import type { Outbox } from '../boundary/outbox';
import type { OpNumber } from '../numbers/numbers';
import { compareViewstamps } from '../numbers/viewstamp';
import type { Checkpoint } from './checkpoint';
import type { LogEntry } from './log-entry';
import { knownIncarnations, type ReplicaState } from './replica-state';

export interface Change {
  /** Write the promise too: always when the view has changed. */
  readonly promise?: boolean;
  /** Entries that now follow `afterOp` in the log. */
  readonly log?: { readonly afterOp: OpNumber; readonly entries: readonly LogEntry[] };
  readonly pages?: PageWrite;
  /** In force when this store is durable. */
  readonly checkpoint?: Checkpoint;
}

/** Hands a change to the disk; what depends on it waits for `stored`. Returns the number it will come back with. */
export function store(state: ReplicaState, change: Change, out: Outbox): number {
  const { stores } = state;
  stores.storeNumber += 1;
  const promise = change.promise
    ? {
        epochNumber: state.epochNumber,
        viewNumber: state.viewNumber,
        incarnations: knownIncarnations(state),
        epoch: state.epoch,
      }
    : undefined;
  stores.pending.push({
    storeNumber: stores.storeNumber,
    promise,
    opNumber: state.log.opNumber,
    logVersion: stores.logVersion,
    checkpoint: change.checkpoint,
  });
  out.add({
    kind: 'store',
    store: {
      storeNumber: stores.storeNumber,
      promise,
      log: change.log,
      pages: change.pages,
      checkpoint: change.checkpoint,
      base: state.log.base,
      witnessBase: state.witness.base,
      lastNormalView: state.lastNormalView,
      commitNumber: state.commitNumber,
    },
  });
  return stores.storeNumber;
}

/** Everything up to this store is durable. */
export function isStored({ stores }: ReplicaState, storeNumber: number): boolean {
  const oldest = stores.pending[0];
  return oldest === undefined || oldest.storeNumber > storeNumber;
}

/**
 * Takes in that stores are durable. Only a store of the log as it is now vouches for its entries: the end of the log
 * may have been replaced since. (E20, E43)
 */
export function takeStored(state: ReplicaState, storeNumber: number): void {
  const { stores } = state;
  while (stores.pending.length > 0) {
    const oldest = stores.pending[0];
    if (oldest === undefined || oldest.storeNumber > storeNumber) break;
    stores.pending.shift();
    for (const known of oldest.promise?.incarnations ?? []) {
      stores.incarnations[known.replicaNumber] = known.incarnation;
    }
    if (oldest.promise !== undefined && compareViewstamps(oldest.promise, stores.promised) > 0) {
      stores.promised = {
        epochNumber: oldest.promise.epochNumber,
        viewNumber: oldest.promise.viewNumber,
      };
    }
    if (oldest.checkpoint !== undefined) stores.checkpoint = oldest.checkpoint;
    if (oldest.logVersion === stores.logVersion && oldest.opNumber > stores.storedNumber) {
      stores.storedNumber = oldest.opNumber;
    }
  }
}
