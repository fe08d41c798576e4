import { compareViewstamps } from '../numbers/viewstamp';
import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { GetState } from '../messages/get-state';
import { ENTRY_BYTES_PER_MESSAGE } from '../messages/entries';
import { opNumber } from '../numbers/numbers';
import { headerOf, nextTicket, type ReplicaState } from '../state/replica-state';
import { teach } from '../reconfiguration/learn';
import { isMember, isWitness } from '../state/configuration';
import { neededAfter } from '../witness/jump';
import { noteRefusal, sourceOfMissing } from '../witness/other-sources';

/**
 * A backup lacks entries of its own view: it asks the primary for what follows its head, and keeps working with what
 * it has. Nothing is cut from the log by asking. (VRR §5.2; E7)
 */
export function askForMissing(state: ReplicaState, now: Now, out: Outbox): void {
  const { backup, limits } = state;
  if (state.transfer !== undefined) return;
  const asked = backup.transfer?.askedAtMs;
  if (asked !== undefined && now.monotonicMs - asked < limits.resendMs) return;
  if (asked !== undefined) noteRefusal(state);
  const ticket = nextTicket(state);
  backup.transfer = { ticket, askedAtMs: now.monotonicMs };
  const afterOp = opNumber(Math.max(state.log.opNumber, neededAfter(state)));
  const source = sourceOfMissing(state);
  out.protocol('state-transfer', `asks replica ${source} for what follows op ${afterOp}`);
  out.send(source, {
    kind: 'GetState',
    ...headerOf(state),
    afterOp,
    ticket,
  });
}

/**
 * Answered from the log of the view that is asked about, which only grows. A replica that has promised that view and is
 * not normal in it still has the log of an older one: entries of its own that the view may not have. (VRR §5.2)
 */
export function onGetState(state: ReplicaState, message: GetState, now: Now, out: Outbox): void {
  const { log, stores } = state;
  // Nothing is said in a view that the disk does not know yet. (E1)
  if (compareViewstamps(stores.promised, state) !== 0)
    return out.ignore(message, 'nothing to serve');
  if (!isMember(state.epoch.configuration, message.replicaNumber)) {
    return teach(state, message, now, out);
  }
  if (state.viewChange.installation !== undefined || message.afterOp > log.opNumber) {
    return out.ignore(message, 'nothing to serve');
  }
  // What a witness lacks up to the base it can do without, where our log has been cut: it has no state. (VRR §6.1)
  const isToWitness = isWitness(state.epoch.configuration, message.replicaNumber);
  const isCut = message.afterOp < log.base.opNumber;
  const afterOp = opNumber(
    isToWitness && isCut ? Math.max(message.afterOp, state.witness.base) : message.afterOp,
  );
  const isHeld = afterOp >= log.base.opNumber;
  out.send(message.replicaNumber, {
    kind: 'NewState',
    ...headerOf(state),
    opNumber: log.opNumber,
    commitNumber: state.commitNumber,
    entries: isHeld ? log.firstAfter(afterOp, ENTRY_BYTES_PER_MESSAGE) : [],
    checkpoint: isHeld ? undefined : state.stores.checkpoint,
    ticket: message.ticket,
  });
}
