import { rememberCheckpoint } from '../checkpoint/write-checkpoint';
import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { Malformed } from '../encoding/malformed';
import type { ByteString } from '../encoding/byte-string';
import { executeCommitted } from '../execution/execute-committed';
import { opNumber } from '../numbers/numbers';
import { rootBlock } from '../service/merkle-block';
import { assert } from '../state/assert';
import { joinReadable } from '../state/damaged-log';
import type { CheckpointTransfer } from '../state/checkpointing-state';
import type { ReplicaState } from '../state/replica-state';
import { isStored, store, type Change } from '../state/storing';
import { continueInstallation } from '../view-change/install-log';
import { askForMissing } from './get-state';

/** All pages are here. If together they are the checkpoint, the disk is told so; if not, the walk begins again. (E39) */
export function completeTransfer(
  state: ReplicaState,
  transfer: CheckpointTransfer,
  out: Outbox,
): void {
  const { target } = transfer;
  if (transfer.held === undefined && rebuilt(state) !== target.stateRoot) {
    out.alarm(`the pages fetched are not the checkpoint of op ${target.opNumber}: begins again`);
    transfer.wanted.push(rootBlock(target.stateRoot));
    return;
  }
  if (!writeHeld(state, transfer, out)) return;
  const log = joinLog(state, transfer);
  transfer.completedBy = store(state, { checkpoint: target, ...log }, out);
}

/**
 * A page that was equal here has not travelled; but the disk has it only as of our own last checkpoint. True when nothing
 * is left to write. A few each tick, as for a checkpoint of our own. (VRR §5.1, §5.2)
 */
function writeHeld(state: ReplicaState, transfer: CheckpointTransfer, out: Outbox): boolean {
  transfer.held ??= state.execution.store.freeze();
  const pages = transfer.held.encode(state.limits.checkpointPagesPerTick);
  if (pages.length === 0) {
    transfer.held.close();
    return true;
  }
  const piece = { forOp: transfer.target.opNumber, pages, isTransfer: true };
  transfer.storeNumber = store(state, { pages: piece }, out);
  return false;
}

function rebuilt(state: ReplicaState): ByteString | undefined {
  try {
    return state.execution.store.rebuild();
  } catch (fault) {
    if (fault instanceof Malformed) return undefined;
    throw fault;
  }
}

/**
 * Everything up to the checkpoint is committed. A log that ends below it, or that has another entry there, holds
 * nothing more that is: such a one is cut on the disk as well. (E38: neither view nor v' change)
 */
function joinLog(state: ReplicaState, { target }: CheckpointTransfer): Pick<Change, 'log'> {
  const { log, stores } = state;
  state.commitNumber = opNumber(Math.max(state.commitNumber, target.opNumber));
  const own = log.hashAt(target.opNumber);
  if (own === target.headHash) return {};
  log.restart({ opNumber: target.opNumber, hash: target.headHash });
  stores.logVersion += 1;
  stores.storedNumber = opNumber(Math.min(stores.storedNumber, target.opNumber));
  const continues = joinReadable(state, own === undefined ? state.beyond : []);
  if (own === undefined && continues) return {};
  return { log: { afterOp: target.opNumber, entries: [] } };
}

/** From `stored`: the checkpoint is in force, and the state is one again. */
export function endTransfer(state: ReplicaState, now: Now, out: Outbox): void {
  const { transfer, execution } = state;
  if (transfer?.completedBy === undefined || !isStored(state, transfer.completedBy)) return;
  const { target, blocks, bytes } = transfer;
  state.transfer = undefined;
  execution.reload();
  assert(execution.executed === target.opNumber, 'a checkpoint is the state after its op', {
    executed: execution.executed,
    opNumber: target.opNumber,
  });
  state.stateWhole = true;
  rememberCheckpoint(state, target);
  out.protocol(
    'state-transfer',
    `has the checkpoint of op ${target.opNumber}: ${blocks} blocks, ${bytes} bytes`,
  );
  goOn(state, now, out);
}

function goOn(state: ReplicaState, now: Now, out: Outbox): void {
  executeCommitted(state, now, out);
  if (state.viewChange.installation !== undefined) return continueInstallation(state, now, out);
  if (state.status === 'normal' && state.log.opNumber < state.commitNumber) {
    askForMissing(state, now, out);
  }
}
