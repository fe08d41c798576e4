import { abandonCheckpoint } from '../checkpoint/take-checkpoint';
import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { BLOCKS_PER_MESSAGE } from '../messages/get-blocks';
import type { ReplicaNumber } from '../numbers/numbers';
import { rootBlock } from '../service/merkle-block';
import { isWholeCheckpoint, type Checkpoint } from '../state/checkpoint';
import { activesOf } from '../state/configuration';
import type { CheckpointTransfer } from '../state/checkpointing-state';
import { headerOf, isWitnessHere, nextTicket, type ReplicaState } from '../state/replica-state';

/**
 * Makes our state that of a checkpoint of the group: only pages that differ travel, from whoever has them, and each is
 * proved by the hash that the block above it names. From here on until all is there nothing is executed or read here; the
 * log goes on. `source` has named the checkpoint: the primary of our view, or who offers the log that we install.
 * (VRR §5.2; E38, E39)
 */
export function fetchCheckpoint(
  state: ReplicaState,
  checkpoint: Checkpoint,
  source: ReplicaNumber,
  now: Now,
  out: Outbox,
): void {
  if (isWitnessHere(state)) return;
  if (state.transfer === undefined && isWanted(state, checkpoint)) {
    refetchCheckpoint(state, checkpoint, source, now, out);
  }
}

/** The same in place of a transfer under way, whose target nobody has any more: pages that are equal are kept. */
export function refetchCheckpoint(
  state: ReplicaState,
  checkpoint: Checkpoint,
  source: ReplicaNumber,
  now: Now,
  out: Outbox,
): void {
  if (!isWholeCheckpoint(checkpoint, state.hash)) {
    return out.alarm(`replica ${source} names a checkpoint that is none: peer contradicts us`);
  }
  abandonCheckpoint(state);
  state.stateWhole = false;
  state.execution.suspend();
  // The walk compares with our pages as they are now, whole or not.
  state.execution.store.rehash();
  state.transfer = newTransfer(checkpoint, source);
  out.protocol('state-transfer', `fetches the checkpoint of op ${checkpoint.opNumber}`);
  askBlocks(state, state.transfer, now, out);
}

/** Newer than our state; and what follows it is in our log, or can be had. */
function isWanted(state: ReplicaState, { opNumber }: Checkpoint): boolean {
  const { execution, log } = state;
  return state.stateWhole ? opNumber > execution.executed : opNumber >= log.base.opNumber;
}

function newTransfer(target: Checkpoint, source: ReplicaNumber): CheckpointTransfer {
  return {
    target,
    source,
    wanted: [rootBlock(target.stateRoot)],
    asked: [],
    without: new Set(),
    offered: undefined,
    storeNumber: 0,
    held: undefined,
    completedBy: undefined,
    blocks: 0,
    bytes: 0,
  };
}

/** Every tick, and when an answer has come: asks on, as far as others and our own disk keep up. */
export function askBlocks(
  state: ReplicaState,
  transfer: CheckpointTransfer,
  now: Now,
  out: Outbox,
): void {
  const { limits, stores } = state;
  while (
    transfer.wanted.length > 0 &&
    transfer.asked.length < limits.transferQuestionsMax &&
    stores.pending.length < limits.transferStoresMax
  ) {
    const of = nextSource(state, transfer);
    if (of === undefined) return;
    ask(state, transfer, of, now, out);
  }
}

function ask(
  state: ReplicaState,
  transfer: CheckpointTransfer,
  of: ReplicaNumber,
  now: Now,
  out: Outbox,
): void {
  const blocks = transfer.wanted.splice(-BLOCKS_PER_MESSAGE);
  const ticket = nextTicket(state);
  transfer.asked.push({ ticket, of, blocks, askedAtMs: now.monotonicMs });
  out.send(of, {
    kind: 'GetBlocks',
    ...headerOf(state),
    checkpointId: transfer.target.id,
    blocks: blocks.map(({ address }) => address),
    ticket,
  });
}

/** Everybody who may have it has been asked, and had none of it, or did not answer. */
export function isNowhere(state: ReplicaState, { without }: CheckpointTransfer): boolean {
  return holdersOf(state).every((number) => without.has(number));
}

/** Whose turn it is of those that are not known to lack it. */
function nextSource(state: ReplicaState, transfer: CheckpointTransfer): ReplicaNumber | undefined {
  if (isNowhere(state, transfer)) transfer.without.clear();
  const able = holdersOf(state).filter((number) => !transfer.without.has(number));
  // Who is said to be out of reach comes last, but comes: that is a hint, and may be wrong.
  const reachable = able.filter((number) => !state.lostPeers[number]);
  const asked = reachable.length > 0 ? reachable : able;
  return asked[(transfer.blocks + transfer.asked.length) % asked.length];
}

/** Who executes; those of the epoch before as well, while they may still serve. */
function holdersOf({ epoch: { configuration, previous }, self }: ReplicaState): ReplicaNumber[] {
  const actives = [...activesOf(configuration), ...(previous ? activesOf(previous) : [])];
  const numbers = new Set(actives.map((member) => member.replicaNumber));
  numbers.delete(self);
  return [...numbers];
}
