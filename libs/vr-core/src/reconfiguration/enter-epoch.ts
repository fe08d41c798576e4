import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import { bodyOf } from '../state/log-entry';
import { viewNumber } from '../numbers/numbers';
import { sendCommit } from '../normal-operation/heartbeat';
import { assert } from '../state/assert';
import { memberOf, standingIn, type Epoch, type Standing } from '../state/configuration';
import { initialReconfiguration } from '../state/reconfiguration-state';
import { isNormalPrimary, type ReplicaState } from '../state/replica-state';
import { store } from '../state/storing';
import type { Status } from '../replica/replica-view';
import { leaveView } from '../view-change/leave-view';
import { changeRole } from '../witness/kept-state';
import { turnAway } from './turn-away';

/**
 * After every step: the last entry of the epoch is committed, so the next epoch begins, here and at whoever is told.
 * The old group hears of the commit first, in its own epoch. (VRR §7.1.1)
 */
export function followEpoch(state: ReplicaState, now: Now, out: Outbox): void {
  const { head } = state.log;
  if (head?.endsEpoch !== true || head.epochNumber !== state.epochNumber) return;
  if (state.commitNumber < head.opNumber || state.status === 'recovering') return;
  if (isNormalPrimary(state)) sendCommit(state, now, out);
  const { reconfiguration: configuration } = bodyOf(head);
  assert(configuration !== undefined, 'the last entry of an epoch carries the next group');
  const { opNumber: startOp, hash: startHash } = head;
  const previous = state.epoch.configuration;
  enterEpoch(state, { configuration, previous, startOp, startHash }, now, out);
}

/**
 * Leaves the old epoch for good. Epoch and view are on the disk before anything is said in them; what follows is done
 * from `stored` and by ticks. (VRR §7.1; §1.8, R4)
 */
export function enterEpoch(state: ReplicaState, epoch: Epoch, now: Now, out: Outbox): void {
  const { epochNumber, members } = epoch.configuration;
  assert(epochNumber > state.epochNumber, 'epochs only grow', { epochNumber });
  const was = memberOf(state.epoch.configuration, state.self)?.role;
  state.epoch = epoch;
  state.epochNumber = epochNumber;
  state.viewNumber = viewNumber(0);
  state.reconfiguration = initialReconfiguration();
  state.viewChange.votes.fill(undefined);
  state.viewChange.failed = 0;
  state.recovery.responses.fill(undefined);
  leaveView(state, now);
  changeRole(state, was);
  forgetStrangers(state);
  state.status = statusIn(state, standingIn(epoch, state.self));
  const numbers = members.map((member) => member.replicaNumber).join(', ');
  out.protocol(
    'epoch',
    `${epochNumber} begins after op ${epoch.startOp} with replicas ${numbers}: ${state.status}`,
  );
  out.add({ kind: 'epoch', epoch });
  turnAway(state, out);
  store(state, { promise: true }, out);
}

/** One that has lost its log is brought back by the new group, or, when it is not a member, not at all. (E35) */
export function statusIn(state: ReplicaState, standing: Standing): Status {
  const isRecovering = state.status === 'recovering';
  switch (standing) {
    case 'member':
      return isRecovering ? 'recovering' : 'transitioning';
    case 'replaced':
      return isRecovering ? 'retired' : 'transitioning';
    case 'newcomer':
      return 'learner';
    case 'former':
      return 'retired';
  }
}

/** Lives of replicas that have no part in the group any more are no longer told: what travels is bounded. */
function forgetStrangers(state: ReplicaState): void {
  const { epoch, incarnations, self } = state;
  const known = [...incarnations];
  const members = [...epoch.configuration.members, ...(epoch.previous?.members ?? [])];
  incarnations.length = 0;
  for (const number of [self, ...members.map((member) => member.replicaNumber)]) {
    const incarnation = known[number];
    if (incarnation !== undefined) incarnations[number] = incarnation;
  }
}
