import type { Outbox } from '../boundary/outbox';
import { opNumber } from '../numbers/numbers';
import type { LogEntry } from '../state/log-entry';
import type { ReplicaState } from '../state/replica-state';
import { store } from '../state/storing';

/** The next entries of this view enter the log and are on their way to the disk. */
export function append(state: ReplicaState, entries: readonly LogEntry[], out: Outbox): void {
  const afterOp = opNumber(state.log.opNumber);
  for (const entry of entries) state.log.append(entry);
  store(state, { log: { afterOp, entries } }, out);
}
