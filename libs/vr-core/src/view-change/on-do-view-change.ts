import { nextLiveView, vote, votedLately } from './vote';
import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { DoViewChange } from '../messages/do-view-change';
import { assert } from '../state/assert';
import { quorumOf } from '../state/configuration';
import { isNormalPrimary, isPrimary, type ReplicaState } from '../state/replica-state';
import { endGrant } from '../reads/lease-grant';
import { noteLeaseRemaining } from './wait-for-leases';
import { chooseLog } from './choose-log';
import { enterViewChange } from './enter-view-change';
import { beginInstallation } from './install-log';
import { offerStartView } from './send-start-view';

/**
 * Another replica has left for view v. A quorum's votes stand behind it, so we come along; the primary of v gathers the
 * logs. (VRR §4.2, steps 1-3)
 */
export function onDoViewChange(
  state: ReplicaState,
  message: DoViewChange,
  now: Now,
  out: Outbox,
): void {
  endGrant(state, message.replicaNumber, message.incarnation, message.viewNumber);
  if (message.viewNumber < state.viewNumber) {
    out.ignore(message, 'older view');
    if (isNormalPrimary(state)) offerStartView(state, message.replicaNumber, now, out);
    return;
  }
  if (message.viewNumber > state.viewNumber) {
    enterViewChange(
      state,
      message.viewNumber,
      `replica ${message.replicaNumber} has left`,
      now,
      out,
    );
  } else if (state.status !== 'view-change') {
    out.ignore(message, 'not in view change');
    if (isNormalPrimary(state)) offerStartView(state, message.replicaNumber, now, out);
    return;
  }
  if (!isPrimary(state)) return out.ignore(message, 'not the primary');
  keep(state, message, now);
  chooseWhenEnough(state, now, out);
}

/** A primary whose state is being fetched could serve nobody: it gives its view to the next. (T15) */
function forfeit(state: ReplicaState, now: Now, out: Outbox): void {
  const view = nextLiveView(state);
  if (!votedLately(state, view, now)) vote(state, view, 'its state is not whole', now, out);
}

/** One a sender, of its latest life. (decision 25) */
function keep(state: ReplicaState, message: DoViewChange, now: Now): void {
  const { received } = state.viewChange;
  const earlier = received[message.replicaNumber];
  if (earlier === undefined || earlier.incarnation < message.incarnation) {
    received[message.replicaNumber] = message;
    noteLeaseRemaining(state, message.leaseRemainingMs, now);
  }
}

/** With a quorum's logs, its own among them, the new primary begins to make the best one its own. (VRR §4.2, step 3) */
export function chooseWhenEnough(state: ReplicaState, now: Now, out: Outbox): void {
  const { viewChange } = state;
  if (!isPrimary(state) || viewChange.own === undefined || viewChange.installation !== undefined) {
    return;
  }
  if (!state.stateWhole) return forfeit(state, now, out);
  const offers = viewChange.received
    .filter((offer) => offer !== undefined)
    .filter((offer) => offer.incarnation === state.incarnations[offer.replicaNumber]);
  if (offers.length < quorumOf(state.epoch.configuration)) return;
  const chosen = chooseLog(offers);
  assert(chosen !== undefined, 'a quorum is never empty');
  const { from, commitNumber } = chosen;
  assert(commitNumber <= from.opNumber, 'the chosen log holds every committed op', {
    commitNumber,
    opNumber: from.opNumber,
  });
  beginInstallation(
    state,
    {
      reason: 'chosen',
      source: from.replicaNumber,
      viewNumber: state.viewNumber,
      opNumber: from.opNumber,
      headHash: from.headHash,
      commitNumber,
      encodedTail: from.entries,
    },
    now,
    out,
  );
}
