import type { Now } from '../boundary/input';
import type { Objection, Reconfigure } from '../group/operations';
import { GROUP_SIZE_MAX } from '../messages/header';
import type { ReplicaNumber } from '../numbers/numbers';
import {
  activesOf,
  isWitness,
  memberOf,
  quorumOf,
  type Configuration,
  type Member,
} from '../state/configuration';
import type { ReplicaState } from '../state/replica-state';
import { isStarted } from './started';

export const GROUP_SIZE_MIN = 3;

/** What is wrong with a group whatever happens: it is refused before it enters the log. (§1.8, R1; decision 34) */
export function objectionsTo(
  current: Configuration,
  { epochNumber, members }: Reconfigure,
): Objection[] {
  const rules: readonly (readonly [Objection, boolean])[] = [
    ['another-epoch', epochNumber === current.epochNumber],
    ['group-size', hasGoodSize(current, members)],
    ['witness-count', hasGoodWitnesses(members)],
    ['repeated-node', areDistinct(members)],
    ['changed-number', members.every((member) => keepsItsNumber(current, member))],
    ['used-number', members.every((member) => isMemberOrNew(current, member))],
  ];
  return rules.filter(([, holds]) => !holds).map(([objection]) => objection);
}

/**
 * What the new group would still lack: an epoch that cannot begin could not be taken back either. The epoch before must
 * have started as well, so that whoever hears of the next one knows that nobody needs what it holds. (E31; §1.8, R2, R7)
 */
export function obstaclesTo(state: ReplicaState, { members }: Reconfigure, now: Now): Objection[] {
  const heard = members.filter((member) => heardLately(state, member.replicaNumber, now));
  const active = (member: Member): boolean => member.role === 'active';
  const quorum = quorumOf({ members });
  const holders = Math.min(members.length - quorum + 1, members.filter(active).length);
  const obstacles: Objection[] = [];
  if (!isStarted(state)) obstacles.push('epoch-not-started');
  if (!members.every((member) => isReady(state, member.replicaNumber, now)))
    obstacles.push('not-warm');
  if (
    heard.length < quorum ||
    heard.filter(active).length < holders ||
    losesState(state, members, now)
  )
    obstacles.push('too-few-heard');
  return obstacles;
}

/**
 * A witness that becomes active has no state: until it has, so many others must hold it that one of them survives. Those
 * that are active now count, also when they become witnesses or leave, for they serve until it has. (E30, E31; ADR 11)
 */
function losesState(state: ReplicaState, members: readonly Member[], now: Now): boolean {
  const { configuration } = state.epoch;
  if (!members.some((member) => isPromoted(configuration, member))) return false;
  const actives = members.filter(({ role, replicaNumber }) => {
    return role === 'active' && memberOf(configuration, replicaNumber) === undefined;
  });
  const holding = [...activesOf(configuration), ...actives].filter(({ replicaNumber: number }) => {
    return heardLately(state, number, now) && isNear(state, number);
  });
  return holding.length < members.length - quorumOf({ members }) + 1;
}

export function isPromoted(current: Configuration, { replicaNumber, role }: Member): boolean {
  return role === 'active' && isWitness(current, replicaNumber);
}

function isNear(state: ReplicaState, number: ReplicaNumber): boolean {
  if (number === state.self) return true;
  const { primary, reconfiguration, commitNumber, limits } = state;
  const held =
    reconfiguration.learners[number]?.opNumber ?? primary.acknowledgements.heldBy(number);
  return commitNumber - held <= limits.learnerLagOpsMax;
}

/** A member, or a newcomer that asked lately for little more than what has just been committed. (VRR §7.5) */
export function isReady(state: ReplicaState, number: ReplicaNumber, now: Now): boolean {
  if (memberOf(state.epoch.configuration, number) !== undefined) return true;
  const learner = state.reconfiguration.learners[number];
  if (learner === undefined || now.monotonicMs - learner.atMs >= state.limits.abdicateMs) {
    return false;
  }
  return state.commitNumber - learner.opNumber <= state.limits.learnerLagOpsMax;
}

export function heardLately(state: ReplicaState, number: ReplicaNumber, now: Now): boolean {
  if (number === state.self) return true;
  const heardAtMs =
    state.primary.acknowledgements.heardAtMs(number) ??
    state.reconfiguration.learners[number]?.atMs;
  return heardAtMs !== undefined && now.monotonicMs - heardAtMs < state.limits.stickyMs;
}

/** Three to nine; a group of one may stay one. Two would be worse than one. */
function hasGoodSize(current: Configuration, { length }: readonly Member[]): boolean {
  if (length === 1) return current.members.length === 1;
  return length >= GROUP_SIZE_MIN && length <= GROUP_SIZE_MAX;
}

/** None, or just those that may fail, beside just so many actives that one survives. (VRR §6.1) */
function hasGoodWitnesses(members: readonly Member[]): boolean {
  const witnesses = members.filter((member) => member.role === 'witness').length;
  if (witnesses === 0) return true;
  return members.length % 2 === 1 && witnesses === (members.length - 1) / 2;
}

function areDistinct(members: readonly Member[]): boolean {
  const faces: readonly ((member: Member) => unknown)[] = [
    (member) => member.nodeId,
    (member) => member.replicaNumber,
    (member) => member.peerUrl,
    (member) => member.clientUrl,
  ];
  return faces.every((face) => {
    const named = members.map(face).filter((value) => value !== '');
    return new Set(named).size === named.length;
  });
}

function keepsItsNumber(current: Configuration, { nodeId, replicaNumber }: Member): boolean {
  const known = current.members.filter(
    (member) => member.nodeId === nodeId || member.replicaNumber === replicaNumber,
  );
  return known.every(
    (member) => member.nodeId === nodeId && member.replicaNumber === replicaNumber,
  );
}

function isMemberOrNew(current: Configuration, { replicaNumber }: Member): boolean {
  return (
    replicaNumber >= current.nextReplicaNumber || memberOf(current, replicaNumber) !== undefined
  );
}
