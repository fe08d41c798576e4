import type { Outbox } from '../boundary/outbox';
import { nextOp, opNumber, type OpNumber } from '../numbers/numbers';
import type { ReplicaState } from '../state/replica-state';

/**
 * An enlisted witness can let go of nothing that an absent active lacks, and neither can the primary: beyond the bound
 * nothing new is taken until that active has caught up or has been reconfigured away. Each entry is counted once.
 * (decision 18)
 */
export function countHeld(state: ReplicaState, out: Outbox): void {
  const { witness, log, limits } = state;
  const base = opNumber(Math.max(witness.base, log.base.opNumber));
  if (base < witness.countedOp) {
    witness.countedBytes -= bytesOf(state, witness.countedBase, base);
  } else {
    witness.countedBytes = 0;
    witness.countedOp = base;
  }
  witness.countedBase = base;
  witness.countedBytes += bytesOf(state, witness.countedOp, log.opNumber);
  witness.countedOp = log.opNumber;
  const full = witness.countedBytes > limits.witnessLogBytesMax;
  if (full && !witness.full) {
    out.alarm(`witnesses hold ${witness.countedBytes} bytes for an absent active: nothing new`);
  }
  witness.full = full;
}

function bytesOf(state: ReplicaState, after: OpNumber, through: OpNumber): number {
  let bytes = 0;
  for (let op = nextOp(after); op <= through; op = nextOp(op)) {
    bytes += state.log.at(op)?.encoded.length ?? 0;
  }
  return bytes;
}
