import { completeCheckpoint } from '../checkpoint/write-checkpoint';
import { endTransfer } from '../state-transfer/complete-transfer';
import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { compareViewstamps } from '../numbers/viewstamp';
import { commitHeld } from '../normal-operation/commit-held';
import { sendPrepareOk } from '../normal-operation/send-prepare-ok';
import { answerFenced } from '../recovery/on-recovery';
import { pollEpoch } from '../reconfiguration/poll-epoch';
import { completeTransition } from '../reconfiguration/transition';
import { isPrimary, type ReplicaState } from '../state/replica-state';
import { takeStored } from '../state/storing';
import { beginView } from '../view-change/begin-view';
import { sendDoViewChange } from '../view-change/send-do-view-change';

/**
 * The disk has caught up: what had to wait for it may be said now, if it is still true. A replica that has left the
 * view meanwhile says nothing of it. (E1, E20, E43)
 */
export function onStored(state: ReplicaState, storeNumber: number, now: Now, out: Outbox): void {
  takeStored(state, storeNumber);
  answerFenced(state, out);
  completeCheckpoint(state, now, out);
  endTransfer(state, now, out);
  const { viewChange, stores } = state;
  const installed = viewChange.installation?.storeNumber;
  if (installed !== undefined) {
    if (installed <= storeNumber) beginInstalled(state, now, out);
    return;
  }
  if (state.status === 'normal') {
    if (isPrimary(state)) commitHeld(state, now, out);
    else if (stores.storedNumber > state.backup.acknowledged) sendPrepareOk(state, out);
  } else if (state.status === 'view-change' && viewChange.own === undefined) {
    const promised = compareViewstamps(stores.promised, state) === 0;
    if (promised && viewChange.installation === undefined) sendDoViewChange(state, now, out);
  } else {
    pollEpoch(state, now, out);
  }
}

/** The log is ours, and on our disk: its view begins, or its epoch. */
function beginInstalled(state: ReplicaState, now: Now, out: Outbox): void {
  if (state.status === 'transitioning') completeTransition(state, now, out);
  else beginView(state, now, out);
}
