import type { Now } from '../boundary/input';
import type { ReconfigurationView } from '../replica/replica-view';
import { isMember, type Member } from '../state/configuration';
import { isNormalPrimary, type ReplicaState } from '../state/replica-state';
import { epochEndsHere } from './epoch-end';
import { isReady } from './objections';
import { isStarted, startedState } from './started';

/** How far the change of the group has come, as far as this replica knows: the primary knows most. (VRR §7.2: CHECKEPOCH) */
export function progressOf(state: ReplicaState, now: Now): ReconfigurationView {
  const { waiting } = state.reconfiguration;
  const { configuration, previous } = state.epoch;
  if (previous === undefined && waiting === undefined && !epochEndsHere(state)) return NO_CHANGE;
  const members = waiting?.wanted.members ?? configuration.members;
  const phase = phaseOf(state);
  const gone = (previous?.members ?? []).filter(
    (member) => !isMember(configuration, member.replicaNumber),
  );
  return {
    phase,
    members: members.map((member) => memberProgress(state, member, now)),
    mayRetire: phase === 'starting' || !isStarted(state) ? [] : gone.map(({ nodeId }) => nodeId),
  };
}

const NO_CHANGE: ReconfigurationView = { phase: 'done', members: [], mayRetire: [] };

function phaseOf(state: ReplicaState): ReconfigurationView['phase'] {
  if (state.reconfiguration.waiting !== undefined) return 'warming';
  if (epochEndsHere(state)) return 'committing';
  return isStarted(state) ? 'done' : 'starting';
}

function memberProgress(
  state: ReplicaState,
  { replicaNumber, nodeId }: Member,
  now: Now,
): ReconfigurationView['members'][number] {
  const { learners } = state.reconfiguration;
  const isSelf = replicaNumber === state.self;
  const told = isNormalPrimary(state) ? state.primary.acknowledgements : undefined;
  const opNumber = isSelf
    ? state.log.opNumber
    : (learners[replicaNumber]?.opNumber ?? told?.heldBy(replicaNumber));
  return {
    replicaNumber,
    nodeId,
    opNumber,
    warm: isReady(state, replicaNumber, now),
    started: startedState(state, replicaNumber) !== undefined,
  };
}
