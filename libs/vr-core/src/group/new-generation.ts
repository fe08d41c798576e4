import type { Execution } from '../execution/execution';
import type { Wall } from '../execution/moment';
import {
  epochNumber,
  opNumber,
  viewNumber,
  type EpochNumber,
  type OpNumber,
} from '../numbers/numbers';
import { makeCheckpoint, type Checkpoint } from '../state/checkpoint';
import { numberAfter, type Epoch, type Member } from '../state/configuration';
import { makeEntry, type HashFunction } from '../state/log-entry';
import type { LogPlace } from '../state/log-place';

/** Ops of one generation: at a thousand entries a second they last 557 years. There may be 512 generations. */
const OPS = 2 ** 44;
export const GENERATION_MAX = 511;

/** What a group is made of that takes over an old state. */
export interface NewGeneration {
  /** Above every one that may have given out op-numbers, sessions or fences from this state on. */
  readonly generation: number;
  /** In the order of the primaries. */
  readonly members: readonly Member[];
  /** The last entry of the old log that counts: the state is the one after it. */
  readonly after: LogPlace;
  /** The newest epoch that anybody in the old group may have known. */
  readonly epochNumber: EpochNumber;
  readonly wall: Wall;
}

/** What each member of the new group starts with, beside the pages of the store. */
export interface BegunGeneration {
  readonly epoch: Epoch;
  /** The log of every member begins after it, empty. */
  readonly checkpoint: Checkpoint;
}

/** Where the op-numbers of a generation begin: nothing that is named by an op is ever named again. */
export const firstOpOf = (generation: number): OpNumber => opNumber((generation - 1) * OPS);

/**
 * Makes a new group of an old state: another configuration in a later epoch, no sessions, fences and op-numbers above all
 * earlier ones. Done once, by the tool that makes the folders: members start from equal checkpoints, not from a log that
 * leads there. Throws RangeError when the generation is too low or there are too many. (decision 6; ADR 21)
 */
export function beginGeneration(
  execution: Execution,
  { generation, members, after, epochNumber: lastEpoch, wall }: NewGeneration,
  hash: HashFunction,
): BegunGeneration {
  const startOp = firstOpOf(generation);
  if (generation > GENERATION_MAX || startOp <= after.opNumber)
    throw new RangeError(`generation ${generation} cannot follow op ${after.opNumber}`);
  if (execution.executed !== after.opNumber)
    throw new RangeError(`the state is that of op ${execution.executed}, not ${after.opNumber}`);
  const configuration = {
    epochNumber: epochNumber(lastEpoch + 1),
    members,
    nextReplicaNumber: numberAfter(members),
  };
  const entry = makeEntry(
    {
      epochNumber: lastEpoch,
      viewNumber: viewNumber(0),
      opNumber: startOp,
      parentHash: after.hash,
      clusterMs: execution.clusterMs,
      wallSeconds: wall.seconds,
      wallNanos: wall.nanos,
    },
    { newView: false, touched: undefined, requests: [], reconfiguration: configuration },
    hash,
  );
  execution.beginGeneration(entry, generation);
  const fields = { opNumber: startOp, headHash: entry.hash, stateRoot: rootOf(execution) };
  return {
    epoch: { configuration, previous: undefined, startOp, startHash: entry.hash },
    checkpoint: makeCheckpoint(fields, hash),
  };
}

/** Of the state as it is now. */
function rootOf({ store }: Execution): Checkpoint['stateRoot'] {
  const snapshot = store.freeze();
  snapshot.encode(Number.MAX_SAFE_INTEGER);
  snapshot.close();
  return store.root;
}
