import { rememberCheckpoint } from '../checkpoint/write-checkpoint';
import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { Malformed } from '../encoding/malformed';
import type { ByteString } from '../encoding/byte-string';
import { executeCommitted } from '../execution/execute-committed';
import { opNumber } from '../numbers/numbers';
import { rootBlock } from '../service/merkle-block';
import { assert } from '../state/assert';
import type { CheckpointTransfer, ReplicaState } from '../state/replica-state';
import { isStored, store } from '../state/storing';
import { continueInstallation } from '../view-change/install-log';
import { askForMissing } from './get-state';

/** All pages are here. If together they are the checkpoint, the disk is told so; if not, the walk begins again. (E39) */
export function completeTransfer(
  state: ReplicaState,
  transfer: CheckpointTransfer,
  out: Outbox,
): void {
  const { target } = transfer;
  if (rebuilt(state) !== target.stateRoot) {
    out.alarm(`the pages fetched are not the checkpoint of op ${target.opNumber}: begins again`);
    transfer.wanted.push(rootBlock(target.stateRoot));
    return;
  }
  joinLog(state, transfer);
  transfer.completedBy = store(state, { checkpoint: target }, out);
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
 * nothing more that is. (E38: neither view nor v' change)
 */
function joinLog(state: ReplicaState, { target }: CheckpointTransfer): void {
  const { log, stores } = state;
  state.commitNumber = opNumber(Math.max(state.commitNumber, target.opNumber));
  if (log.hashAt(target.opNumber) === target.headHash) return;
  log.restart({ opNumber: target.opNumber, hash: target.headHash });
  stores.logVersion += 1;
  stores.storedNumber = opNumber(Math.min(stores.storedNumber, target.opNumber));
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
