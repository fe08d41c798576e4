import type { ByteString } from '../encoding/byte-string';
import {
  replicaNumber,
  type EpochNumber,
  type OpNumber,
  type ReplicaNumber,
  type ViewNumber,
} from '../numbers/numbers';
import { GENESIS } from './log-place';

/** An active replica executes and may be primary; a witness only holds what must not be lost. (VRR §6.1) */
export type Role = 'active' | 'witness';

/**
 * A member of a group. Its replica-number is its own for ever: it is never given to another machine or an emptied
 * folder, in whatever epoch, so a message of any epoch says who sent it. (E33)
 */
export interface Member {
  readonly replicaNumber: ReplicaNumber;
  readonly nodeId: string;
  readonly role: Role;
  /** Where other replicas reach it, and where clients do. The core only passes them on. */
  readonly peerUrl: string;
  readonly clientUrl: string;
}

/** The group of one epoch, in an explicit order that is part of it: the order of the primaries. (VRR §4, §7; E33) */
export interface Configuration {
  readonly epochNumber: EpochNumber;
  readonly members: readonly Member[];
  /** Above every number that a member of any epoch has had: where a new node's number begins. (E33) */
  readonly nextReplicaNumber: ReplicaNumber;
}

/** An epoch: its group, the one before it, and the op its log begins after. (VRR §7.1, Figure 4) */
export interface Epoch {
  readonly configuration: Configuration;
  /** Undefined in epoch 0. */
  readonly previous: Configuration | undefined;
  /** The RECONFIGURATION that ended the epoch before: its op and the hash of its entry. 0 and '' in epoch 0. */
  readonly startOp: OpNumber;
  readonly startHash: ByteString;
}

/** More than half, so that any two quorums meet; also right for even sizes, where f + 1 is not. (VRR §2.2; E27) */
export function quorumOf(configuration: Pick<Configuration, 'members'>): number {
  return Math.floor(configuration.members.length / 2) + 1;
}

/** How many replicas may fail at once. For people; the protocol counts quorums. (decision 5) */
export function faultsTolerated(configuration: Configuration): number {
  return configuration.members.length - quorumOf(configuration);
}

/** The primary is computed from the view-number, round-robin over the actives, never elected and never stored. (VRR §4, §6.1) */
export function primaryOf(configuration: Configuration, view: ViewNumber): ReplicaNumber {
  const actives = activesOf(configuration);
  const primary = actives[view % actives.length];
  if (primary === undefined) throw new RangeError('a group has an active member');
  return primary.replicaNumber;
}

export function memberOf(configuration: Configuration, number: ReplicaNumber): Member | undefined {
  return configuration.members.find((member) => member.replicaNumber === number);
}

export function isMember(configuration: Configuration, number: ReplicaNumber): boolean {
  return memberOf(configuration, number) !== undefined;
}

export function isWitness(configuration: Configuration, number: ReplicaNumber): boolean {
  return memberOf(configuration, number)?.role === 'witness';
}

/** Those that execute, in order. Remembered by configuration: it is asked for with every message. */
export function activesOf(configuration: Configuration): readonly Member[] {
  const known = actives.get(configuration);
  if (known !== undefined) return known;
  const found = configuration.members.filter((member) => member.role === 'active');
  actives.set(configuration, found);
  return found;
}

const actives = new WeakMap<Configuration, readonly Member[]>();

/** The first epoch of a group: no group before it, an empty log. */
export function firstEpoch(group: Omit<Configuration, 'nextReplicaNumber'>): Epoch {
  const configuration = { ...group, nextReplicaNumber: numberAfter(group.members) };
  return { configuration, previous: undefined, startOp: GENESIS.opNumber, startHash: GENESIS.hash };
}

/** The lowest number above those of all these members. */
export function numberAfter(members: readonly Member[]): ReplicaNumber {
  return replicaNumber(Math.max(-1, ...members.map((member) => member.replicaNumber)) + 1);
}

/** What a replica is to the group of an epoch. */
export type Standing =
  | 'member'
  /** It was a member in the epoch before: what it holds may still be needed. */
  | 'replaced'
  /** Its number was a member's, or has been passed over: it is none, and never will be again. */
  | 'former'
  /** It may yet become a member. */
  | 'newcomer';

export function standingIn({ configuration, previous }: Epoch, self: ReplicaNumber): Standing {
  if (isMember(configuration, self)) return 'member';
  if (previous !== undefined && isMember(previous, self)) return 'replaced';
  return self < configuration.nextReplicaNumber ? 'former' : 'newcomer';
}
