import type { Now, StoredLog } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { headPlace, joinReadable } from '../state/damaged-log';
import { primaryOfView, type ReplicaState } from '../state/replica-state';
import { beginInstallation } from '../view-change/install-log';

/**
 * The log as the disk has it: up to the first damaged entry, and apart from that what can be read behind it. Entries that a
 * checkpoint on the same disk covers are not missed. (E42)
 */
export function takeLog(
  state: ReplicaState,
  { base, entries, beyond, checkpoint }: Extract<StoredLog, { kind: 'intact' }>,
): void {
  const { log } = state;
  log.restart(base);
  for (const entry of entries) log.append(entry);
  if (checkpoint !== undefined && checkpoint.opNumber > log.opNumber) {
    log.restart({ opNumber: checkpoint.opNumber, hash: checkpoint.headHash });
  }
  joinReadable(state, beyond);
}

/**
 * A backup whose disk has damaged entries fetches them, from anyone, by the hashes that their successors name. Until they
 * are all on the disk again it acknowledges nothing: what it has acknowledged is its head, and a shorter log must not be
 * offered for it. It votes, and may be taken along to a later view with that head. (E42)
 */
export function repairLog(state: ReplicaState, now: Now, out: Outbox): void {
  const head = headPlace(state);
  state.status = 'view-change';
  out.protocol('repair', `entries after op ${state.log.opNumber} are damaged: fetches them`);
  beginInstallation(
    state,
    {
      reason: 'repair',
      source: primaryOfView(state),
      viewNumber: state.viewNumber,
      opNumber: head.opNumber,
      headHash: head.hash,
      commitNumber: state.commitNumber,
      encodedTail: [],
    },
    now,
    out,
  );
}
