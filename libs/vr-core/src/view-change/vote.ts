import { activesOf } from '../state/configuration';
import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { StartViewChange } from '../messages/start-view-change';
import { nextView, type ViewNumber } from '../numbers/numbers';
import { primaryOf, quorumOf } from '../state/configuration';
import {
  headerOf,
  isNormalPrimary,
  isPrimary,
  knownIncarnations,
  othersOf,
  primaryOfView,
  type ReplicaState,
} from '../state/replica-state';
import { endGrant } from '../reads/lease-grant';
import { enterViewChange } from './enter-view-change';
import { offerStartView } from './send-start-view';

/**
 * Says that this replica would leave its view. Nothing has changed yet: only q such votes move anyone, so one replica
 * with a bad link disturbs nobody. (VRR §4.2, step 1; E16; D4)
 */
export function vote(
  state: ReplicaState,
  view: ViewNumber,
  reason: string,
  now: Now,
  out: Outbox,
): void {
  state.viewChange.votes[state.self] = { viewNumber: view, atMs: now.monotonicMs };
  out.protocol('suspect', `votes for view ${view}: ${reason}`);
  // A primary that would leave may be believed at once, so it reads alone no more, also if this view goes on. (E37 f)
  if (isNormalPrimary(state)) state.backup.abdicated = true;
  const servesFrom = isNormalPrimary(state) ? nextView(state.viewNumber) : state.viewNumber;
  for (const other of othersOf(state)) {
    out.send(other, {
      kind: 'StartViewChange',
      ...headerOf(state),
      viewNumber: view,
      servesFrom,
      incarnations: knownIncarnations(state),
    });
  }
  countVotes(state, now, out);
}

export function onStartViewChange(
  state: ReplicaState,
  message: StartViewChange,
  now: Now,
  out: Outbox,
): void {
  const { viewNumber, replicaNumber, servesFrom } = message;
  endGrant(state, replicaNumber, message.incarnation, servesFrom);
  if (viewNumber <= state.viewNumber) {
    out.ignore(message, 'older view');
    // It has missed our view, or its STARTVIEW was lost.
    if (isNormalPrimary(state)) offerStartView(state, replicaNumber, now, out);
    return;
  }
  state.viewChange.votes[replicaNumber] = { viewNumber, atMs: now.monotonicMs };
  // The primary's own vote is an abdication: nobody needs to wait for its silence. Not one from before this view: it
  // may have given up waiting for the very view that it then began. (decision 8; E37 f)
  if (replicaNumber === primaryOfView(state) && servesFrom > state.viewNumber) {
    state.backup.abdicated = true;
  }
  if (wouldFollow(state, now)) {
    const mine = state.viewChange.votes[state.self]?.viewNumber ?? viewNumber;
    if (mine <= viewNumber && !votedLately(state, viewNumber, now)) {
      return vote(state, viewNumber, `follows replica ${replicaNumber}`, now, out);
    }
  } else {
    out.ignore(message, 'the primary is heard');
  }
  countVotes(state, now, out);
}

/** The next view whose primary is not known to be unreachable, so that two dead replicas cost one view change. */
export function nextLiveView(state: ReplicaState): ViewNumber {
  let view = nextView(state.viewNumber);
  for (let tried = 1; tried < activesOf(state.epoch.configuration).length; tried += 1) {
    if (!state.lostPeers[primaryOf(state.epoch.configuration, view)]) return view;
    view = nextView(view);
  }
  return nextView(state.viewNumber);
}

export function votedLately(state: ReplicaState, view: ViewNumber, now: Now): boolean {
  const mine = state.viewChange.votes[state.self];
  return (
    mine !== undefined &&
    mine.viewNumber >= view &&
    now.monotonicMs - mine.atMs < state.limits.voteMs / 3
  );
}

/** A replica that hears its primary does not follow another's suspicion. (E16; RAFT's CheckQuorum is the relative) */
function wouldFollow(state: ReplicaState, now: Now): boolean {
  const { limits, viewChange, backup, lostPeers } = state;
  if (state.status === 'view-change') {
    return now.monotonicMs - viewChange.enteredAtMs >= limits.viewChangeMs / 2;
  }
  if (isPrimary(state)) return !state.primary.inTouch;
  return (
    backup.abdicated ||
    backup.silentMs >= limits.stickyMs ||
    lostPeers[primaryOfView(state)] === true
  );
}

/** q replicas would leave for this view or a later one: they need no more of us than to come along. */
function countVotes(state: ReplicaState, now: Now, out: Outbox): void {
  const fresh = state.viewChange.votes
    .filter((one) => one !== undefined)
    .filter((one) => now.monotonicMs - one.atMs < state.limits.voteMs)
    .map((one) => one.viewNumber)
    .sort((a, b) => b - a);
  const agreed = fresh[quorumOf(state.epoch.configuration) - 1];
  if (agreed !== undefined && agreed > state.viewNumber) {
    enterViewChange(state, agreed, 'a quorum would leave', now, out);
  }
}
