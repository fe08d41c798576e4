import { pollEpoch } from '../reconfiguration/poll-epoch';
import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { pollDoor } from '../client/door';
import { monotonicMs } from '../numbers/numbers';
import { pollHeartbeat } from '../normal-operation/heartbeat';
import { pollRecovery } from '../recovery/recovery';
import { isPrimary, type ReplicaState } from '../state/replica-state';
import { pollInstallation } from '../view-change/install-log';
import { pollSuspicion, pollViewChange } from '../view-change/suspect';

/** A tick counts as at most so much silence: our own pause is not the primary's. (decision 8) */
const SILENCE_PER_TICK_MS_MAX = 50;

/** Time passes: every deadline of this replica is polled. */
export function onTick(state: ReplicaState, now: Now, out: Outbox): void {
  const elapsed = now.monotonicMs - state.lastTickMs;
  state.lastTickMs = monotonicMs(now.monotonicMs);
  switch (state.status) {
    case 'normal':
      if (isPrimary(state)) pollHeartbeat(state, now, out);
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
  pollDoor(state, now, out);
}
