import type { Outbox } from '../boundary/outbox';
import type { GetBlocks } from '../messages/get-blocks';
import type { BlockService } from '../state/checkpointing-state';
import { headerOf, nextTicket, type ReplicaState } from '../state/replica-state';

/**
 * Blocks of our checkpoint for another replica: inner ones and pages that have not changed since from memory, the others
 * from the disk. So many questions at a time and no more: clients come first. (VRR §5.2)
 */
export function onGetBlocks(state: ReplicaState, message: GetBlocks, out: Outbox): void {
  const { checkpoint } = state.stores;
  const { store } = state.execution;
  if (!state.stateWhole || checkpoint === undefined || store.root !== checkpoint.stateRoot) {
    return out.ignore(message, 'nothing to serve');
  }
  if (checkpoint.id !== message.checkpointId) {
    const service = { ticket: 0, question: message, blocks: [], missing: [] };
    return sendBlocks(state, service, out);
  }
  if (state.serving.length >= state.limits.blockServicesMax) {
    return out.ignore(message, 'asked too often');
  }
  serve(state, message, out);
}

function serve(state: ReplicaState, question: GetBlocks, out: Outbox): void {
  const { store } = state.execution;
  const blocks = question.blocks.map((address) => store.block(address));
  const missing: number[] = [];
  const pages: { table: string; page: number }[] = [];
  question.blocks.forEach(({ table, level, index }, at) => {
    if (blocks[at] !== undefined || table === undefined || level > 0) return;
    missing.push(at);
    pages.push({ table, page: index });
  });
  const service = { ticket: nextTicket(state), question, blocks, missing };
  if (missing.length === 0) return sendBlocks(state, service, out);
  state.serving.push(service);
  out.add({ kind: 'load', ticket: service.ticket, pages });
}

/** A checkpoint that has been replaced meanwhile is told as such. */
export function sendBlocks(
  state: ReplicaState,
  { question, blocks }: BlockService,
  out: Outbox,
): void {
  const { checkpoint } = state.stores;
  const isGone = checkpoint?.id !== question.checkpointId;
  out.send(question.replicaNumber, {
    kind: 'Blocks',
    ...headerOf(state),
    blocks: isGone ? [] : bounded(blocks),
    gone: isGone ? checkpoint : undefined,
    ticket: question.ticket,
  });
}

const BLOCK_BYTES_PER_MESSAGE = 2 << 20;

/** What does not fit is asked for again. */
function bounded(blocks: readonly (Uint8Array | undefined)[]): (Uint8Array | undefined)[] {
  let room = BLOCK_BYTES_PER_MESSAGE;
  return blocks.map((bytes, at) => {
    room -= bytes?.length ?? 0;
    return room >= 0 || at === 0 ? bytes : undefined;
  });
}
