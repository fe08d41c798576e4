import { abandonCheckpoint } from '../checkpoint/take-checkpoint';
import type { DamageOnDisk } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { opNumber } from '../numbers/numbers';
import { isStateless, type ReplicaState } from '../state/replica-state';
import { store } from '../state/storing';

/**
 * What the disk has lost is written again from memory, where all of it is: the log as a whole, and pages with a
 * checkpoint at once. Nobody else hears of it. What memory does not have whole is being made whole by the group already,
 * and written then; the host tells again of what it still finds damaged. (E42; ADR 20)
 */
export function mendDisk(state: ReplicaState, { log, pages }: DamageOnDisk, out: Outbox): void {
  const { checkpointing, execution } = state;
  if (pages === 'all') {
    // What the walk has put on the disk already, it would take for being there.
    if (state.transfer !== undefined) return;
    // One that is sealed is on its way to the disk, whole or not: another follows.
    if (checkpointing.making?.checkpoint === undefined) abandonCheckpoint(state);
  }
  execution.store.loseKept(pages);
  if (pages.length > 0 && !isStateless(state)) checkpointing.asked = true;
  if (log) rewriteLog(state, out);
}

/**
 * One write that takes the place of all there is on the disk. It vouches for nothing new. Not while the log has holes, or
 * is lost: then what is here is less than what this replica has acknowledged.
 */
function rewriteLog(state: ReplicaState, out: Outbox): void {
  const { log, beyond, status } = state;
  if (beyond.length > 0 || status === 'recovering') return;
  const { base } = log;
  const entries = log.slice(opNumber(base.opNumber + 1), log.opNumber);
  out.protocol(
    'repair',
    `writes its log again, ${entries.length} entries after op ${base.opNumber}`,
  );
  store(state, { log: { afterOp: base.opNumber, entries } }, out);
}
