import type { Now, StoredPage } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { Malformed } from '../encoding/malformed';
import type { Blocks } from '../messages/blocks';
import type { NamedBlock } from '../service/merkle-block';
import type { ReplicaNumber } from '../numbers/numbers';
import type { Checkpoint } from '../state/checkpoint';
import type { AskedBlocks, CheckpointTransfer } from '../state/checkpointing-state';
import { primaryOfView, type ReplicaState } from '../state/replica-state';
import { store } from '../state/storing';
import { proceed } from './continue-transfer';
import { refetchCheckpoint } from './fetch-checkpoint';

/** Blocks that we asked for: inner ones tell where to look next, pages take their places. (VRR §5.2) */
export function onBlocks(state: ReplicaState, message: Blocks, now: Now, out: Outbox): void {
  const { transfer } = state;
  const asked = transfer?.asked.find((one) => one.ticket === message.ticket);
  if (transfer === undefined || asked === undefined) return out.ignore(message, 'another nonce');
  transfer.asked = transfer.asked.filter((one) => one !== asked);
  if (message.gone !== undefined) return onGone(state, asked, message.gone, now, out);
  const pages = takeBlocks(state, transfer, asked, message, out);
  if (pages.length > 0) {
    const piece = { forOp: transfer.target.opNumber, pages, isTransfer: true };
    transfer.storeNumber = store(state, { pages: piece }, out);
  }
  proceed(state, transfer, now, out);
}

/**
 * It has moved on to a newer checkpoint: so do we, when it is one to be believed. If not, others are asked on, and it is
 * kept in mind. (E39)
 */
function onGone(
  state: ReplicaState,
  asked: AskedBlocks,
  gone: Checkpoint,
  now: Now,
  out: Outbox,
): void {
  const transfer = state.transfer as CheckpointTransfer;
  transfer.wanted.push(...asked.blocks);
  transfer.without.add(asked.of);
  if (gone.opNumber > (transfer.offered?.checkpoint ?? transfer.target).opNumber) {
    transfer.offered = { checkpoint: gone, by: asked.of };
  }
  if (isBelieved(state, transfer, asked.of, gone)) {
    return refetchCheckpoint(state, gone, asked.of, now, out);
  }
  proceed(state, transfer, now, out);
}

/** It named the one before, or is our primary, or the group has agreed on what it names. (E39) */
function isBelieved(
  state: ReplicaState,
  transfer: CheckpointTransfer,
  from: ReplicaNumber,
  gone: Checkpoint,
): boolean {
  if (gone.opNumber <= transfer.target.opNumber) return false;
  const isNamer = from === transfer.source || from === primaryOfView(state);
  return isNamer || state.checkpointing.agreed?.id === gone.id;
}

/** The pages that have changed by it. What did not come, or is not what was named, is asked of another. */
function takeBlocks(
  state: ReplicaState,
  transfer: CheckpointTransfer,
  asked: AskedBlocks,
  message: Blocks,
  out: Outbox,
): StoredPage[] {
  const pages: StoredPage[] = [];
  asked.blocks.forEach((block, at) => {
    const bytes = message.blocks[at];
    if (bytes !== undefined && isTaken(state, transfer, block, bytes, pages)) {
      transfer.blocks += 1;
      transfer.bytes += bytes.length;
      return;
    }
    transfer.wanted.push(block);
    transfer.without.add(asked.of);
    if (bytes !== undefined)
      out.protocol('repair', `refuses a block of replica ${asked.of}: its hash is another`);
  });
  return pages;
}

/** False when the bytes are not the block that was named: nothing has changed then. */
function isTaken(
  state: ReplicaState,
  transfer: CheckpointTransfer,
  block: NamedBlock,
  bytes: Uint8Array,
  pages: StoredPage[],
): boolean {
  const { store: pageStore } = state.execution;
  const { table, level, index } = block.address;
  try {
    const { wanted, gone } = pageStore.differences(block, bytes);
    const changed: StoredPage[] = gone.map((page) => ({ ...page, bytes: undefined }));
    if (table !== undefined && level === 0) changed.push({ table, page: index, bytes });
    for (const page of changed) pageStore.loadPage(page.table, page.page, page.bytes);
    pages.push(...changed);
    transfer.wanted.push(...wanted);
  } catch (fault) {
    if (fault instanceof Malformed) return false;
    throw fault;
  }
  return true;
}
