import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { executeCommitted } from '../execution/execute-committed';
import { viewNumber } from '../numbers/numbers';
import { assert } from '../state/assert';
import { isMember } from '../state/configuration';
import { isPrimary, isWitnessHere, type ReplicaState } from '../state/replica-state';
import { beginView } from '../view-change/begin-view';
import { askForView } from '../view-change/get-view';
import { beginInstallation, pollInstallation } from '../view-change/install-log';
import { lacksState } from '../witness/kept-state';
import { retireWhenStarted } from './retire';
import { announceStarted, everyoneElse, tellSilent } from './started';
import { turnAway } from './turn-away';

/**
 * Between two epochs: everything up to the entry that ended the old one must be here and on the disk before this
 * replica takes part in the new one, or is of use to those who do. (VRR §7.1.1; E29)
 */
export function pollTransition(state: ReplicaState, now: Now, out: Outbox): void {
  const { installation } = state.viewChange;
  if (!isMember(state.epoch.configuration, state.self)) {
    tellSilent(state, now, out);
    retireWhenStarted(state, out);
  }
  if (state.status !== 'transitioning' || holdsOldEpoch(state)) return;
  if (installation !== undefined) return pollInstallation(state, now, out);
  beginTransition(state, now, out);
}

/** The log that ends the old epoch becomes ours, from whoever of the old and the new group has it. */
function beginTransition(state: ReplicaState, now: Now, out: Outbox): void {
  const { startOp, startHash } = state.epoch;
  // It would begin a view that it cannot serve: it waits for its state. (T15)
  if (isPrimary(state) && !state.stateWhole && !lacksState(state)) return;
  const [source = state.self] = everyoneElse(state);
  beginInstallation(
    state,
    {
      reason: 'epoch',
      source,
      viewNumber: viewNumber(0),
      opNumber: startOp,
      headHash: startHash,
      commitNumber: startOp,
      encodedTail: [],
    },
    now,
    out,
  );
}

/** The log is the old epoch's own, whole, and on our disk. */
function holdsOldEpoch(state: ReplicaState): boolean {
  return (
    state.viewChange.installation === undefined &&
    state.lastNormalView.epochNumber === state.epochNumber
  );
}

/**
 * From `stored`: a member works in view 0 of its epoch, which nobody else was asked about: the epoch has no older view.
 * One that has been replaced has all that the others may need. (VRR §7.1.1, §8.3)
 */
export function completeTransition(state: ReplicaState, now: Now, out: Outbox): void {
  assert(state.viewNumber === 0, 'an epoch begins with view 0');
  if (!isMember(state.epoch.configuration, state.self)) {
    state.viewChange.installation = undefined;
    executeCommitted(state, now, out);
    return turnAway(state, out);
  }
  const { laterView } = state.reconfiguration;
  if (isWitnessHere(state)) {
    executeCommitted(state, now, out);
    turnAway(state, out);
  }
  beginView(state, now, out);
  announceStarted(state, out);
  if (isPrimary(state)) tellSilent(state, now, out);
  if (laterView > 0) askForView(state, laterView, now, out);
}
