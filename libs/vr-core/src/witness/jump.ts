import { opNumber, type OpNumber } from '../numbers/numbers';
import type { LogEntry } from '../state/log-entry';
import type { LogPlace } from '../state/log-place';
import { isStateless, settledOp, type ReplicaState } from '../state/replica-state';

/**
 * From where on this replica needs another's log: an active what it has not executed, a witness only what is above the
 * base, however long it was left alone.
 */
export function neededAfter(state: ReplicaState): OpNumber {
  const settled = settledOp(state);
  return isStateless(state) ? opNumber(Math.max(settled, skippable(state))) : settled;
}

/**
 * Entries after this place can be made the end of our log: we hold the entry before them, or are a witness that needs
 * nothing up to there.
 */
export function mayContinueAt(state: ReplicaState, place: LogPlace): boolean {
  const { log } = state;
  if (log.hashAt(place.opNumber) === place.hash) return true;
  const isBelowBase = place.opNumber >= log.base.opNumber && place.opNumber <= skippable(state);
  return isStateless(state) && isBelowBase;
}

/**
 * What every active has; or, for one that lacks the end of the epoch before, all of that: the quorum that committed it
 * did so without us, and every active of this epoch has it before it takes part. (E30; ADR 12)
 */
function skippable({ witness, epoch }: ReplicaState): number {
  return Math.max(witness.base, epoch.startOp);
}

/**
 * A witness begins its log anew behind a place at or below the base, unless it has that: what it skips is in the log or
 * the state of every active. Only as a part of installing what follows, or it would look older than it is. (E7)
 */
export function jumpTo(state: ReplicaState, place: LogPlace): void {
  const { log, stores } = state;
  if (log.hashAt(place.opNumber) === place.hash || !mayContinueAt(state, place)) return;
  log.restart(place);
  stores.storedNumber = opNumber(Math.min(stores.storedNumber, place.opNumber));
  stores.logVersion += 1;
}

/** The place that an entry follows. */
export function placeBefore({ opNumber: op, parentHash }: LogEntry): LogPlace {
  return { opNumber: opNumber(op - 1), hash: parentHash };
}
