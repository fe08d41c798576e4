import type { Outbox } from '../boundary/outbox';
import { opNumber, type OpNumber } from '../numbers/numbers';
import { isStateless, type ReplicaState } from '../state/replica-state';
import { store } from '../state/storing';
import { hasWitnesses, otherActivesOf } from './members';

/** A witness tells its disk of what it has let go with its next entries, or at the latest after so much. */
const DROPPED_BYTES_MAX = 1 << 20;

/**
 * The primary moves the base of all witnesses to what is committed and what every configured active has on its disk,
 * the silent ones too: with less than all of them a disk that dies could take the last copy along. (E46; decision 18)
 */
export function moveBase(state: ReplicaState): OpNumber {
  const { witness, stores, primary } = state;
  if (!hasWitnesses(state)) return witness.base;
  let held: number = Math.min(state.commitNumber, stores.storedNumber);
  for (const active of otherActivesOf(state)) {
    held = Math.min(held, primary.acknowledgements.heldBy(active));
  }
  return learnBase(state, opNumber(held));
}

/** A base is true for ever, whoever has told it and in whatever view: what is committed is never replaced. */
export function learnBase(state: ReplicaState, told: OpNumber): OpNumber {
  const { witness } = state;
  if (hasWitnesses(state) && told > witness.base) witness.base = told;
  return witness.base;
}

/** A witness lets go of what every active has. Only of what its own disk has, so that its acknowledgements stay whole. */
export function dropBehindBase(state: ReplicaState, out: Outbox): void {
  const { witness, log, stores } = state;
  if (!isStateless(state)) return;
  const bytes = log.byteLength;
  log.dropThrough(opNumber(Math.min(witness.base, stores.storedNumber)));
  witness.droppedBytes += bytes - log.byteLength;
  if (witness.droppedBytes < DROPPED_BYTES_MAX) return;
  witness.droppedBytes = 0;
  store(state, {}, out);
}

/**
 * How far an active may let go of its log, when a checkpoint allows `op`: in a group with witnesses an active that
 * returns, and a witness that is enlisted, find everything after the base in the log of the primary.
 */
export function droppableThrough(state: ReplicaState, op: OpNumber): OpNumber {
  return hasWitnesses(state) ? opNumber(Math.min(op, state.witness.base)) : op;
}
