import { restoreState } from '../checkpoint/on-restore';
import type { Life, Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { epochNumber, nextView, opNumber, viewNumber } from '../numbers/numbers';
import { compareViewstamps } from '../numbers/viewstamp';
import { resumeEpoch } from '../reconfiguration/resume-epoch';
import { sendRecovery } from '../recovery/recovery';
import { grantAtStart } from '../reads/lease-grant';
import { firstTicket, isPrimary, type ReplicaState } from '../state/replica-state';
import { executeCommitted } from '../execution/execute-committed';
import { beginView } from '../view-change/begin-view';
import { enterViewChange } from '../view-change/enter-view-change';
import { repairLog, takeLog } from '../recovery/repair-log';
import { leaveView } from '../view-change/leave-view';
import { store } from '../state/storing';

/**
 * A process begins with what its disk remembers. A whole log and promise make a restart, not a recovery; a lost log is
 * brought back by the group, and so is a lost promise, when an operator says that it was lost. Older lives are fenced in
 * both cases: a promise that is here besides is never gone below. (VRR §4.3; E1, E3; decision 3)
 */
export function onStart(state: ReplicaState, life: Life, now: Now, out: Outbox): void {
  takeLife(state, life, now);
  out.add({ kind: 'epoch', epoch: state.epoch });
  const { log } = life;
  switch (log.kind) {
    case 'fresh':
      state.status = 'normal';
      // A newcomer's empty disk is no epoch's own log.
      state.lastNormalView = FIRST_VIEW;
      if (resumeEpoch(state, now, out)) return;
      out.protocol('start', 'a new group begins');
      return beginView(state, now, out);
    case 'lost':
      state.status = 'recovering';
      // No log is of no view, whatever was promised.
      state.lastNormalView = FIRST_VIEW;
      if (resumeEpoch(state, now, out)) return;
      out.protocol(
        'recovery',
        `${life.promiseLost ? 'everything' : 'the log'} is lost: asks the group`,
      );
      return sendRecovery(state, now, out);
    case 'intact':
      takeLog(state, log);
      restoreState(state, log.checkpoint, log.stateWhole, out);
      state.lastNormalView = log.lastNormalView;
      state.commitNumber = log.commitNumber;
      state.witness.base = log.witnessBase;
      state.stores.storedNumber = opNumber(state.log.opNumber);
      executeCommitted(state, now, out);
      out.protocol('start', `with op ${state.log.opNumber}, commit ${state.commitNumber}`);
      return resume(state, now, out);
  }
}

const FIRST_VIEW = { epochNumber: epochNumber(0), viewNumber: viewNumber(0) };

function takeLife(state: ReplicaState, life: Life, now: Now): void {
  const { promise } = life;
  state.incarnation = life.incarnation;
  state.nonce = life.nonce;
  state.ticket = firstTicket(life.incarnation);
  state.epoch = promise.epoch;
  state.epochNumber = promise.epochNumber;
  state.viewNumber = promise.viewNumber;
  state.lastNormalView = { epochNumber: promise.epochNumber, viewNumber: promise.viewNumber };
  for (const known of promise.incarnations)
    state.incarnations[known.replicaNumber] = known.incarnation;
  state.stores.incarnations.push(...state.incarnations);
  state.incarnations[state.self] = life.incarnation;
  state.stores.promised = { epochNumber: promise.epochNumber, viewNumber: promise.viewNumber };
  state.lastTickMs = now.monotonicMs;
  leaveView(state, now);
  grantAtStart(state, now);
}

/**
 * A backup goes on in its view. A primary may have sent PREPAREs that its own disk has not kept, so it never resumes its
 * view but leaves for the next. Who had left already says again what it said. (T31, T32; decision 25)
 */
function resume(state: ReplicaState, now: Now, out: Outbox): void {
  state.status = 'normal';
  if (resumeEpoch(state, now, out)) return;
  if (compareViewstamps(state.lastNormalView, state) < 0) {
    state.status = 'view-change';
    store(state, { promise: true }, out);
  } else if (isPrimary(state)) {
    enterViewChange(state, nextView(state.viewNumber), 'its primary has restarted', now, out);
  } else if (state.beyond.length > 0) {
    repairLog(state, now, out);
  } else {
    beginView(state, now, out);
  }
}
