import type { Outbox } from '../boundary/outbox';
import { ENTRY_BYTES_PER_MESSAGE } from '../messages/entries';
import type { GetLog } from '../messages/get-log';
import { heldUpTo } from '../state/damaged-log';
import { headerOf, type ReplicaState } from '../state/replica-state';

/**
 * Answered by anyone, in any view and status, also with entries that are not on the disk yet: the asker knows the hash of
 * the entry that it wants, so it takes exactly that one, and no more is said than that these are its bytes. It is neither
 * acknowledged nor offered by being handed out. Who lacks it says so at once. (E19; protocol §1.3)
 */
export function onGetLog(state: ReplicaState, message: GetLog, out: Outbox): void {
  const { opNumber, entryHash, afterOp } = message;
  const isLetGo = opNumber <= state.log.base.opNumber;
  const place = { opNumber, hash: entryHash };
  out.send(message.replicaNumber, {
    kind: 'LogSegment',
    ...headerOf(state),
    entries: heldUpTo(state, place, afterOp, ENTRY_BYTES_PER_MESSAGE),
    checkpoint: isLetGo && state.stateWhole ? state.stores.checkpoint : undefined,
    ticket: message.ticket,
  });
}
