import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { CheckpointTransfer } from '../state/checkpointing-state';
import type { ReplicaState } from '../state/replica-state';
import { isStored } from '../state/storing';
import { completeTransfer } from './complete-transfer';
import { askBlocks } from './fetch-checkpoint';

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

export function proceed(
  state: ReplicaState,
  transfer: CheckpointTransfer,
  now: Now,
  out: Outbox,
): void {
  const isAllHere = transfer.wanted.length === 0 && transfer.asked.length === 0;
  if (isAllHere && isStored(state, transfer.storeNumber)) completeTransfer(state, transfer, out);
  else askBlocks(state, transfer, now, out);
}
