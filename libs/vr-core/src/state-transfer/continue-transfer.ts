import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { CheckpointTransfer } from '../state/checkpointing-state';
import type { ReplicaState } from '../state/replica-state';
import { isStored } from '../state/storing';
import { completeTransfer } from './complete-transfer';
import { askBlocks, isNowhere, refetchCheckpoint } from './fetch-checkpoint';

/** A question that was not answered goes to another; a walk without questions left has come to its end. */
export function pollTransfer(state: ReplicaState, now: Now, out: Outbox): void {
  const { transfer } = state;
  if (transfer === undefined || transfer.completedBy !== undefined) return;
  for (const late of transfer.asked) {
    if (now.monotonicMs - late.askedAtMs < state.limits.resendMs) continue;
    transfer.asked = transfer.asked.filter((one) => one !== late);
    transfer.wanted.push(...late.blocks);
    transfer.without.add(late.of);
  }
  proceed(state, transfer, now, out);
}

/**
 * Asks on, or completes. When nobody has any more what we fetch, we fetch what somebody has instead, whoever that is: who
 * named the target may be dead for good, and it is no more than its word that we began with. Holders of a state that the
 * group does not share find out at their next checkpoint, and so do we. (E39)
 */
export function proceed(
  state: ReplicaState,
  transfer: CheckpointTransfer,
  now: Now,
  out: Outbox,
): void {
  const { wanted, asked, offered } = transfer;
  const isAllHere = wanted.length === 0 && asked.length === 0;
  if (isAllHere) {
    if (isStored(state, transfer.storeNumber)) completeTransfer(state, transfer, out);
  } else if (offered !== undefined && isNowhere(state, transfer)) {
    refetchCheckpoint(state, offered.checkpoint, offered.by, now, out);
  } else {
    askBlocks(state, transfer, now, out);
  }
}
