import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { sendParkedOn } from '../client/door';
import { startClock } from '../clock/cluster-clock';
import { startWall } from '../clock/wall-clock';
import { executeCommitted } from '../execution/execute-committed';
import { nameKey } from '../messages/request';
import { nextOp } from '../numbers/numbers';
import { commitHeld } from '../normal-operation/commit-held';
import { proposeEntry } from '../normal-operation/close-batch';
import { sendPrepareOk } from '../normal-operation/send-prepare-ok';
import { epochEndsHere } from '../reconfiguration/epoch-end';
import { bodyOf } from '../state/log-entry';
import { isPrimary, primaryOfView, type ReplicaState } from '../state/replica-state';
import { enlistAtStart } from '../witness/enlist';
import { leaveView } from './leave-view';
import { broadcastStartView } from './send-start-view';
import { tellWait } from './wait-for-leases';

/**
 * The view's log is ours and on our disk: from here on this replica works in it. What is known to be committed is
 * executed, and whoever waits at this door is served by the new primary. (VRR §4.2, steps 4-5)
 */
export function beginView(state: ReplicaState, now: Now, out: Outbox): void {
  const { wait } = state.leases;
  leaveView(state, now);
  state.leases.wait = wait;
  state.status = 'normal';
  state.viewChange.failed = 0;
  state.viewChange.votes.fill(undefined);
  state.backup.heardAtMs = now.monotonicMs;
  out.protocol(
    'normal',
    `view ${state.viewNumber}, primary ${primaryOfView(state)}, op ${state.log.opNumber}, commit ${state.commitNumber}`,
  );
  if (isPrimary(state)) beginAsPrimary(state, now, out);
  else beginAsBackup(state, now, out);
  sendParkedOn(state, now, out);
}

function beginAsPrimary(state: ReplicaState, now: Now, out: Outbox): void {
  const { primary, log } = state;
  primary.normalSinceMs = now.monotonicMs;
  primary.inTouch = true;
  primary.clock = startClock(state, now);
  primary.wall = startWall(now);
  primary.toldCommit = state.commitNumber;
  const isLast = epochEndsHere(state);
  primary.newViewOp = isLast ? log.opNumber : nextOp(log.opNumber);
  enlistAtStart(state, primary.newViewOp, now);
  rebuildInFlight(state);
  executeCommitted(state, now, out);
  broadcastStartView(state, out);
  // The first op of every view: once it is committed, so is everything an older primary may have acknowledged. (E21)
  // An entry that ends the epoch is that itself, since nothing may follow it. (decision 10; E32)
  if (!isLast) proposeEntry(state, { newView: true, touched: undefined, requests: [] }, now, out);
  commitHeld(state, now, out);
  tellWait(state, now, out);
}

function beginAsBackup(state: ReplicaState, now: Now, out: Outbox): void {
  executeCommitted(state, now, out);
  sendPrepareOk(state, out);
}

/** Requests in the uncommitted end of the log are under way: a retry joins them. Derived, so truncation forgets. (E22) */
function rebuildInFlight(state: ReplicaState): void {
  const { log, primary } = state;
  for (const entry of log.slice(nextOp(state.execution.executed), log.opNumber)) {
    for (const request of bodyOf(entry).requests) {
      primary.inFlight.set(nameKey(request), [state.self]);
    }
  }
}
