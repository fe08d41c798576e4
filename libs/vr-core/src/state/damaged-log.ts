import type { Entries } from '../messages/entries';
import { opNumber, type OpNumber } from '../numbers/numbers';
import type { LogEntry } from './log-entry';
import type { LogPlace } from './log-place';
import type { ReplicaState } from './replica-state';

/*
 * A log of which the disk has damaged entries: `state.log` ends before the first of them, `state.beyond` are those after
 * it that can be read, the head among them. Together they are what this replica has acknowledged, so its head is theirs.
 * (E42)
 */

/** The op and hash of the newest entry that this replica may have acknowledged. */
export function headPlace({ log, beyond }: ReplicaState): LogPlace {
  return placeOf(beyond.at(-1)) ?? { opNumber: log.opNumber, hash: log.headHash };
}

/** Encoded entries up to the head, the newest that fit in `bytesMax`. */
export function suffixToHead(state: ReplicaState, bytesMax: number): Entries {
  const head = state.beyond.at(-1);
  if (head === undefined) return state.log.suffix(bytesMax);
  return head.encoded.length > bytesMax ? [] : readableUpTo(state, head, opNumber(0), bytesMax);
}

/**
 * Encoded entries that end with the one of this place and come after op `after`, the newest that fit in `bytesMax`, and at
 * least one; none when it is not held.
 */
export function heldUpTo(
  state: ReplicaState,
  place: LogPlace,
  after: OpNumber,
  bytesMax: number,
): Entries {
  const { log } = state;
  const { opNumber: op, hash } = place;
  if (op <= after) return [];
  if (log.at(op)?.hash === hash) return log.lastUpTo(op, after, bytesMax);
  const last = readableAt(state, place);
  return last === undefined ? [] : readableUpTo(state, last, after, bytesMax);
}

/**
 * Appends the readable entries that continue the log now; the rest stays behind the next damaged one. False where they
 * follow another entry than ours: ours is that of a checkpoint here, so they were never committed, and are let go.
 */
export function joinReadable(state: ReplicaState, beyond: readonly LogEntry[]): boolean {
  const { log } = state;
  const rest = beyond.filter((entry) => entry.opNumber > log.opNumber);
  const contradicted =
    rest[0]?.opNumber === log.opNumber + 1 && rest[0].parentHash !== log.headHash;
  state.beyond = contradicted ? [] : rest;
  for (const entry of state.beyond) {
    if (entry.opNumber !== log.opNumber + 1) break;
    log.append(entry);
  }
  state.beyond = state.beyond.filter((entry) => entry.opNumber > log.opNumber);
  return !contradicted;
}

/** The readable entry of this place behind a damaged one. */
export function readableAt({ beyond }: ReplicaState, place: LogPlace): LogEntry | undefined {
  for (let at = beyond.length - 1; at >= 0; at -= 1) {
    const entry = beyond[at] as LogEntry;
    if (entry.opNumber <= place.opNumber) {
      return entry.opNumber === place.opNumber && entry.hash === place.hash ? entry : undefined;
    }
  }
  return undefined;
}

/** From `last` back to the next damaged entry. */
function readableUpTo(
  { beyond }: ReplicaState,
  last: LogEntry,
  after: OpNumber,
  bytesMax: number,
): Entries {
  const encoded: Uint8Array[] = [];
  let room = bytesMax;
  let at = beyond.indexOf(last);
  for (let op = last.opNumber; op > after; op = opNumber(op - 1), at -= 1) {
    const entry = beyond[at];
    if (entry?.opNumber !== op) break;
    if (encoded.length > 0 && entry.encoded.length > room) break;
    encoded.push(entry.encoded);
    room -= entry.encoded.length;
  }
  return encoded.reverse();
}

function placeOf(entry: LogEntry | undefined): LogPlace | undefined {
  return entry && { opNumber: entry.opNumber, hash: entry.hash };
}
