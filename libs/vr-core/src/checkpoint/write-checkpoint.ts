import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { toHex } from '../encoding/byte-string';
import { makeCheckpoint, type Checkpoint } from '../state/checkpoint';
import type { CheckpointInMaking } from '../state/checkpointing-state';
import type { ReplicaState } from '../state/replica-state';
import { isStored, store } from '../state/storing';
import { takeAskedCheckpoint } from './take-checkpoint';
import { agree, compareWithAgreed } from './agree';

/** Own checkpoints remembered, to be compared with what others tell. */
const OWN_MAX = 8;

/** Every tick: the next few pages go to the disk, one piece at a time, so that a slow disk slows only this. */
export function pollCheckpoint(state: ReplicaState, out: Outbox): void {
  takeAskedCheckpoint(state);
  const { making } = state.checkpointing;
  if (making === undefined || making.checkpoint !== undefined) return;
  if (!isStored(state, making.storeNumber)) return;
  if (making.snapshot.done) return sealCheckpoint(state, making, out);
  const pages = making.snapshot.encode(state.limits.checkpointPagesPerTick);
  const piece = { forOp: making.opNumber, pages, isTransfer: false };
  making.storeNumber = store(state, { pages: piece }, out);
}

function sealCheckpoint(state: ReplicaState, making: CheckpointInMaking, out: Outbox): void {
  const { opNumber, headHash, snapshot } = making;
  making.checkpoint = makeCheckpoint({ opNumber, headHash, stateRoot: snapshot.root }, state.hash);
  making.storeNumber = store(state, { checkpoint: making.checkpoint }, out);
}

/** From `stored`: the checkpoint is in force here, and may be told. */
export function completeCheckpoint(state: ReplicaState, now: Now, out: Outbox): void {
  const { making } = state.checkpointing;
  if (making?.checkpoint === undefined || !isStored(state, making.storeNumber)) return;
  making.snapshot.close();
  state.checkpointing.making = undefined;
  rememberCheckpoint(state, making.checkpoint);
  out.protocol('checkpoint', `op ${making.opNumber}, ${toHex(making.checkpoint.id).slice(0, 12)}`);
  compareWithAgreed(state, now, out);
  agree(state, now, out);
}

/** Once: who names a checkpoint twice would count as two when the group agrees on it. */
export function rememberCheckpoint({ checkpointing }: ReplicaState, checkpoint: Checkpoint): void {
  if (checkpointing.own.at(-1)?.id === checkpoint.id) return;
  checkpointing.own.push(checkpoint);
  if (checkpointing.own.length > OWN_MAX) checkpointing.own.shift();
}
