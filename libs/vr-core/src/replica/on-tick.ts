import { pollCheckpoint } from '../checkpoint/write-checkpoint';
import { pollTransfer } from '../state-transfer/continue-transfer';
import { pollEpoch, pollEpochStart } from '../reconfiguration/poll-epoch';
import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { pollDoor } from '../client/door';
import { monotonicMs } from '../numbers/numbers';
import { commitHeld } from '../normal-operation/commit-held';
import { pollHeartbeat } from '../normal-operation/heartbeat';
import { voidLease } from '../reads/lease';
import { pollGrants } from '../reads/lease-grant';
import { pollRecovery } from '../recovery/recovery';
import { isPrimary, type ReplicaState } from '../state/replica-state';
import { pollKeptState } from '../witness/kept-state';
import { pollInstallation } from '../view-change/install-log';
import { pollSuspicion, pollViewChange } from '../view-change/suspect';

/** A tick counts as at most so much silence: our own pause is not the primary's. (decision 8) */
const SILENCE_PER_TICK_MS_MAX = 50;

/** Time passes: every deadline of this replica is polled. */
export function onTick(state: ReplicaState, now: Now, out: Outbox): void {
  const elapsed = now.monotonicMs - state.lastTickMs;
  state.lastTickMs = monotonicMs(now.monotonicMs);
  pollGrants(state, now);
  switch (state.status) {
    case 'normal':
      if (isPrimary(state)) pollPrimary(state, elapsed, now, out);
      else state.backup.silentMs += Math.min(elapsed, SILENCE_PER_TICK_MS_MAX);
      pollSuspicion(state, now, out);
      break;
    case 'view-change':
      pollInstallation(state, now, out);
      pollViewChange(state, now, out);
      break;
    case 'transitioning':
    case 'learner':
    case 'retired':
      pollEpoch(state, now, out);
      break;
    case 'recovering':
      pollRecovery(state, now, out);
      pollInstallation(state, now, out);
      break;
  }
  pollKeptState(state, now, out);
  pollCheckpoint(state, out);
  pollTransfer(state, now, out);
  pollDoor(state, now, out);
}

function pollPrimary(state: ReplicaState, elapsedMs: number, now: Now, out: Outbox): void {
  // Who was away for a while does not know what its clocks did meanwhile. (E37 b; decision 7)
  if (elapsedMs > state.limits.leaseMarginMs) voidLease(state);
  if (state.leases.wait !== undefined) commitHeld(state, now, out);
  pollHeartbeat(state, now, out);
  pollEpochStart(state, now, out);
}
